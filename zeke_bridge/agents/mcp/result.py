"""What a tool of a server gives, as text for a model.

Text as it is, what is structured as JSON, of pictures and sounds that they are there, of resources
where they are. Whose word it is, is said by whoever called.
"""

from __future__ import annotations

import json
from typing import Any

import mcp_types as types

from zeke_bridge.warden.escape import shorten

MOST = 100_000
"""Characters; a model is given less still."""
_LABEL = 400


def text_of(result: types.CallToolResult) -> str:
    """All of ``result``, cut at ``MOST`` characters."""
    parts = [_block(one) for one in result.content]
    structured = result.structured_content
    if structured is not None and not any(_is_same(part, structured) for part in parts):
        parts.append(json.dumps(structured, indent=2, ensure_ascii=False))
    whole = "\n".join(part for part in parts if part) or "(It gave nothing.)"
    if len(whole) <= MOST:
        return whole
    return f"{whole[:MOST]}\n({len(whole) - MOST} more characters are left out.)"


def _block(block: types.ContentBlock) -> str:
    match block:
        case types.TextContent(text=text):
            return text
        case types.ImageContent(mime_type=mime, data=data):
            return _unseen("picture", mime, data)
        case types.AudioContent(mime_type=mime, data=data):
            return _unseen("sound", mime, data)
        case types.ResourceLink(name=name, uri=uri):
            return f"(A resource: {shorten(name, _LABEL)}, at {shorten(uri, _LABEL)}.)"
        case types.EmbeddedResource(resource=types.TextResourceContents(uri=uri, text=text)):
            return f"(The resource {shorten(uri, _LABEL)}:)\n{text}"
        case types.EmbeddedResource(resource=types.BlobResourceContents() as blob):
            return _unseen(f"resource {shorten(blob.uri, _LABEL)}", blob.mime_type, blob.blob)
        case _:
            return ""


def _unseen(what: str, mime: str | None, data: str) -> str:
    kind = f", {shorten(mime, 80)}" if mime else ""
    return f"(A {what}{kind}, of {len(data) * 3 // 4} bytes: it cannot be shown here.)"


def _is_same(text: str, structured: Any) -> bool:
    """Whether a text says what is structured, as servers do for clients that know only text."""
    try:
        return bool(json.loads(text) == structured)
    except (ValueError, RecursionError):
        return False
