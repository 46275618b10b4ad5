"""What has to be true of a command that was run first and alone."""

from tests.first import table
from tests.first.run import Run


def judge(run: Run) -> str:
    """Run it: it ends well, or refuses in known words, and leaves git clean; return what it printed."""
    code, said = run.run()
    told = f"{run.case.documents[0]} shows\n{run.script}\nexit {code}\n{said[-6000:]}"
    refused = run.case.look(table.REFUSED)
    if refused:
        assert code != 0, told
        assert refused in said, told
        assert "Traceback" not in said, told
    else:
        assert code == 0, told
        # As of a target that is declared and has no rule.
        assert "Nothing to be done" not in said, told
    assert run.changed() == [], told
    if run.case.look({table.TAKES_AWAY: True}):
        assert run.containers() == [], told
    return said
