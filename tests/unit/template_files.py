"""Small templates in a folder, for the tests of reading and rendering them."""

from pathlib import Path

COPIER = """\
_subdirectory: templates/project
_envops: {undefined: jinja2.StrictUndefined}
name: {type: str, default: demo}
services: {type: yaml, default: [{name: a, routes: [x, y]}, {name: b, routes: []}]}
"""


def write_template(root: Path, files: dict[str, str], copier: str = COPIER) -> Path:
    """Write a template whose `files` lie in templates/project/ (or, beginning with `../`, beside it)."""
    for path, text in {"../../copier.yml": copier, **files}.items():
        target = (root / "templates/project" / path).resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return root
