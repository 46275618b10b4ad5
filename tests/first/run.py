"""One case, run on a machine of its own in a fresh place."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from generator.rendering.template import open_template
from generator.repository import writer
from generator.repository.build import build
from tests.e2e.system import command, docker, free_port
from tests.first import table
from tests.first.cases import MORE, ROOT, SPEC, Case, cases
from tests.first.fresh import Machine

PORTS = ("5432", "8000", "8080", "8081", "9000")
PORT = re.compile(rf"(?<=127\.0\.0\.1:)({'|'.join(PORTS)})\b|(?<=PORT=)({'|'.join(PORTS)})\b")
ENGINE = ("docker", "pulumi")  # answer nothing to what is quick
OURS = {"cn", "cn-new", "copier"}
GIT = (
    "git init --quiet --initial-branch main",
    "git add --all",
    "git -c user.name=x -c user.email=x@example.com commit --quiet --message Start",
    "git tag v1.2",
    "git update-ref refs/remotes/origin/main HEAD",
)


class Run:
    """A case, and where it is run; what it has on the engine has a number in its name."""

    def __init__(self, case: Case, folder: Path, *, identity: bool = True) -> None:
        self.case = case
        self.number = f"{cases().index(case):03d}"
        self.ports = {port: str(free_port()) for port in PORTS}
        self.machine = Machine.make(folder / "machine", ours=bool(case.heads & OURS), identity=identity)
        if case.quick:
            for tool in ENGINE:
                (self.machine.tools / tool).write_text("#!/bin/sh\nexit 127\n")
                (self.machine.tools / tool).chmod(0o755)
        self.root = folder / "here"
        self.root.mkdir()
        if case.place == "checkout":
            self.checkout()
        else:
            self.repository(MORE if case.documents[0].startswith("more-x/") else SPEC)
        self.folder = self.root / self.named(case.place) if case.place.startswith("services/") else self.root

    def named(self, text: str) -> str:
        """Give names and ports of this run to what is written for all."""
        text = re.sub(r"\b(first|more)-x\b", rf"\1-{self.number}", text)
        text = re.sub(r"\bFIRST_X_", f"FIRST_{self.number}_", text)
        if self.case.place == "checkout":
            text = re.sub(r"(?<![\w-])shop\b", f"first-{self.number}", text)
        return PORT.sub(lambda found: self.ports[found[0]], text)

    @property
    def script(self) -> str:
        lines = list(self.case.script)
        for old, new in table.INSTEAD.items():
            lines = [re.sub(f"^{old}$", new, line) for line in lines]
        return self.named("\n".join(lines))

    def checkout(self) -> None:
        """Copy what is in this checkout; the example with fewer services, and a name of this run."""
        command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.root / name)
        spec = self.named(SPEC)
        (self.root / "cn.yaml").write_text(spec)
        (self.root / "examples/02-shop/cn.yaml").write_text(spec)
        if "make" in self.case.heads:
            self.environment(Path(sys.prefix), self.root / ".venv")

    def environment(self, real: Path, folder: Path) -> None:
        """Link what `make setup` makes, for this copy of the sources; .ci/run has it made from nothing."""
        shutil.copytree(real / "bin", folder / "bin", symlinks=True)
        shutil.copy2(real / "pyvenv.cfg", folder)
        for site in real.glob("lib/python*/site-packages"):
            here = folder / site.relative_to(real)
            here.mkdir(parents=True)
            for entry in site.iterdir():
                if entry.suffix == ".pth":
                    text = entry.read_text().replace(str(ROOT), str(self.root))
                    (here / entry.name).write_text(text)
                else:
                    (here / entry.name).symlink_to(entry)
        (folder / ".ready").touch()

    def repository(self, spec: str) -> None:
        writer.create(self.root, build(self.named(spec).encode(), "cn.yaml", open_template()).tree)
        settings = self.root / "infra/Pulumi.dev.yaml"
        settings.write_text(settings.read_text().replace('"8080"', f'"{self.ports["8080"]}"'))
        code, said = self.machine.run("\n".join(GIT), self.root)
        assert code == 0, said

    def run(self) -> tuple[int, str]:
        """Run the lines as a reader does; where it asks, this answers."""
        given = {}
        if "docker" in self.case.heads and "GATEWAY_PORT" not in self.script:
            given["GATEWAY_PORT"] = self.ports["8000"]
        if re.search(r"\bpulumi (up|destroy|.*stack rm)\b", self.script):
            given["PULUMI_SKIP_CONFIRMATIONS"] = "true"  # as a person confirms
        if self.case.look({table.SERVES: True}):
            given["PORT"] = self.ports["8080"]
            return self.machine.serve(self.script, self.folder, given, int(given["PORT"]))
        return self.machine.run(self.script, self.folder, given, self.case.look(table.GIVEN) or "")

    def changed(self) -> list[str]:
        """Name the files of the repository that are not as they were committed, nor said to be written."""
        if self.case.place == "checkout":
            return []
        code, said = self.machine.run("git status --porcelain --untracked-files=all", self.root)
        assert code == 0, said
        allowed = self.case.look(table.WRITES) or ""
        return [line for line in said.splitlines() if not re.fullmatch(allowed, line[3:].strip('"'))]

    @property
    def ours(self) -> re.Pattern[str]:
        return re.compile(rf"(first|more)-{self.number}(?!\d)")

    def containers(self) -> list[str]:
        names = docker("ps", "--all", "--format", "{{.Names}}").split()
        return [name for name in names if self.ours.search(name)]

    def remove(self) -> None:
        """Remove what the engine has of it."""
        for what, listed, removed in (
            ("{{.Names}}", ("ps", "--all"), ("rm", "--force", "--volumes")),
            ("{{.Name}}", ("network", "ls"), ("network", "rm")),
            ("{{.Name}}", ("volume", "ls"), ("volume", "rm", "--force")),
            ("{{.Repository}}:{{.Tag}}", ("image", "ls"), ("image", "rm", "--force")),
        ):
            found = [name for name in docker(*listed, "--format", what).split() if self.ours.search(name)]
            if found:
                docker(*removed, *found, ok=False)
        if "kubectl" in self.case.needs:
            namespace = f"first-{self.number}-prod"
            command(
                "kubectl", "delete", "namespace", namespace, "--ignore-not-found", "--wait=false", ok=False
            )
