"""The README of a generated repository, its commands for plain Pulumi taken word for word."""

import re

from tests.e2e.system import System, docker


def commands(system: System) -> list[str]:
    readme = (system.folder / "README.md").read_text()
    [block] = re.findall(r"With plain Pulumi commands:\n\n```sh\n(.*?)```", readme, re.DOTALL)
    return block.splitlines()


def run(system: System, lines: list[str]) -> str:
    """Run lines in one shell; where a person would confirm or choose a free port, so does this."""
    port = f"pulumi config set --stack dev cn:port {system.port}"
    script = [part for line in lines for part in ([line, port] if "stack init" in line else [line])]
    return system.run("env", "PULUMI_SKIP_CONFIRMATIONS=true", "sh", "-ec", "\n".join(script)).stdout


def test_the_plain_commands_of_the_readme_start_and_remove_the_system(hello: System) -> None:
    lines = commands(hello)
    [last] = [number for number, line in enumerate(lines) if line.startswith("pulumi destroy")]
    run(hello, lines[:last])
    assert hello.call("GET", "/hello/openapi.json")[0] == 200
    assert hello.containers(role="service")
    setup = [line for line in lines[:last] if line.startswith(("cd ", "export "))]
    run(hello, [*setup, *lines[last:]])
    assert hello.remains() == []
    assert docker("ps", "-aq", "--filter", f"label=cn-new.project={hello.name}").split() == []
