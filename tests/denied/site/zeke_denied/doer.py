"""Who does what happens now: the product, or the tests and their fakes."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

_SITE = str(Path(__file__).parents[1])
_TESTS = str(Path(__file__).parents[3])
_MOST = 24
_ANYBODY = "somebody in a process of the product"


def _is_product(command: list[str]) -> bool:
    if "-m" in command[:-1]:
        return command[command.index("-m") + 1].partition(".")[0] == "zeke_bridge"
    return any(Path(word).name in ("zeke", "ghostllm") for word in command[:2])


IN_PRODUCT = _is_product(sys.orig_argv)
"""Whether this process is the broker, ``zeke …`` or ``ghostllm …``, and no test or fake."""


def product_chain() -> tuple[str, ...]:
    """The places of the product on this thread's stack, innermost first, as ``file:line``.

    Empty where the doer is a test or a fake, which is whoever stands nearest to the deed. In a
    process of the product nobody else is there.
    """
    found: list[str] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and len(found) < _MOST:
        file = frame.f_code.co_filename
        if place := _place(file):
            found.append(f"{place}:{frame.f_lineno}")
        elif not found and file.startswith(_TESTS) and not file.startswith(_SITE):
            return ()
        frame = frame.f_back
    return tuple(found) or ((_ANYBODY,) if IN_PRODUCT else ())


def _place(file: str) -> str:
    """The file from its package on, if it is the product's, wherever that is installed."""
    for package in ("zeke_bridge/", "rplugin/"):
        _, found, rest = file.rpartition(f"/{package}")
        if found:
            return package + rest
    return ""
