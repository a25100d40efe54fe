"""The format of ``.zeke-consents.json``, version 1: text to values and back, and its schema.

The format is the product's own; ``consents.schema.json`` is this module's ``schema()``, written
out. Times in the file are UTC to the second (``2025-01-31T00:00:00Z``), so that a person can
read them in a diff. Knows nothing of where the file is or whether it is believed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from zeke_bridge.model.action import FILE_OPS, Op
from zeke_bridge.model.grant import Grant
from zeke_bridge.warden.form import path_problem
from zeke_bridge.warden.glob import MAX_LENGTH, PatternError
from zeke_bridge.warden.grants import Deny
from zeke_bridge.warden.match import DenyPattern
from zeke_bridge.warden.strict import StrictError, loads

VERSION = 1
MAX_BYTES = 1024 * 1024
MAX_TARGET = 128 * 1024
MAX_DENIES = 1000
MAX_PATTERN = MAX_LENGTH + 1
"""One more than elsewhere: a deny may begin with a slash."""
_OPS = {op.value: op for op in Op}
_KEPT_TIMES = 4096
_FIELDS = ("version", "grants", "denies", "local_only")
_GRANT_FIELDS = ("id", "op", "subject", "target", "created", "expires")
_DENY_FIELDS = ("op", "pattern")
ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SUBJECT = re.compile(r"assistant|(agent|mcp):[^\u0000-\u001f\u007f]{1,400}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_LOCAL_ONLY = re.compile(rb'"local_only"\s*:\s*true')
_NOT_LOCAL_ONLY = re.compile(rb'"local_only"\s*:\s*false')
_NO_DENIES = re.compile(rb'"denies"\s*:\s*\[\s*\]')
_TEXT = rb'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*"'
_DENY = re.compile(
    rb'\{\s*"(?:op|pattern)"\s*:\s*'
    + _TEXT
    + rb'\s*,\s*"(?:op|pattern)"\s*:\s*'
    + _TEXT
    + rb"\s*\}"
)


@dataclass(frozen=True, slots=True)
class Consents:
    """What one file says. ``denies`` are (op, pattern) in the order of the file.

    ``whole`` is False for what is left of a refused file whose denies could not all be read.
    """

    grants: tuple[Grant, ...] = ()
    denies: tuple[tuple[Op, str], ...] = ()
    local_only: bool = False
    whole: bool = True

    def compiled(self) -> tuple[Deny, ...]:
        """Return the denies ready for the policy."""
        return tuple(Deny(op, _compiled(pattern)) for op, pattern in self.denies)


def parse(content: bytes) -> Consents:
    """Read the bytes of a consent file.

    Raises:
        StrictError: anything that is not exactly this format; the message says what.
    """
    if len(content) > MAX_BYTES:
        raise StrictError("it is over 1 MiB")
    data = _object(loads(content), _FIELDS, "the file")
    if type(data["version"]) is not int or data["version"] != VERSION:
        raise StrictError(f"only version {VERSION} is known")
    if type(data["local_only"]) is not bool:
        raise StrictError("local_only has to be true or false")
    grants = tuple(_grant(entry) for entry in _list(data["grants"], "grants"))
    if len({grant.id for grant in grants}) != len(grants):
        raise StrictError("two grants have one id")
    entries = _list(data["denies"], "denies")
    if len(entries) > MAX_DENIES:
        raise StrictError(f"it has over {MAX_DENIES} denies")
    denies = tuple(_deny(entry) for entry in entries)
    return Consents(grants, denies, data["local_only"])


def dump(consents: Consents) -> bytes:
    """Write ``consents`` as one grant or deny a line; ``parse`` gives the same back.

    Raises:
        ValueError: a text or a time is one that no file can hold.
    """
    grants = ",".join(f"\n    {_line(_grant_fields(grant))}" for grant in consents.grants)
    denies = ",".join(
        f"\n    {_line({'op': op.value, 'pattern': pattern})}" for op, pattern in consents.denies
    )
    return (
        "{\n"
        f'  "version": {VERSION},\n'
        f'  "grants": [{grants}{_end(grants)}],\n'
        f'  "denies": [{denies}{_end(denies)}],\n'
        f'  "local_only": {json.dumps(consents.local_only)}\n'
        "}\n"
    ).encode()


def restrictions(content: bytes, *, cut: bool = False) -> Consents:
    """Return what still restricts in a file that ``parse`` refused: its denies, local_only.

    ``cut``: ``content`` is only the beginning. Never raises; what cannot be read is left out, and
    then ``whole`` is False. There are no grants in the answer.
    """
    local_only = bool(_LOCAL_ONLY.search(content))
    pairs = _pairs(content)
    whole = not cut
    if pairs is None:
        # Cut or mangled: each deny that is still whole counts.
        pairs = _Pairs([("denies", [_pairs(found) for found in _DENY.findall(content)])])
        whole = whole and (b"denies" not in content or _NO_DENIES.search(content) is not None)
    denies: dict[tuple[Op, str], None] = {}
    for name, value in pairs:
        local_only = local_only or (name == "local_only" and value is True)
        for entry in value if name == "denies" and isinstance(value, list) else ():
            found = _lenient(entry)
            if found is None or (len(denies) == MAX_DENIES and found not in denies):
                whole = False
            else:
                denies[found] = None
    if not whole:
        local_only = local_only or not _NOT_LOCAL_ONLY.search(content)
    return Consents(denies=tuple(denies), local_only=local_only, whole=whole)


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of the file."""
    time = {"type": "string", "pattern": f"^{_TIME.pattern}$"}
    grant = {
        "id": {"type": "string", "pattern": f"^{ID.pattern}$"},
        "op": {"enum": [op.value for op in Op]},
        "subject": {"type": "string", "pattern": f"^({_SUBJECT.pattern})$"},
        "target": {"type": "string", "minLength": 1, "maxLength": MAX_TARGET},
        "created": time,
        "expires": {"anyOf": [time, {"type": "null"}]},
    }
    deny = {
        "op": {"enum": [op.value for op in Op]},
        "pattern": {"type": "string", "minLength": 1, "maxLength": MAX_PATTERN},
    }
    fields = {
        "version": {"const": VERSION},
        "grants": {"type": "array", "items": _closed(grant)},
        "denies": {"type": "array", "items": _closed(deny), "maxItems": MAX_DENIES},
        "local_only": {"type": "boolean"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": ".zeke-consents.json",
        "description": "What a project remembers of GhostWarden's questions.",
        **_closed(fields),
    }


@lru_cache(maxsize=_KEPT_TIMES)
def timestamp(seconds: float) -> str:
    """Write seconds since the epoch as the file has them, to the second.

    Raises:
        ValueError: no date has so many.
    """
    try:
        text = datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError("the time is beyond the calendar") from error
    return text.replace("+00:00", "Z")


def _seconds(text: object, name: str) -> float:
    if not isinstance(text, str):
        raise StrictError(f"{name} has to be text")
    return _parsed_time(text, name)


# Much of a file is of the same time or lasts equally long.
@lru_cache(maxsize=_KEPT_TIMES)
def _parsed_time(text: str, name: str) -> float:
    if not _TIME.fullmatch(text):
        raise StrictError(f"{name} has to look like 2025-01-31T00:00:00Z")
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise StrictError(f"{name} is no date") from None


def _grant(entry: object) -> Grant:
    data = _object(entry, _GRANT_FIELDS, "a grant")
    op = _op(data["op"])
    for name, fits in (("id", ID), ("subject", _SUBJECT)):
        if not isinstance(data[name], str) or not fits.fullmatch(data[name]):
            raise StrictError(f"the {name} of a grant is malformed")
        _check_text(data[name])
    target = data["target"]
    if not isinstance(target, str) or not 0 < len(target) <= MAX_TARGET:
        raise StrictError("the target of a grant is malformed")
    _check_text(target)
    if op in FILE_OPS - {Op.RENAME} and not _is_canonical(target):
        raise StrictError("the target of a grant is not a canonical path")
    expires = None if data["expires"] is None else _seconds(data["expires"], "expires")
    created = _seconds(data["created"], "created")
    return Grant(data["id"], "project", op, data["subject"], target, created, expires)


def _check_text(text: str) -> None:
    # JSON can spell half a surrogate pair, which no file can hold.
    try:
        text.encode()
    except UnicodeEncodeError:
        raise StrictError("a text of a grant is not valid Unicode") from None


def _is_canonical(target: str) -> bool:
    parts = target.split("/")
    return not path_problem(target) and not {"", ".", ".."}.intersection(parts)


def _deny(entry: object) -> tuple[Op, str]:
    data = _object(entry, _DENY_FIELDS, "a deny")
    op, pattern = _op(data["op"]), data["pattern"]
    if not isinstance(pattern, str):
        raise StrictError("the pattern of a deny is not text")
    try:
        _compiled(pattern)
    except PatternError as error:
        raise StrictError(f"the pattern of a deny cannot be used: {error}") from None
    return op, pattern


class _Pairs(list[tuple[str, Any]]):
    """A JSON object that keeps what is there twice."""


def _pairs(content: bytes) -> _Pairs | None:
    """Read an object of a broken file, laxly; None for what is none."""
    try:
        found = json.loads(content, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, _Pairs) else None


def _lenient(entry: object) -> tuple[Op, str] | None:
    """Read a deny of a broken file; None for what is none."""
    try:
        return _deny(dict(entry)) if isinstance(entry, _Pairs) else None
    except StrictError:
        return None


@lru_cache(maxsize=4 * MAX_DENIES)
def _compiled(pattern: str) -> DenyPattern:
    return DenyPattern(pattern)


def _op(value: object) -> Op:
    op = _OPS.get(value) if isinstance(value, str) else None
    if op is None:
        raise StrictError("an op is not known")
    return op


def _object(value: object, fields: tuple[str, ...], name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise StrictError(f"{name} has to be an object")
    if set(value) != set(fields):
        raise StrictError(f"{name} has to have exactly the fields {', '.join(fields)}")
    return value


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise StrictError(f"{name} has to be a list")
    return value


def _grant_fields(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.id,
        "op": grant.op.value,
        "subject": grant.subject,
        "target": grant.target,
        "created": timestamp(grant.created),
        "expires": None if grant.expires is None else timestamp(grant.expires),
    }


def _line(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _end(items: str) -> str:
    return "\n  " if items else ""


def _closed(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
