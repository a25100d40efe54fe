"""JSON objects in a model's answer, whatever stands around them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The whole answer if it is an object, then what lies from its first brace to its last."""
    start, end = text.find("{"), text.rfind("}")
    for candidate in (text, text[start : end + 1]):
        try:
            answer = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(answer, dict):
            yield answer
