"""JSON schemas in the form that Gemini's ``responseJsonSchema`` takes.

It takes a part of JSON Schema, and skips most of the rest
(https://ai.google.dev/api/generate-content#FIELDS.response_json_schema); ``const`` it does not
know. Knows nothing of requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMED = {"properties", "$defs", "definitions"}


def plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """``schema`` without ``$schema``, and with each ``const`` as an ``enum`` of one."""
    made: dict[str, Any] = {}
    for name, value in schema.items():
        if name == "const":
            made["enum"] = [value]
        elif name in _NAMED and isinstance(value, Mapping):
            made[name] = {key: _part(part) for key, part in value.items()}
        elif name != "$schema":
            # Values that only look like a schema stay as they are.
            made[name] = value if name in {"enum", "default", "examples"} else _part(value)
    return made


def _part(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain(value)
    return [_part(one) for one in value] if isinstance(value, list) else value
