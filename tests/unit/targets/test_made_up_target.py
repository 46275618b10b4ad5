"""A target is one folder: a made-up one is checked, planned, compared, carried and deployed to."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]

RULES = '''
"""A made-up target."""

from ....context.model import Settings
from ....context.target_rules import ContextRules
from ....diff.target_rules import ENGINE
from ....plan.target_rules import PlanRules
from ....spec.target_rules import SpecRules
from ...target import Target

TARGET = Target(
    title="Moon",
    summary="One machine, far away.",
    spec=SpecRules(
        fields=("namespace",),
        faults=lambda data: [
            (("environments", name, "target"), "nothing runs on the moon without a registry")
            for name in data.of_target("moon")
            if data.registry is None
        ],
    ),
    context=ContextRules(
        scales=True,
        pulls=True,
        published=False,
        url=lambda settings, port: "https://moon.example",
        settings=lambda system, name, environment: Settings(namespace=environment.namespace or "tranquility"),
        location=lambda settings: (f"crater {settings.namespace}",),
    ),
    plan=PlanRules(warnings=lambda context, environment: ["the moon is far"]),
    diff=ENGINE,
)
'''
DEPLOY = '''
"""What runs on the moon."""

import pulumi


def deploy(plan):
    for service in plan.services:
        pulumi.export(service.name, f"{service.image.name} in {plan.settings.namespace}")
    return pulumi.Output.from_input(plan.url)
'''
SPEC = """\
name: shop
registry: ghcr.io/acme
environments: {prod: {target: moon}, dev: {target: docker}}
services: {orders: {runtime: python, route: /orders, scale: {max: 3}}}
"""
PROGRAM = """\
import asyncio, json, sys
import pulumi
from pulumi.runtime import mocks, settings, stack

class Nothing(mocks.Mocks):
    def new_resource(self, args):
        return args.name, args.inputs
    def call(self, args):
        return {}

mocks.set_mocks(Nothing(), project="shop", stack="prod")
outputs = {}
pulumi.export = lambda name, value: outputs.update({name: value})
from pulumi_stacks import program

@pulumi.runtime.test
def run():
    program.run("../cn.yaml")
    return pulumi.Output.all(**outputs).apply(lambda found: print(json.dumps(found)))

run()
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own sources with one more folder, and the lists that are written from the folders."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("examples", "generator", "pulumi_stacks", "scripts", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    target = folder / "pulumi_stacks" / "targets" / "moon"
    for path, text in {
        "__init__.py": '"""The moon."""\n',
        "rules/__init__.py": RULES,
        "deploy.py": DEPLOY,
    }.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(text)
    listed = "from scripts.template_defaults import write; from pathlib import Path; "
    (folder / "copier.yml").write_text((ROOT / "copier.yml").read_text())
    run(folder, "-c", f"{listed}p = Path('copier.yml'); p.write_text(write(p.read_text()))")
    return folder


def run(folder: Path, *words: str, code: int = 0, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=cwd or folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def cn(checkout: Path, *words: str, code: int = 0, cwd: Path) -> str:
    entry = {"cn-new": "main_new", "cn": "main_cn"}[words[0]]
    program = f"import sys; from generator.entry import {entry}; sys.exit({entry}())"
    return run(checkout, "-c", program, *words[1:], code=code, cwd=cwd)


def test_it_is_checked_by_its_own_rules(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "cn.yaml").write_text(SPEC.replace("registry: ghcr.io/acme", "ci: none"))
    printed = cn(checkout, "cn-new", "shop", "--spec", "cn.yaml", code=2, cwd=tmp_path)
    assert "cn.yaml:3:31: environments.prod.target: nothing runs on the moon without a registry" in printed


def test_its_fields_belong_to_it(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "cn.yaml").write_text(SPEC.replace("target: moon", "target: docker, namespace: sea"))
    printed = cn(checkout, "cn-new", "shop", "--spec", "cn.yaml", code=2, cwd=tmp_path)
    assert "environments.prod.namespace: requires target kubernetes, moon" in printed


def test_a_system_on_it_is_created_compared_and_deployed(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "cn.yaml").write_text(SPEC)
    cn(checkout, "cn-new", "shop", "--spec", "cn.yaml", cwd=tmp_path)
    infra = tmp_path / "shop" / "infra"
    carried = {path.parent.name for path in infra.glob("pulumi_stacks/targets/*/deploy.py")}
    assert carried == {"docker", "moon"}
    assert "prod  moon, crater tranquility\n" in cn(checkout, "cn", "graph", cwd=tmp_path / "shop")
    (tmp_path / "other.yaml").write_text(SPEC.replace("target: moon", "target: docker"))
    compared = run(infra, "-m", "pulumi_stacks.diff", "../cn.yaml", str(tmp_path / "other.yaml"), cwd=infra)
    assert "prod moves (target moon" in compared
    deployed = run(infra, "-c", PROGRAM, cwd=infra)
    assert '"orders": "ghcr.io/acme/shop-orders in tranquility"' in deployed
    assert "the moon is far" in deployed
    assert "cn:port" not in yaml.safe_load((infra / "Pulumi.prod.yaml").read_text())["config"]


def test_its_repository_is_complete(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "cn.yaml").write_text(SPEC)
    cn(checkout, "cn-new", "shop", "--spec", "cn.yaml", cwd=tmp_path)
    planned = {
        name: subprocess.run(
            ["make", "--dry-run", "down", f"ENV={name}", "DATA=delete"],
            cwd=tmp_path / "shop",
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in ("prod", "dev")
    }
    assert "destroy --stack prod" in planned["prod"]
    assert "pulumi_stacks.targets" not in planned["prod"]
    for command in ("sweep", "delete-data"):
        assert f"python -m pulumi_stacks.targets.docker {command} dev" in planned["dev"]
    readme = (tmp_path / "shop" / "README.md").read_text()
    assert "| `prod` | `https://moon.example` |" in readme
    assert "Kubernetes" not in readme
