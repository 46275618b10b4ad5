"""ci/push.sh: the digest that a push had, whatever the engine calls the image."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.repository.ci_repository import Repository, make, rendered

DIGEST, OLDER = f"sha256:{'c0ffee00' * 8}", f"sha256:{'0badc0de' * 8}"
# A registry as cn.yaml has it, and how an engine writes the names below it.
REGISTRIES = {
    "docker.io/acme": "acme",
    "index.docker.io/acme": "acme",
    "acme": "acme",
    "ghcr.io/acme": "ghcr.io/acme",
    "127.0.0.1:5000": "127.0.0.1:5000",
    "registry.example.com:8443/team/shop": "registry.example.com:8443/team/shop",
}
# An engine, as far as the scripts use one: it has two digests of other tags and registries besides.
ENGINE = f"""#!/bin/sh
case "$*" in
  build*) ;;
  push*--quiet*) echo "$PUSHED" ;;
  push*)
    [ -z "$FAILS" ] || {{ echo "denied: requested access to the resource is denied" >&2; exit 1; }}
    echo "The push refers to repository [$PUSHED]"
    echo "5f70bf18a086: Layer already exists"
    [ -n "$SILENT" ] || echo "${{PUSHED##*:}}: digest: {DIGEST} size: 528"
    ;;
  image*inspect*)
    printf '%s@%s\\n' "$SHORT" {OLDER} other.example.com/x {OLDER} "$SHORT" {DIGEST}
    ;;
  *) echo "fake docker: $*" >&2; exit 64 ;;
esac
"""


def pushed(folder: Path, registry: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ci/push.sh of a system with this registry, beside that engine."""
    spec = f"name: pair\nregistry: {registry}\nenvironments: {{prod: {{target: kubernetes}}}}\n"
    tree = rendered(f"{spec}services:\n  api: {{runtime: go, route: /api}}\n".encode())
    shop = make(folder / "shop", "api")
    shop.commit({path: file.data.decode() for path, file in tree.items() if path.startswith("ci/")})
    tools = folder / "tools"
    tools.mkdir()
    (tools / "docker").write_text(ENGINE)
    (tools / "docker").chmod(0o755)
    short = f"{REGISTRIES.get(registry, registry)}/pair-api"
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    return Repository(shop.folder).run(
        "ci/push.sh",
        "api",
        "1.2",
        variables={"PATH": path, "PUSHED": f"{short}:1.2", "SHORT": short, "SILENT": "", "FAILS": ""}
        | variables,
    )


@pytest.mark.parametrize("registry", REGISTRIES)
def test_a_push_prints_the_digest_that_it_had_under_the_name_of_cn_yaml(
    registry: str, tmp_path: Path
) -> None:
    done = pushed(tmp_path, registry)
    assert (done.returncode, done.stdout) == (0, f"{registry}/pair-api@{DIGEST}\n"), done.stderr


def test_what_the_engine_says_of_a_push_goes_to_standard_error(tmp_path: Path) -> None:
    assert "Layer already exists" in pushed(tmp_path, "ghcr.io/acme").stderr


def test_a_push_that_fails_prints_only_its_reason(tmp_path: Path) -> None:
    done = pushed(tmp_path, "docker.io/acme", FAILS="1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "denied: requested access" in done.stderr


def test_a_push_without_a_digest_ends_with_a_reason(tmp_path: Path) -> None:
    done = pushed(tmp_path, "docker.io/acme", SILENT="1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(
        "ci/push.sh: docker push printed no digest of docker.io/acme/pair-api:1.2; use Docker's own client\n"
    )
