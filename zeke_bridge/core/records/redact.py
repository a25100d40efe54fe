"""Takes out of a text what nobody should read later: keys, passwords, and whom it is about.

What is taken out is replaced by ``[REDACTED:kind]``. Everything else stays letter by letter. This
is a net and not a wall: what has neither the form nor the name of a secret stays. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zeke_bridge.core.records.redaction import assigned, carried, keys, personal
from zeke_bridge.core.records.redaction.judge import Span, stands_for

_FINDERS = (keys.spans, carried.spans, assigned.spans, personal.spans)
# What is taken out may lay bare what stood beside it.
_ROUNDS = 4
DEEPEST = 100
_SECRET_NAMES = frozenset(
    {
        "apikey",
        "authorization",
        "proxyauthorization",
        "cookie",
        "setcookie",
        "password",
        "passwd",
        "passphrase",
        "secret",
        "clientsecret",
        "privatekey",
        "secretkey",
        "accesskey",
        "secretaccesskey",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authtoken",
        "xapikey",
        "xgoogapikey",
        "masterkey",
    }
)
_HIDDEN = "[REDACTED:secret]"


def redact(text: str) -> str:
    """``text`` without secrets. Doing it again changes nothing; never raises."""
    for _ in range(_ROUNDS):
        spans = [span for find in _FINDERS for span in find(text)]
        if not spans:
            break
        text = _without(text, spans)
    return text


def redact_json(value: Any) -> Any:
    """Plain data without secrets: all its texts redacted, and those under a telling name hidden.

    What is nested deeper than anybody does it is left out. Never raises.
    """
    return _plain(value, 0)


def _plain(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redact(value)
    if depth > DEEPEST:
        return None
    if isinstance(value, dict):
        return {_key(name): _named(name, inner, depth) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    return value


def _named(name: Any, value: Any, depth: int) -> Any:
    if isinstance(value, str) and value and isinstance(name, str):
        word = "".join(letter for letter in name.lower() if letter.isalnum())
        if word in _SECRET_NAMES and not stands_for(value):
            return _HIDDEN
    return _plain(value, depth + 1)


def _key(name: Any) -> Any:
    return redact(name) if isinstance(name, str) else name


def _without(text: str, spans: Iterable[Span]) -> str:
    """``text`` with each span replaced; those that overlap become one, named as the first."""
    parts, at = [], 0
    end, kind = 0, ""
    for begin, until, what in sorted(spans, key=lambda span: (span[0], -span[1])):
        if kind and begin < end:
            end = max(end, until)
            continue
        if kind:
            parts.append(f"[REDACTED:{kind}]")
            at = end
        parts.append(text[at:begin])
        end, kind = until, what
    parts += [f"[REDACTED:{kind}]", text[end:]]
    return "".join(parts)
