"""What a person says to the agent: the content blocks of a prompt as one text and pictures.

A link is named and not read: whether its file may be read is asked when the agent wants to. Where
the text of the others comes from goes with it, for a consent file may keep it here. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from zeke_bridge.acp.markdown import block
from zeke_bridge.acp.places import places
from zeke_bridge.agents.acp.sdk import RequestError, schema


@dataclass(frozen=True, slots=True)
class Said:
    """``images`` are tables with ``mime`` and ``data`` (base64).

    ``places`` are absolute paths that text, pictures and links may come from.
    """

    text: str
    images: list[dict[str, str]] = field(default_factory=list)
    places: frozenset[str] = frozenset()


def said(blocks: Sequence[Any], cwd: str) -> Said:
    """One text, in the order of ``blocks``; ``cwd`` is where names without a place are looked for.

    Raises ``RequestError`` for what nobody offered, and for a file that cannot be told.
    """
    texts: list[str] = []
    images: list[dict[str, str]] = []
    uris: list[str | None] = []
    for one in blocks:
        match one:
            case schema.TextContentBlock():
                texts.append(one.text)
            case schema.ImageContentBlock():
                images.append({"mime": one.mime_type, "data": one.data})
                uris.append(one.uri)
            case schema.ResourceContentBlock():
                texts.append(f"[{one.title or one.name}]({one.uri})")
                uris.append(one.uri)
            case schema.EmbeddedResourceContentBlock():
                texts.append(_resource(one.resource, images))
                uris.append(one.resource.uri)
            case _:
                raise RequestError(-32602, "Invalid params: sound cannot be passed on.")
    text = "".join(texts)
    found = frozenset(path for uri in uris if uri for path in places(uri, cwd))
    # A picture alone is a question, too, and the broker wants words.
    return Said(text if text.strip() or not images else "(a picture)", images, found)


def _resource(
    resource: schema.TextResourceContents | schema.BlobResourceContents,
    images: list[dict[str, str]],
) -> str:
    if isinstance(resource, schema.TextResourceContents):
        return f"\n\n{resource.uri}:\n{block(resource.text)}\n\n"
    mime = resource.mime_type or ""
    if mime.startswith("image/"):
        images.append({"mime": mime, "data": resource.blob})
        return f"[{resource.uri}]"
    return f"[{resource.uri}, which is no text and was not passed on]"
