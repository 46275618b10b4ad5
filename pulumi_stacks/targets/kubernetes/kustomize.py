"""An environment as files for tools that apply them: one for each service, and a list of all. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from .manifests.system import System, secret_name
from .manifests.workloads import pulls_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...plan.model import DeploymentPlan
    from .manifests.metadata import Object
    from .manifests.workloads import Limits

LIST = "kustomization.yaml"


def files(plan: DeploymentPlan, limits: Limits) -> dict[str, str]:
    """Return the texts of all files by their names. The Secrets of databases are not among them."""
    system = System(plan, limits, applied=True)
    found: dict[str, Iterable[Object]] = {"namespace.yaml": (system.namespace(), system.nobody())}
    for service in plan.services:
        settings = system.settings(service)
        bundle = system.service(service, settings["metadata"]["name"], secret_name(service))
        # No service is called so that its file is another one.
        found[f"service-{service.key}.yaml"] = (settings, *bundle.objects)
    settings = system.settings(None)
    found["gateway.yaml"] = (settings, *system.gateway(settings["metadata"]["name"]).objects)
    texts = {name: "---\n".join(map(_text, objects)) for name, objects in found.items()}
    listed = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": [*texts]}
    return {**texts, LIST: _text(listed)}


def secrets(plan: DeploymentPlan) -> dict[str, tuple[str, ...]]:
    """Return the names of the Secrets that have to be there, each with its keys."""
    name = pulls_by(plan.cluster) if plan.cluster else ""
    return ({name: (".dockerconfigjson",)} if name else {}) | {
        secret_name(service): ("url",) if service.given_for else ("password", "url")
        for service in plan.services
        if service.replicas[0].secrets
    }


class _Dumper(yaml.SafeDumper):
    """Writes lists indented, texts of many lines as they are, and nothing by reference."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def analyze_scalar(self, scalar: str) -> Any:
        """Let a text of many lines have tabs, as the gateway's has, but for one that begins with a tab."""
        analysis = super().analyze_scalar(scalar)
        # libyaml, and what was made after it, takes a tab there for an indentation.
        if "\n" in scalar and not scalar.lstrip("\n ").startswith("\t"):
            analysis.allow_block = super().analyze_scalar(scalar.replace("\t", "x")).allow_block
        return analysis

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _literal(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # What other readers of YAML might take for a number or a truth is quoted.
    plain = re.fullmatch(r"[A-Za-z_/][\w./:@-]*", text) and not re.fullmatch(r"(?i)[yn]", text)
    style = "|" if "\n" in text else None if plain else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _literal)


def _text(made: Mapping[str, Any]) -> str:
    return str(yaml.dump(made, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True))
