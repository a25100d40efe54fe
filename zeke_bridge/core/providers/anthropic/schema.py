"""JSON schemas in the form that Anthropic's structured outputs take.

They take a part of JSON Schema and refuse the rest
(https://platform.claude.com/docs/en/build-with-claude/structured-outputs): every object is closed,
and a rule like ``minimum`` is put into the description, where the model may read it, as Anthropic's
own SDK does. Knows nothing of requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

_KEPT = {"type", "enum", "const", "default", "title", "required", "nullable"}
_FORMATS = frozenset(
    "date-time time date duration email hostname uri ipv4 ipv6 uuid".split()  # noqa: SIM905
)
_GROUPS = {"anyOf": "anyOf", "oneOf": "anyOf", "allOf": "allOf"}
_NAMED = ("properties", "$defs", "definitions")
_SILENT = {"$schema", "$id", "description", "additionalProperties"}
_DEEPEST = 64


def closed(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """``schema`` as it may be sent; None when it says something that cannot be said so.

    That is an object with keys of any name, a schema that refers to itself, or one that is nested
    without end.
    """
    try:
        return _node(schema, 0) if not _recursive(schema) else None
    except _UnspeakableError:
        return None


class _UnspeakableError(Exception):
    """A schema that has no form here."""


def _node(schema: Any, depth: int) -> dict[str, Any]:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        raise _UnspeakableError
    made: dict[str, Any] = {}
    for name in _NAMED:
        if isinstance(schema.get(name), Mapping):
            made[name] = {key: _node(part, depth + 1) for key, part in schema[name].items()}
    if "$ref" in schema:
        return made | {"$ref": schema["$ref"]}
    spoken: list[str] = []
    for name, value in schema.items():
        if name in _KEPT:
            made[name] = value
        elif name in _GROUPS and isinstance(value, list):
            made[_GROUPS[name]] = [_node(part, depth + 1) for part in value]
        elif name == "items":
            made["items"] = _node(value, depth + 1)
        elif _taken(name, value):
            made[name] = value
        elif name not in _NAMED and name not in _SILENT:
            spoken.append(f"{name}: {orjson.dumps(value).decode()}")
    if _is_object(schema):
        _close(schema, made)
    told = [schema["description"]] if isinstance(schema.get("description"), str) else []
    told += ["{" + ", ".join(spoken) + "}"] if spoken else []
    return made | {"description": "\n\n".join(told)} if told else made


def _taken(name: str, value: Any) -> bool:
    return (name == "format" and value in _FORMATS) or (name == "minItems" and value in (0, 1))


def _is_object(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind)


def _close(schema: Mapping[str, Any], made: dict[str, Any]) -> None:
    """Let the object ``made`` of ``schema`` have no other keys, if it was not meant to."""
    if schema.get("additionalProperties") or "properties" not in made:
        raise _UnspeakableError
    made["additionalProperties"] = False


def _recursive(schema: Mapping[str, Any]) -> bool:
    """Whether some definition leads back to itself."""
    if "#" in _refs(schema):
        return True
    named: dict[str, Any] = {}
    for place in ("$defs", "definitions"):
        if isinstance(schema.get(place), Mapping):
            named |= {f"#/{place}/{name}": part for name, part in schema[place].items()}
    leads = {name: {other for other in named if other in _refs(named[name])} for name in named}
    for _ in named:
        leads = {
            name: found.union(*(leads[other] for other in found)) for name, found in leads.items()
        }
    return any(name in found for name, found in leads.items())


def _refs(node: Any) -> set[str]:
    """Every reference in ``node``, without recursion: a schema may be nested very deep."""
    found: set[str] = set()
    pending = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, Mapping):
            if isinstance(one.get("$ref"), str):
                found.add(one["$ref"])
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
    return found
