"""A system as one self-contained page: the picture, search, and what there is to know of each service. Pure.

The page asks for nothing: no script, style or picture but its own, which its policy names by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pulumi_stacks.context import Context, Service

from .svg import STYLE, svg_of_page

_FOLDER = Path(__file__).parent / "web"


def page(context: Context) -> str:
    """Return the page of a system, in ASCII."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"words": _words, "made_from": _made_from}
    style = _read(STYLE) + _read(_FOLDER / "page.css")
    script = _read(_FOLDER / "page.js")
    text = environment.get_template("page.html.jinja").render(
        system=context,
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        picture=Markup(svg_of_page(context)),  # noqa: S704
    )
    return text.encode("ascii", "xmlcharrefreplace").decode()


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


def _made_from(service: Service) -> str:
    return service.runtime or service.image
