"""A system as one self-contained page: the picture, search, and what there is to know of each service. Pure.

The page asks for nothing: no script, style or picture but its own, which its policy names by their hashes.
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
from .text import made_from

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
        picture=svg_of_page(context),
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
    environment.filters |= {"words": _words, "made_from": made_from, "place": place, "replicas": replicas}
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
    """Return what a search finds a service by."""
    words = (service.name, service.runtime, service.image, service.route, service.database)
    return " ".join(filter(None, words)).lower()
