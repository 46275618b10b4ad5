"""A system as one self-contained HTML page: the graph, a search, and the details of each service. Pure.

The page loads nothing: its content security policy allows only its own script and style, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from pulumi_stacks.context.model import Context, Service

from .labels import place, replicas
from .svg import STYLE, svg_of_page
from .text import runtime_or_image

_FOLDER = Path(__file__).parent / "web"


def page(context: Context) -> str:
    """Return the page of a system, in ASCII."""
    style = _read(STYLE) + _read(_FOLDER / "page.css")
    script = _read(_FOLDER / "page.js")
    text = _template().render(
        system=context,
        policy=_policy(style, script),
        style=style,
        script=script,
        graph=svg_of_page(context),
    )
    return text.encode("ascii", "xmlcharrefreplace").decode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "words": _words,
        "runtime_or_image": runtime_or_image,
        "place": place,
        "replicas": replicas,
    }
    return environment.get_template("page.html.jinja")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii")


def _words(service: Service) -> str:
    """Return the text in which the search looks for a service."""
    words = (service.name, service.runtime, service.image, service.route, service.database)
    return " ".join(filter(None, words)).lower()
