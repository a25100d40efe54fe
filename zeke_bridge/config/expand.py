"""``${NAME}`` and ``${NAME:-default}`` in a text, as a shell replaces them.

So is ``os.environ/NAME``, which is LiteLLM's way (https://docs.litellm.ai/docs/proxy/configs) and
the whole text.
``$${`` stands for a plain ``${``. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PIECE = re.compile(
    r"(?P<plain>\$\$\{)|\$\{(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\}|(?P<broken>\$\{)",
    re.ASCII,
)
_WHOLE = re.compile(r"os\.environ/(?P<name>[A-Za-z_]\w*)", re.ASCII)
_ALONE = re.compile(r"\$\{([A-Za-z_]\w*)\}|os\.environ/([A-Za-z_]\w*)", re.ASCII)


class UnsetError(Exception):
    """A variable is needed and not set; ``name`` is empty when ``${`` holds no name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def expand(text: str, environ: Mapping[str, str]) -> str:
    """``text`` with its variables replaced; a default counts when one is unset or empty.

    Raises ``UnsetError``.
    """
    if whole := _WHOLE.fullmatch(text):
        return _value(whole["name"], None, environ)

    def one(found: re.Match[str]) -> str:
        if found["plain"]:
            return "${"
        return _value(found["name"] or "", found["default"], environ)

    return _PIECE.sub(one, text)


def variable(text: str) -> str:
    """The variable that ``text`` is nothing but; empty when it is anything else."""
    found = _ALONE.fullmatch(text)
    return (found[1] or found[2]) if found else ""


def _value(name: str, default: str | None, environ: Mapping[str, str]) -> str:
    if default is not None:
        return environ.get(name) or default
    try:
        return environ[name]
    except KeyError:
        raise UnsetError(name) from None
