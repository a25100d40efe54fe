"""The form of an elicitation, and whether an answer fits it.

ACP and MCP ask for one flat object: texts, numbers, yes or no, and lists of texts. Only what is
read here is asked for, so that an answer that fits here fits for whoever asked. A pattern is tried
by an engine that takes no longer for a bad one. Does not know who asks. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import SchemaError, SchemaValidator, core_schema

from zeke_bridge.warden.escape import escape

_Count = Annotated[int | None, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, alias_generator=to_camel)


class _Option(_Strict):
    const: str
    title: str | None = None


class _Items(_Strict):
    type: Literal["string"] | None = None
    enum: list[str] | None = None
    any_of: list[_Option] | None = None


class _Field(_Strict):
    type: Literal["string", "number", "integer", "boolean", "array"]
    title: str | None = None
    description: str | None = None
    default: bool | float | str | list[str] | None = None
    min_length: _Count = None
    max_length: _Count = None
    pattern: str | None = None
    format: str | None = None
    enum: list[str] | None = None
    enum_names: list[str] | None = None
    one_of: list[_Option] | None = None
    any_of: list[_Option] | None = None
    minimum: float | None = None
    maximum: float | None = None
    items: _Items = _Items()
    min_items: _Count = None
    max_items: _Count = None


class _Form(_Strict):
    properties: dict[str, _Field] = {}
    required: list[str] | None = None


def readable(schema: Mapping[str, Any]) -> bool:
    """Whether an answer to ``schema`` can be asked for and checked."""
    try:
        form = _Form.model_validate(schema)
        for one in form.properties.values():
            if one.pattern is not None:
                _matcher(one.pattern)
            if one.type != "string" and _known(one.enum, one.one_of, one.any_of) is not None:
                return False
    except (ValidationError, SchemaError):
        return False
    return set(form.required or ()) <= set(form.properties)


def without_nulls(schema: Any) -> Any:
    """``schema`` as it is told: what is null in it is not there."""
    if isinstance(schema, Mapping):
        return {key: without_nulls(one) for key, one in schema.items() if one is not None}
    return [without_nulls(one) for one in schema] if isinstance(schema, list) else schema


def misfit(schema: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """Why ``content`` does not fit the ``readable`` ``schema``, in a sentence; empty if it does."""
    form = _Form.model_validate(schema)
    for name, one in form.properties.items():
        if name in content:
            wrong = _wrong(one, content[name])
        else:
            wrong = "is required" if name in (form.required or ()) else ""
        if wrong:
            return f"“{escape(one.title or name)}” {wrong}."
    if not content.keys() <= form.properties.keys():
        return "There is an answer to what was not asked."
    return ""


def _wrong(field: _Field, value: Any) -> str:
    match field.type:
        case "boolean":
            return "" if isinstance(value, bool) else "has to be yes or no"
        case "string":
            return _text_wrong(field, value)
        case "array":
            return _list_wrong(field, value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "has to be a number"
    if field.type == "integer" and value != int(value):
        return "has to be a whole number"
    return _bounds(value, field.minimum, field.maximum, "")


def _text_wrong(field: _Field, value: Any) -> str:
    if not isinstance(value, str):
        return "has to be a text"
    known = _known(field.enum, field.one_of, field.any_of)
    if known is not None and value not in known:
        return "has to be one of those offered"
    wrong = _bounds(len(value), field.min_length, field.max_length, " characters")
    if wrong:
        return wrong
    if field.format is not None and not _is(field.format, value):
        return f"has to be of the format {field.format}"
    if field.pattern is not None and not _matches(field.pattern, value):
        return f"has to match {escape(field.pattern)}"
    return ""


def _list_wrong(field: _Field, value: Any) -> str:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return "has to be a list of texts"
    known = _known(field.items.enum, field.items.any_of)
    if known is not None and not known.issuperset(value):
        return "has to be some of those offered"
    return _bounds(len(value), field.min_items, field.max_items, " items")


def _known(names: list[str] | None, *titled: list[_Option] | None) -> set[str] | None:
    offered = [names, *([one.const for one in some] for some in titled if some is not None)]
    found = [set(some) for some in offered if some is not None]
    return set.intersection(*found) if found else None


def _bounds(size: float, least: float | None, most: float | None, what: str) -> str:
    if least is not None and size < least:
        return f"has to be at least {least:g}{what}"
    if most is not None and size > most:
        return f"has to be at most {most:g}{what}"
    return ""


def _moment(value: str) -> bool:
    return len(value) > len("2026-01-01T") and datetime.fromisoformat(value).tzinfo is not None


_FORMATS: Mapping[str, Callable[[str], object]] = {
    "email": lambda value: all(value.rpartition("@")) and not any(map(str.isspace, value)),
    "uri": lambda value: urlsplit(value).scheme and not any(map(str.isspace, value)),
    "date": lambda value: len(value) == len("2026-01-01") and date.fromisoformat(value),
    "date-time": _moment,
}
"""What a ``format`` has to be; others are not checked, as JSON Schema has it."""


def _is(form: str, value: str) -> bool:
    try:
        return form not in _FORMATS or bool(_FORMATS[form](value))
    except ValueError:
        return False


def _matches(pattern: str, value: str) -> bool:
    try:
        _matcher(pattern).validate_python(value)
    except ValidationError:
        return False
    return True


def _matcher(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
