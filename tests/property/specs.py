"""Random specs, as what a YAML parser would return, and one with awkward text wherever text is free.

Strategies that depend on nothing are made once, for Hypothesis checks each new one at length.
"""

from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from generator.rendering.template import open_template
from pulumi_stacks.spec.checks.secret_detection import command_faults, secret_fault
from pulumi_stacks.spec.explanations import name_fault
from pulumi_stacks.spec.model import OWN_DOCKERFILE
from pulumi_stacks.spec.patterns import NAME_PATTERN, RESERVED_VARIABLES

ROOT = Path(__file__).resolve().parents[2]
RUNTIMES = sorted(open_template().runtimes.keys() - {OWN_DOCKERFILE})
AWKWARD_TEXTS = (
    "no",
    "1.10",
    "22:22",
    "~",
    "# no comment",
    "- no item",
    "key: value",
    "it's \"quoted\" 'twice'",
    "{{ 7 * 7 }} {% raw %} {# gone #}",
    "${HOME} $$ $(pwd) `pwd` %d %%",
    "back\\slash \\n \\",
    "<b>&amp;</b> | *a* _b_ [c](d) ~e~",
    "  spaces  ",
    "é \U0001f600 \U0001f469‍\U0001f680 日本",
    "",
)
AWKWARD: dict[str, Any] = {
    "name": "awkward",
    "description": " ".join(AWKWARD_TEXTS),
    "owner": "@a.b_c/d-e",
    "registry": "127.0.0.1:5000/a/b__c",
    "environments": {
        "prod-1": {"target": "docker", "diagnostics": True},
        "dev": {"target": "docker"},
        "live": {
            "target": "kubernetes",
            "kube_context": "a:b/c@d.e_f-g",
            "storage_class": "a.b-c",
            "state": "s3://a.b-c/d_e?f=g&h=i:9%2F",
            "annotations": {f"text-{index}": value for index, value in enumerate(AWKWARD_TEXTS)},
        },
    },
    "services": {
        "web-1": {
            "runtime": "python",
            "id": "front",
            "route": "/",
            "calls": ["api"],
            "resources": {"cpu": "2", "memory": "1073741824"},
            "environments": {"dev": {"scale": {"min": 3}, "resources": {"cpu": "10m"}}},
        },
        "api": {
            "runtime": "python",
            "database": "postgres",
            "config": {
                **{f"TEXT_{index}": value for index, value in enumerate(AWKWARD_TEXTS)},
                "LINES": "a: |\n  b 'c' $d %s\n\n\t\"e\" \\n\n",
                **dict.fromkeys(("discovery.type", "http_proxy", "_Logging__Level", "a-b"), "a"),
                **dict.fromkeys(("NO", "Y", "ON", "NULL", "TRUE", "E1"), "yes"),
            },
        },
    },
}

NAMES = st.from_regex(NAME_PATTERN, fullmatch=True).filter(lambda name: name_fault(name) is None)
_DIRECTIONS = "\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LINES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"), exclude_characters=_DIRECTIONS)
    | st.sampled_from("\\\"'`$#{}%!&|<>*_~[]()@:,;=+-. 0123"),
    max_size=40,
)
# What a cluster takes too; a colon and a slash only an engine does.
VARIABLES = st.from_regex(r"\A([A-Z][A-Z0-9_]{0,12}|[A-Za-z_][A-Za-z0-9_.-]{0,12})\Z").filter(
    lambda name: name not in RESERVED_VARIABLES and not name.endswith("_URL")
) | st.sampled_from(["PASSWORD", "MAX_TOKENS", "discovery.type", "Logging__Level", "http_proxy"])


@cache
def printable_lines() -> st.SearchStrategy[str]:
    """Return the texts that a spec may hold, awkward ones often."""
    return LINES | st.sampled_from(AWKWARD_TEXTS)


@cache
def printable_texts() -> st.SearchStrategy[str]:
    """Return texts of one line or several, as variables and commands may hold them."""
    awkward = st.sampled_from(
        ["a\nb", "a: |\n  b\n", "\n", "\ta\n\n\tb\\n\n", "it's\n'%s' $x\n", "-\n# x\n|"]
    )
    return printable_lines() | awkward | st.lists(LINES, min_size=2, max_size=3).map("\n".join)


