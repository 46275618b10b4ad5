"""Random specs, as what a YAML parser would return, and one with awkward text wherever text is free."""

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from pulumi_stacks import text

ROOT = Path(__file__).resolve().parents[2]
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
                **dict.fromkeys(("NO", "Y", "ON", "NULL", "TRUE", "E1"), "yes"),
            },
        },
    },
}

NAMES = st.from_regex(text.NAME_PATTERN, fullmatch=True).filter(lambda name: text.name_fault(name) is None)
_DIRECTIONS = "\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LINES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"), exclude_characters=_DIRECTIONS)
    | st.sampled_from("\\\"'`$#{}%!&|<>*_~[]()@:,;=+-. 0123"),
    max_size=40,
)
VARIABLES = st.from_regex(r"\A[A-Z][A-Z0-9_]{0,12}\Z").filter(
    lambda name: (
        name not in text.RESERVED_VARIABLES
        and not name.endswith("_URL")
        and text.secret_fault(name, "") is None
    )
)


def printable_lines() -> st.SearchStrategy[str]:
    """Return the texts that a spec may hold, awkward ones often."""
    return LINES | st.sampled_from(AWKWARD_TEXTS)


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """Return a valid spec of a few services."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=lambda name: name.replace("-", "_")))
    environments = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    return {
        "name": draw(NAMES),
        "description": draw(printable_lines()),
        **({"owner": "@acme/team"} if draw(st.booleans()) else {}),
        **({"registry": "ghcr.io/acme"} if draw(st.booleans()) else {}),
        "ci": draw(st.sampled_from(["none", "github", "gitlab"])),
        "environments": {
            name: {"target": "docker", "diagnostics": draw(st.booleans())} for name in environments
        },
        "services": {
            name: {
                **draw(services(name, names[index + 1 :], environments)),
                **({"id": f"stable-{index}"} if draw(st.booleans()) else {}),
            }
            for index, name in enumerate(names)
        },
    }


@st.composite
def services(draw: st.DrawFn, name: str, later: list[str], environments: list[str]) -> dict[str, Any]:
    """Return a service that calls some of those after it."""
    override: dict[str, Any] = {"scale": {"min": 2}, "resources": {"memory": "1Gi"}}
    return {
        "runtime": "python",
        **({"route": f"/{name}"} if draw(st.booleans()) else {}),
        **({"database": "postgres"} if draw(st.booleans()) else {}),
        "calls": draw(st.lists(st.sampled_from(later), unique=True)) if later else [],
        "scale": {"min": draw(st.integers(1, 3))},
        "resources": {"cpu": draw(st.sampled_from(["100m", "0.5", "2"]))},
        "config": draw(st.dictionaries(VARIABLES, printable_lines(), max_size=3)),
        "environments": {entry: override for entry in environments if draw(st.booleans())},
    }
