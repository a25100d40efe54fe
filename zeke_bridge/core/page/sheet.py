"""The page as HTML: what a view says, put into ``page.html`` with ``style.css`` in it.

Jinja is loaded with the first page, because most cores never show one. Every value is escaped by
it. Does not know HTTP.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import zeke_bridge
from zeke_bridge.core.page.view import View

if TYPE_CHECKING:
    from jinja2 import Template


def html(view: View, *, address: str, refresh: int) -> str:
    """The page.

    ``address`` is where the core listens; after ``refresh`` seconds the page comes anew (0: never).
    """
    return _template().render(
        page=view, address=address, refresh=refresh, version=zeke_bridge.__version__, style=_style()
    )


@cache
def policy() -> str:
    """The Content-Security-Policy: nothing is loaded, nothing runs, and only our style counts.

    See https://www.w3.org/TR/CSP3/.
    """
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["pc"] = _percent
    return environment.from_string(_read("page.html"))


@cache
def _style() -> str:
    from markupsafe import Markup

    return Markup(_read("style.css"))  # noqa: S704 - a file of our own


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _percent(value: float) -> str:
    """As an attribute of SVG."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"