OWNERS = ("@acme/team", "@someone", "team@example.com")
REGISTRIES = ("ghcr.io/acme", "127.0.0.1:5000", "registry.example.com:443/a/b-c__d")
IMAGES = ("caddy:2", "ghcr.io/acme/web:1.4", "127.0.0.1:5000/x@sha256:" + "0123456789abcdef" * 4)
CPUS: tuple[str | float, ...] = ("100m", "0.5", "2", 1, 0.25)
MEMORIES: tuple[str | int, ...] = ("32Mi", "1Gi", "500M", 134217728)


def sometimes(field: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return the field with one of the values, or nothing."""
    return st.just({}) | values.map(lambda value: {field: value})


def some(*fields: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return all of these fields in one mapping."""
    return st.tuples(*fields).map(lambda parts: {key: item for part in parts for key, item in part.items()})


# No environment's least is more than another one's most.
SCALES = some(
    sometimes("min", st.integers(1, 3)),
    sometimes("max", st.integers(3, 6)),
    sometimes("cpu", st.sampled_from([10, 70, 95])),
)
NETWORKS = ("203.0.113.0/24:443", "10.0.0.0/8:5432", "0.0.0.0/0:80", "[2001:db8::/32]:443", "[::/0]:65535")
REACHED = st.just("internet") | st.lists(st.sampled_from(NETWORKS), min_size=1, unique=True)
EGRESS: st.SearchStrategy[Any] = st.just("none") | REACHED
RESOURCES = some(sometimes("cpu", st.sampled_from(CPUS)), sometimes("memory", st.sampled_from(MEMORIES)))
BODY = sometimes("body", st.sampled_from(["1Ki", "50Mi", "10G", 1500000]))
STRIP = sometimes("strip", st.booleans())
DATABASE = sometimes("database", st.just("postgres"))
LIMITS = some(sometimes("scale", SCALES), sometimes("resources", RESOURCES), sometimes("egress", EGRESS))
CONFIG = sometimes("config", st.dictionaries(VARIABLES, printable_texts(), max_size=3))
# What only a service with an image of its own may say.
OWN = some(
    sometimes("port", st.integers(1, 65535)),
    sometimes("ready", st.sampled_from(["/", "/readyz", "/a/b-c_d.e~", "none"])),
    sometimes("user", st.sampled_from(["1", "999:998", 10001])),
    sometimes("tmpfs", st.lists(st.sampled_from(["/tmp", "/run", "/var/cache/a-b_c"]), unique=True)),
    sometimes("command", st.lists(printable_texts(), max_size=3)),
)


# How people reach the gateway of a cluster.
ENTRIES: tuple[dict[str, Any], ...] = (
    {},
    {"sources": ["203.0.113.0/24", "2001:DB8::/32"], "client_address": True},
    {"client_address": False, "domain": "shop.example.com"},
    {"domain": "shop.example.com"},
    {"gateway": "loadbalancer"},
    {"gateway": "ingress", "domain": "a-b.c1.example"},
    {"gateway": "gateway-api", "domain": "shop.example.com"},
)


ANNOTATIONS = (
    "a",
    "Example.com/Some_key.1-a",
    "service.beta.kubernetes.io/aws-load-balancer-scheme",
    "x-y/z",
)
DIAGNOSTICS = sometimes("diagnostics", st.booleans())
CLUSTER = some(
    sometimes("kube_context", st.sampled_from(["prod", "admin@prod", "arn:aws:eks:a-1:1:cluster/b"])),
    sometimes("storage_class", st.sampled_from(["standard", "fast.ssd-1"])),
    sometimes("database", st.sampled_from(["in-cluster", "external"])),
    sometimes("state", st.sampled_from(["local", "s3://a-b/c?d=e&f=g:9", "file:///a/b", "https://a.b"])),
    sometimes("protected", st.booleans()),
    sometimes("pull_secret", st.sampled_from(["registry-login", "a.b-c.1"])),
    sometimes("metrics_from", st.lists(st.sampled_from(["monitoring", "kube-system"]), max_size=3)),
    sometimes("annotations", st.dictionaries(st.sampled_from(ANNOTATIONS), printable_texts(), max_size=2)),
    st.sampled_from(ENTRIES),
)


@st.composite
def places(draw: st.DrawFn, system: str, name: str) -> dict[str, Any]:
    """Return an environment: one engine, or a place of its own on a cluster."""
    diagnostics = draw(DIAGNOSTICS)
    if draw(st.booleans()):
        return {"target": "docker", **diagnostics}
    given = draw(st.booleans()) or len(f"{system}-{name}") > 63
    namespace = {"namespace": f"in-{name}"} if given else {}
    return {"target": "kubernetes", **diagnostics, **draw(CLUSTER), **namespace}


@cache
def optional(*, registry: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Return what a spec may say of the whole system; with clusters, it must have a registry."""
    registries = st.sampled_from(REGISTRIES)
    return some(
        sometimes("spec", st.just(1)),
        sometimes("description", printable_lines()),
        sometimes("owner", st.sampled_from(OWNERS)),
        registries.map(lambda value: {"registry": value}) if registry else sometimes("registry", registries),
        sometimes("ci", st.sampled_from(["none", "github", "gitlab"])),
    )


@cache
def identity(index: int) -> st.SearchStrategy[dict[str, Any]]:
    """Return the id of a service, or nothing."""
    return sometimes("id", st.just(f"stable-{index}"))


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """Return a valid spec of a few services, for engines and clusters."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=lambda name: name.replace("-", "_")))
    environments = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    system = draw(NAMES)
    where = {name: draw(places(system, name)) for name in environments}
    clusters = [name for name, place in where.items() if place["target"] == "kubernetes"]
    spec = {
        "name": system,
        **draw(optional(registry=bool(clusters))),
        "environments": where,
        "services": {
            name: {
                **draw(services(name, callees(draw, names, index), environments)),
                **draw(identity(index)),
            }
            for index, name in enumerate(names)
        },
    }
    if draw(st.booleans()):
        spec["services"][names[0]]["route"] = "/"
    return fitting(spec)


def callees(draw: st.DrawFn, names: list[str], index: int) -> list[str]:
    """Return the services that one may call: those after it, or all others, so that calls go in circles."""
    return [*(names[:index] if draw(st.booleans()) else []), *names[index + 1 :]]


def fitting(spec: dict[str, Any]) -> dict[str, Any]:
    """Let the services of a spec reach their databases where these are outside."""
    if not any(place.get("database") == "external" for place in spec["environments"].values()):
        return spec
    services = {name: _reaching(service) for name, service in spec["services"].items()}
    return {**spec, "services": services}


def _reaching(service: dict[str, Any]) -> dict[str, Any]:
    if not service.get("database"):
        return service
    overrides = {
        name: {key: value for key, value in override.items() if (key, value) != ("egress", "none")}
        for name, override in service.get("environments", {}).items()
    }
    egress = service.get("egress", "none")
    return {
        **service,
        "egress": "internet" if egress == "none" else egress,
        **({"environments": overrides} if overrides else {}),
    }


def answered(service: dict[str, Any], more: int) -> dict[str, Any]:
    """Let a service answer what looks like a secret in it, and `more` that does not."""
    config, command = service.get("config", {}), list(enumerate(service.get("command", ())))
    asked = [name for name, value in config.items() if secret_fault(name, value, "")]
    rest = [name for name in config if name not in asked]
    commands = ["command"] if command_faults(command, "") else []
    names = dict.fromkeys([*asked, *rest[:more], *commands])
    return {**service, **({"not_secret": list(names)} if names else {})}


@st.composite
def services(draw: st.DrawFn, name: str, others: list[str], environments: list[str]) -> dict[str, Any]:
    """Return a service that calls some of those given."""
    service = {
        **draw(images()),
        **draw(ways(name)),
        **draw(BODY),
        **draw(DATABASE),
        **(draw(sometimes("calls", st.lists(st.sampled_from(others), unique=True))) if others else {}),
        **draw(LIMITS),
        **draw(CONFIG),
        **draw(sometimes("environments", st.dictionaries(st.sampled_from(environments), LIMITS))),
    }
    return answered(service, draw(st.integers(0, 1)))


def ways(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return where the gateway leads to a service; routes may lie below one another."""
    routed = st.builds(lambda route: {"route": route}, st.sampled_from([f"/{name}", f"/below/{name}/v1.0"]))
    return st.just({}) | some(routed, STRIP)


@cache
def images() -> st.SearchStrategy[dict[str, Any]]:
    """Return where the image of a service comes from, and how it differs from the contract."""
    own = st.sampled_from([{"runtime": OWN_DOCKERFILE}, *({"image": image} for image in IMAGES)])
    written = st.sampled_from([{"runtime": name} for name in RUNTIMES])
    return written | written | some(own, OWN)
