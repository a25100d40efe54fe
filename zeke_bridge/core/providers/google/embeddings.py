"""Embeddings: OpenAI's request and answer, and Google's ``batchEmbedContents`` between. Pure.

https://platform.openai.com/docs/api-reference/embeddings and https://ai.google.dev/api/embeddings.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from zeke_bridge.core.providers.http import nonsense
from zeke_bridge.model.errors import InputError

Body = dict[str, Any]
_MOST = 100


def batches(body: Mapping[str, Any], resource: str) -> list[Body]:
    """The bodies of as many calls as are needed; ``resource`` is ``models/NAME``.

    Raises ``InputError``.
    """
    texts = body.get("input")
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not texts:
        raise InputError("input must be a text or a list of texts, and not empty.")
    if not all(isinstance(text, str) and text for text in texts):
        raise InputError("Google embeds texts, not tokens, and none that is empty.")
    size = body.get("dimensions")
    if size is not None and (not isinstance(size, int) or size < 1):
        raise InputError("dimensions must be a whole number of at least 1.")
    wish = {} if size is None else {"outputDimensionality": size}
    rows = [{"model": resource, "content": {"parts": [{"text": text}]}, **wish} for text in texts]
    return [{"requests": rows[at : at + _MOST]} for at in range(0, len(rows), _MOST)]


def joined(natives: Sequence[Any], body: Mapping[str, Any], model: str, who: str) -> Body:
    """The one answer that ``natives``, the answers to ``batches(body)``, are together.

    Raises ``BadAnswerError``.
    """
    vectors = [vector for native in natives for vector in _vectors(native, who)]
    texts = body.get("input")
    if len(vectors) != (len(texts) if isinstance(texts, list) else 1):
        raise nonsense(who, "fewer embeddings than were asked for")
    packed = body.get("encoding_format") == "base64"
    rows = [
        {"object": "embedding", "index": index, "embedding": _packed(one) if packed else one}
        for index, one in enumerate(vectors)
    ]
    answer = {"object": "list", "data": rows, "model": model}
    counted = [_tokens(native) for native in natives]
    if None in counted:
        return answer
    tokens = sum(count or 0 for count in counted)
    return {**answer, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}


def _vectors(native: Any, who: str) -> list[list[float]]:
    rows = native.get("embeddings") if isinstance(native, dict) else None
    if not isinstance(rows, list):
        raise nonsense(who, "something that holds no embeddings")
    vectors = [row.get("values") if isinstance(row, dict) else None for row in rows]
    if not all(_is_vector(vector) for vector in vectors):
        raise nonsense(who, "something that holds no embeddings")
    return [vector for vector in vectors if vector]


def _is_vector(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, int | float) for one in value)
    )


def _packed(vector: Sequence[float]) -> str:
    """As the official clients ask for it: little-endian floats of four bytes."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _tokens(native: Mapping[str, Any]) -> int | None:
    """What was counted; None when it is not said, as by older models."""
    counts = native.get("usageMetadata")
    count = counts.get("promptTokenCount") if isinstance(counts, Mapping) else None
    return count if isinstance(count, int) and count > 0 else None
