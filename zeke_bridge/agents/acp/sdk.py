"""The parts of the ACP SDK that are used here, loaded in half the time.

The SDK describes some three hundred shapes and prepares all of them as it is loaded, with their
documentation read out of its own source: half a second for who waits for an agent. Of those a
session uses twenty, and the documentation nobody; so each is prepared when it is first used. What
a shape takes and refuses stays the same. Everything here that needs the SDK has it from this
module: who loads it first decides.
"""

from __future__ import annotations

from typing import Any

import pydantic


def _deferring(**options: Any) -> pydantic.ConfigDict:
    options["defer_build"] = True
    options["use_attribute_docstrings"] = False
    made: pydantic.ConfigDict = _ConfigDict(**options)
    return made


_ConfigDict: Any = pydantic.ConfigDict
# The shapes have one base, whose configuration is read once: in this import.
pydantic.ConfigDict = _deferring  # type: ignore[assignment,misc]
try:
    from acp import schema
finally:
    pydantic.ConfigDict = _ConfigDict  # type: ignore[misc]

from acp.connection import Connection  # noqa: E402
from acp.exceptions import RequestError  # noqa: E402
from acp.meta import PROTOCOL_VERSION  # noqa: E402

__all__ = ["PROTOCOL_VERSION", "Connection", "RequestError", "schema"]
