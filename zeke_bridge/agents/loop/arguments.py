"""Reading what a model passes to a tool: strictly, with a sentence for the model when it is wrong.

Does not know tools, only their schemas.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Mapping
from typing import Any

from zeke_bridge.model.errors import InputError
from zeke_bridge.warden.strict import constant, unique

_CHECKER = "jsonschema"
_LONGEST = 4 * 2**20
_LONGEST_WORDS = 300


async def load() -> None:
    """Load what checks, which takes a moment, without stopping the loop for as long."""
    if _CHECKER not in sys.modules:
        await asyncio.to_thread(importlib.import_module, _CHECKER)


def read(said: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The object that the JSON text ``said`` is, which fits ``schema``. Raises ``InputError``.

    No text at all stands for an object without fields, as some providers write it.
    """
    value = parsed(said)
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    wrong = best_match(Draft202012Validator(schema).iter_errors(value))
    if wrong is not None:
        where = ".".join(map(str, wrong.absolute_path))
        words = wrong.message
        if len(words) > _LONGEST_WORDS:
            words = f"{words[:120]} … {words[-120:]}"
        raise InputError(f"The arguments are wrong{f' at {where}' if where else ''}: {words}.")
    return value


def parsed(said: str) -> dict[str, Any]:
    """The JSON object in ``said``, whatever its fields. Raises ``InputError``."""
    if len(said) > _LONGEST:
        raise InputError("The arguments are too long: do it in several calls.")
    if not said.strip():
        return {}
    try:
        # A lone surrogate cannot stand in any file, and no escape may bring one in either.
        value = json.loads(said, object_pairs_hook=unique, parse_constant=constant)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise InputError("The arguments are nested too deep.") from error
    except ValueError as error:
        raise InputError(f"The arguments are not JSON that can be read: {error}.") from error
    if not isinstance(value, dict):
        raise InputError("The arguments must be a JSON object.")
    return value
