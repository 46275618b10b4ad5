"""The layout and quoting of a new cn.yaml."""

import pytest
import yaml

from generator.authoring.spec_writer import write
from pulumi_stacks.system import load

SYSTEM = {
    "spec": 1,
    "name": "shop",
    "description": "Sells things",
    "owner": "@acme/shop",
    "environments": {"dev": {"target": "docker", "diagnostics": True}},
}
LAID_OUT = (
    "spec: 1\n"
    "name: shop\n"
    "description: Sells things\n"
    'owner: "@acme/shop"\n'
    "environments:\n"
    "  dev: {target: docker, diagnostics: true}\n"
)


def test_a_file_is_laid_out_as_people_write_one():
    service = {
        "runtime": "python",
        "calls": ["b"],
        "scale": {"min": 2},
        "resources": {"cpu": "500m", "memory": "1Gi"},
        "config": {f"VARIABLE_{letter}": "some value" for letter in "ABCDE"},
        "environments": {},
    }
    site = {"image": "caddy:2", "port": 80, "command": ["caddy", "run", *(["--a-long-flag"] * 8)]}
    assert write({**SYSTEM, "services": {"a": service, "b": site}}).decode() == (
        LAID_OUT + "services:\n"
        "  a:\n"
        "    runtime: python\n"
        "    calls: [b]\n"
        "    scale: {min: 2}\n"
        "    resources: {cpu: 500m, memory: 1Gi}\n"
        "    config:\n"
        + "".join(f"      VARIABLE_{letter}: some value\n" for letter in "ABCDE")
        + "    environments: {}\n"
        "  b:\n"
        "    image: caddy:2\n"
        "    port: 80\n"
        "    command:\n"
        "      - caddy\n"
        "      - run\n" + '      - "--a-long-flag"\n' * 8
    )


WORDS = "no|1.10|22:22|a: b|a:|a #b|- x|#|'|\"|\\|~|null|*a|&a|@x|5m|0x1|1e3|a  b|a | a|a:22|x, y|x]|on|Yes|"


@pytest.mark.parametrize("text", WORDS.split("|"))
def test_any_text_reads_back_as_itself_in_both_versions_of_yaml(text):
    written = write(
        {"name": "shop", "description": text, "services": {"a": {"runtime": "go", "config": {"A": text}}}}
    )
    assert yaml.safe_load(written)["description"] == text
    assert yaml.safe_load(written)["services"]["a"]["config"]["A"] == text
    assert load(written).description == text
