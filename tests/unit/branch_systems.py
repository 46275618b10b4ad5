"""A few systems that, with the examples, make every condition of the templates true once and false once."""

from typing import Any

from generator.rendering.template import open_template

# Nothing that can be left out.
BARE: dict[str, Any] = {
    "name": "bare",
    "services": {"one": {"runtime": "python"}, "two": {"runtime": "dockerfile"}},
}

# Whatever may differ from one environment to the next, and pipelines.
WIDE: dict[str, Any] = {
    "name": "wide",
    "ci": "github",
    "environments": {
        "dev": {"target": "docker"},
        "test": {"target": "docker", "diagnostics": True},
        "prod": {"target": "docker"},
        "live": {"target": "kubernetes", "database": "external"},
    },
    "registry": "ghcr.io/acme",
    "services": {
        "front": {
            "runtime": "python",
            "route": "/",
            "calls": ["back"],
            "scale": {"min": 2},
            "environments": {"test": {"resources": {"memory": "1Gi"}}, "prod": {"scale": {"min": 3}}},
        },
        "back": {
            "runtime": "python",
            "scale": {"cpu": 80},
            "environments": {"test": {"egress": "internet"}},
        },
    },
}

# Images that are not built from the template: ready ones, and those of own Dockerfiles.
OWN: dict[str, Any] = {
    "name": "own",
    "description": "Brings its images along",
    "owner": "team@example.com",
    "registry": "ghcr.io/acme",
    "ci": "gitlab",
    "environments": {"dev": {"target": "docker", "diagnostics": True}},
    "services": {
        "web": {
            "image": "caddy:2",
            "route": "/web",
            "port": 80,
            "ready": "/",
            "user": "1000",
            "tmpfs": ["/config", "/data"],
            "command": ["caddy", "run"],
            "calls": ["api"],
            "scale": {"min": 2},
        },
        "silent": {"image": "caddy:2", "ready": "none"},
        "api": {"runtime": "dockerfile", "database": "postgres", "calls": ["batch"]},
        "batch": {
            "runtime": "dockerfile",
            "ready": "none",
            "route": "/batch",
            "config": {"LEVEL": "info", "LINES": "one\ntwo\n"},
        },
    },
}

# Only images, and none of its own; no engine, and no registry.
READY: dict[str, Any] = {
    "name": "ready",
    "owner": "@someone",
    "environments": {"live": {"target": "kubernetes"}},
    "services": {"web": {"image": "caddy:2"}},
}


def every_kind(runtime: str) -> dict[str, Any]:
    """Return a system with every kind of service that a runtime has."""
    return {
        "name": "kinds",
        "services": {
            "full": {"runtime": runtime, "database": "postgres", "calls": ["plain"]},
            "stored": {"runtime": runtime, "database": "postgres"},
            "calling": {"runtime": runtime, "calls": ["plain"]},
            "plain": {"runtime": runtime, "config": {"LOG_LEVEL": "debug", "PAGE_SIZE": "20"}},
        },
    }


KINDS = tuple(
    every_kind(name) for name, entry in sorted(open_template().runtimes.items()) if entry["contract"]
)
TOLD = tuple({**kinds, "description": "Shows all", "owner": "@acme/kinds"} for kinds in KINDS)

SYSTEMS = (BARE, WIDE, OWN, READY, *KINDS, *TOLD)
