"""What a server says of one of its tools, as it may be told to a model, and what it is known by.

Hints about what a tool does (``readOnlyHint`` …) are the server's word, and nothing here looks at
them but the hash, to which every change is another tool. Pure.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from zeke_bridge.warden.escape import shorten, shorten_lines

MOST_SCHEMA = 32 * 1024
"""Characters of a tool's schema."""
_MOST_NAME = 128
_MOST_LINES, _MOST_LINE = 40, 400
_LABEL = 400
_LABELS = frozenset({"title", "description", "$comment"})
_LONGEST = 64
"""Characters of a name that every provider takes."""
_ODD = re.compile(r"[^a-zA-Z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Definition:
    """``sha256`` is over all that the server says of it; ``schema`` is what arguments look like."""

    name: str
    description: str
    schema: Mapping[str, Any]
    sha256: str


def definition(tool: Mapping[str, Any]) -> Definition:
    """The tool of this JSON, a ``Tool`` of MCP.

    Raises ``ValueError`` for one that no model can be told of, with a sentence.
    """
    name = tool["name"]
    if not name or len(name) > _MOST_NAME or not name.isprintable() or shorten(name, 999) != name:
        raise ValueError(f"the name {shorten(name, 60)} is not a proper one")
    schema = tool["inputSchema"]
    if schema.get("type") != "object":
        raise ValueError(f"the arguments of {name} are not those of an object")
    # Icons and what else is beside the definition may change without the tool being another one.
    told = {key: value for key, value in tool.items() if key not in ("_meta", "icons")}
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"))
    if len(json.dumps(schema)) > MOST_SCHEMA:
        raise ValueError(f"the schema of {name} is too long")
    text = (tool.get("description") or tool.get("title") or "").splitlines()
    return Definition(
        name,
        "\n".join(shorten_lines(text, _MOST_LINES, _MOST_LINE)),
        {"properties": {}, **labelled(schema)},
        hashlib.sha256(canonical.encode("ascii")).hexdigest(),
    )


def labelled(schema: Any) -> Any:
    """``schema`` with what describes it escaped: nothing in it is unseen by the person."""
    if isinstance(schema, Mapping):
        return {
            key: shorten(value, _LABEL)
            if key in _LABELS and isinstance(value, str)
            else labelled(value)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [labelled(one) for one in schema]
    return schema


def called(server: str, tool: str, taken: Collection[str]) -> str:
    """What a model calls a tool: ``mcp_SERVER_TOOL`` as providers take it, and not ``taken``."""
    plain = f"mcp_{_ODD.sub('_', server)}_{_ODD.sub('_', tool)}"
    if len(plain) <= _LONGEST and plain not in taken:
        return plain
    mark = hashlib.sha256(json.dumps([server, tool]).encode()).hexdigest()[:8]
    return f"{plain[: _LONGEST - 9]}_{mark}"
