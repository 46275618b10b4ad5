"""The manifests of an environment as files for kustomize: one per service, and the kustomization. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from .cluster import cluster_of
from .manifests.system import SystemManifests, secret_name
from .manifests.workloads import pull_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...plan.model import DeploymentPlan
    from .manifests.metadata import Object
    from .manifests.workloads import Timeouts

LIST = "kustomization.yaml"


def files(plan: DeploymentPlan, timeouts: Timeouts) -> dict[str, str]:
    """Return the texts of all files by their names, without the Secrets."""
    system = SystemManifests(plan, timeouts, applied=True)
    found: dict[str, Iterable[Object]] = {"namespace.yaml": (system.namespace(), system.default_deny())}
    for service in plan.services:
        config_map = system.config_map(service)
        workload = system.service(service, config_map["metadata"]["name"], secret_name(service))
        # The prefix keeps it apart from the other files, whatever the name of the service.
        found[f"service-{service.key}.yaml"] = (config_map, *workload.objects)
    config_map = system.config_map(None)
    found["gateway.yaml"] = (config_map, *system.gateway(config_map["metadata"]["name"]).objects)
    texts = {name: "---\n".join(map(_text, objects)) for name, objects in found.items()}
    listed = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": [*texts]}
    return {**texts, LIST: _text(listed)}


def secrets(plan: DeploymentPlan) -> dict[str, tuple[str, ...]]:
    """Return the names of the Secrets to create before the manifests are applied, each with its keys."""
    name = pull_secret_name(cluster_of(plan))
    return ({name: (".dockerconfigjson",)} if name else {}) | {
        secret_name(service): ("url",) if service.given_for else ("password", "url")
        for service in plan.services
        if service.replicas[0].secrets
    }


class _Dumper(yaml.SafeDumper):
    """Dumps lists indented, multi-line texts as literal blocks, and no anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def analyze_scalar(self, scalar: str) -> Any:
        """Allow tabs in a literal block, as the Caddyfile has them, unless the text begins with one."""
        analysis = super().analyze_scalar(scalar)
        # libyaml, and what was made after it, takes a tab there for an indentation.
        if "\n" in scalar and not scalar.lstrip("\n ").startswith("\t"):
            analysis.allow_block = super().analyze_scalar(scalar.replace("\t", "x")).allow_block
        return analysis

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _literal(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # YAML 1.1 parsers would read an unquoted `y` or number as another type.
    plain = re.fullmatch(r"[A-Za-z_/][\w./:@-]*", text) and not re.fullmatch(r"(?i)[yn]", text)
    style = "|" if "\n" in text else None if plain else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _literal)


def _text(made: Mapping[str, Any]) -> str:
    return str(yaml.dump(made, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True))
