"""Pictures and files inside a message: from OpenAI's parts to bytes or an address.

The parts are those of https://platform.openai.com/docs/api-reference/chat/create, data URLs those
of RFC 2397. Does not fetch anything, and does not know who takes which type.
"""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from zeke_bridge.model.errors import InputError

_PDF = "application/pdf"
_USUAL_NAMES = {"image/jpg": "image/jpeg", "audio/x-wav": "audio/wav"}


@dataclass(frozen=True, slots=True)
class Media:
    """``data`` in base64, or the https address ``url``; ``kind`` is the MIME type, if known.

    ``marks`` are the part's fields beside it (``cache_control``).
    """

    kind: str
    data: str = ""
    url: str = ""
    marks: Mapping[str, Any] = field(default_factory=dict)


def image(part: Mapping[str, Any]) -> Media:
    """An ``image_url`` part. Raises ``InputError``."""
    inner = part.get("image_url")
    url = inner.get("url") if isinstance(inner, Mapping) else inner
    if not isinstance(url, str):
        raise InputError("An image_url part needs a url.")
    if url[:5].lower() == "data:":
        return _from_data_url(url)
    if not url.startswith("https://"):
        raise InputError("An image must be a data: or https: URL.")
    # The path alone says what it is: whatever follows is for the server.
    kind = mimetypes.guess_type(url.partition("?")[0])[0] or ""
    return Media(kind, url=url)


def file(part: Mapping[str, Any]) -> Media:
    """A ``file`` part that holds its data, or where a PDF is. Raises ``InputError``."""
    inner = part.get("file")
    data = inner.get("file_data") if isinstance(inner, Mapping) else None
    if isinstance(data, str) and data.startswith("https://"):
        return Media(_PDF, url=data)
    if not isinstance(data, str) or data[:5].lower() != "data:":
        raise InputError("A file part needs file_data with a data: URL, or a PDF's https: URL.")
    return _from_data_url(data)


def audio(part: Mapping[str, Any]) -> Media:
    """An ``input_audio`` part. Raises ``InputError``."""
    inner = part.get("input_audio")
    data = inner.get("data") if isinstance(inner, Mapping) else None
    form = inner.get("format") if isinstance(inner, Mapping) else None
    if not isinstance(data, str) or form not in {"wav", "mp3"}:
        raise InputError("An input_audio part needs data, and the format wav or mp3.")
    return Media(f"audio/{form}", data)


def _from_data_url(url: str) -> Media:
    head, comma, payload = url[5:].partition(",")
    kind, *marks = (word.strip().lower() for word in head.split(";"))
    if not comma or not payload:
        raise InputError("A data: URL holds no data.")
    kind = _USUAL_NAMES.get(kind, kind) or "text/plain"
    if "base64" not in marks:
        return Media(kind, base64.b64encode(unquote_to_bytes(payload)).decode())
    plain = unquote_to_bytes(payload).decode("latin-1") if "%" in payload else payload
    return Media(kind, "".join(plain.split()))
