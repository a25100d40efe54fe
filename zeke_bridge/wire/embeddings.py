"""Vectors as numbers or as base64, as the client asked for them.

Providers differ in what they make of ``encoding_format``
(https://platform.openai.com/docs/api-reference/embeddings/create): base64 is that of 32-bit floats,
little-endian, and what OpenAI's own SDK asks for.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from typing import Any

from zeke_bridge.model.errors import BadAnswerError

Body = dict[str, Any]


def encoded(answer: Mapping[str, Any], wanted: Any) -> Body:
    """``answer`` with its vectors as ``wanted``; raises ``BadAnswerError`` for one that is none."""
    rows = [_row(row, wanted == "base64") for row in answer["data"]]
    return {**answer, "data": rows}


def _row(row: Any, packed: bool) -> Any:
    vector = row.get("embedding") if isinstance(row, dict) else None
    try:
        if packed and isinstance(vector, list):
            raw = struct.pack(f"<{len(vector)}f", *vector)
            return {**row, "embedding": base64.b64encode(raw).decode()}
        if not packed and isinstance(vector, str):
            raw = base64.b64decode(vector, validate=True)
            return {**row, "embedding": list(struct.unpack(f"<{len(raw) // 4}f", raw))}
    except (struct.error, OverflowError, binascii.Error) as error:
        raise BadAnswerError("The provider sent a vector that is none: try again.") from error
    return row
