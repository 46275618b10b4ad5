"""What every manifest has to keep: Pod Security `restricted`, limits, probes, budgets, names."""

import re
from collections.abc import Iterator

from tests.unit.clusters import Object, of_kind, templates

# A literal in a variable that a person would take for a secret.
SECRET = re.compile(r"(?i)://[^/\s:@]+:[^/\s@]+@|BEGIN [A-Z ]*PRIVATE KEY|^(AKIA|gh[pousr]_|sk_live_)")
SECRET_NAME = re.compile(r"(PASSWORD|TOKEN|SECRET|CREDENTIAL|_KEY)$|^DATABASE_URL$")
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
QUANTITIES = {"cpu", "memory"}
PROBES = {"startupProbe", "livenessProbe", "readinessProbe"}


def faults(
    made: list[Object], own: frozenset[str] = frozenset(), silent: frozenset[str] = frozenset()
) -> list[str]:
    """Return all that is wrong; `own` are services with custom images, `silent` those without a probe."""
    found = list(_objects(made))
    for owner, template in templates(made):
        name = f"{owner['kind']} {owner['metadata']['name']}"
        part = owner["metadata"]["labels"]["app.kubernetes.io/name"]
        found += [f"{name}: {fault}" for fault in _restricted(template["spec"])]
        found += [f"{name}: {fault}" for fault in _bounded(owner, template["spec"], silent=part in silent)]
        found += [f"{name}: {fault}" for fault in _secrets(template["spec"], own=part in own)]
    return found


def _restricted(spec: Object) -> Iterator[str]:
    """Yield what the standard `restricted` refuses: its controls as Kubernetes 1.25 and later list them."""
    around = spec.get("securityContext", {})
    for word in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(word):
            yield word
    for volume in spec.get("volumes", ()):
        if not volume.keys() - {"name"} <= VOLUMES:
            yield f"volume {volume['name']}"
    for container in (
        *spec["containers"],
        *spec.get("initContainers", ()),
        *spec.get("ephemeralContainers", ()),
    ):
        inside = container.get("securityContext", {})
        yield from _secured({**around, **inside}, inside.get("capabilities", {}))
        if any("hostPort" in port for port in container.get("ports", ())):
            yield "hostPort"


def _secured(context: Object, capabilities: Object) -> Iterator[str]:
    """Yield what is wrong with the security context of a container, in which that of its pod counts."""
    wrong = {
        "privileged": context.get("privileged") or context.get("procMount", "Default") != "Default",
        "allowPrivilegeEscalation": context.get("allowPrivilegeEscalation") is not False,
        "may run as root": context.get("runAsNonRoot") is not True or not context.get("runAsUser"),
        "seccompProfile": context.get("seccompProfile", {}).get("type")
        not in {"RuntimeDefault", "Localhost"},
        "capabilities": "ALL" not in capabilities.get("drop", ())
        or set(capabilities.get("add", ())) - {"NET_BIND_SERVICE"},
        "options of the host": context.keys() & {"seLinuxOptions", "sysctls", "windowsOptions"},
    }
    yield from (word for word, is_wrong in wrong.items() if is_wrong)


def _bounded(owner: Object, spec: Object, *, silent: bool) -> Iterator[str]:
    if spec.get("automountServiceAccountToken") is not False:
        yield "automountServiceAccountToken"
    if spec.get("enableServiceLinks") is not False:
        yield "enableServiceLinks"
    if owner["kind"] == "Deployment" and {
        each["topologyKey"] for each in spec["topologySpreadConstraints"]
    } != {
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    }:
        yield "topologySpreadConstraints"
    for container in spec["containers"]:
        resources = container.get("resources", {})
        if not all(resources.get(word, {}).keys() >= QUANTITIES for word in ("requests", "limits")):
            yield "resources"
        elif resources["requests"]["memory"] != resources["limits"]["memory"]:
            yield "memory that others may take"
        if container["securityContext"].get("readOnlyRootFilesystem") is not True:
            yield "readOnlyRootFilesystem"
        if owner["kind"] != "Job" and not silent and not container.keys() >= PROBES:
            yield "probes"
        if owner["kind"] == "Deployment" and silent and not owner["spec"].get("minReadySeconds"):
            yield "ready at once"


def _secrets(spec: Object, *, own: bool) -> Iterator[str]:
    for container in spec["containers"]:
        for variable in container.get("env", ()):
            if "value" in variable and (
                SECRET.search(variable["value"]) or SECRET_NAME.search(variable["name"])
            ):
                yield f"a secret in {variable['name']}"
            if "valueFrom" in variable and not own:
                yield f"a secret as {variable['name']}, not as a file"
        mounted = {each["name"]: each for each in container.get("volumeMounts", ())}
        for volume in spec.get("volumes", ()):
            if "secret" in volume and mounted[volume["name"]].get("readOnly") is not True:
                yield f"a secret that can be written: {volume['name']}"


def _objects(made: list[Object]) -> Iterator[str]:
    names = [(each["kind"], each["metadata"]["name"]) for each in made]
    yield from (f"two of {kind} {name}" for kind, name in {each for each in names if names.count(each) > 1})
    selectors = {
        each["metadata"]["name"]: each["spec"]["selector"] for each in of_kind(made, "PodDisruptionBudget")
    }
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in of_kind(made, "HorizontalPodAutoscaler")}
    accounts = of_kind(made, "ServiceAccount")
    yield from (
        f"token of {each['metadata']['name']}"
        for each in accounts
        if each["automountServiceAccountToken"] is not False
    )
    yield from (f"a secret in a file: {each['metadata']['name']}" for each in of_kind(made, "Secret"))
    known = {each["metadata"]["name"] for each in accounts}
    maps = {each["metadata"]["name"] for each in of_kind(made, "ConfigMap")}
    for owner, template in templates(made):
        name, spec = owner["metadata"]["name"], template["spec"]
        if spec["serviceAccountName"] not in known:
            yield f"{name}: no account {spec['serviceAccountName']}"
        for source in (source for container in spec["containers"] for source in container.get("envFrom", ())):
            if source["configMapRef"]["name"] not in maps:
                yield f"{name}: no ConfigMap {source['configMapRef']['name']}"
        if (
            owner["kind"] != "Job"
            and not owner["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        ):
            yield f"{name}: selector"
        if owner["kind"] == "Deployment":
            if selectors.get(name) != owner["spec"]["selector"]:
                yield f"{name}: budget"
            if ("replicas" in owner["spec"]) == (name in scaled):
                yield f"{name}: replicas"
