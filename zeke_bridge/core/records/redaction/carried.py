"""Secrets that a request or a command carries in its usual place: headers, addresses, options."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from zeke_bridge.core.records.redaction import judge
from zeke_bridge.core.records.redaction.judge import Span

HEADER = "authorization"
LOGIN = "login"
SECRET = "secret"  # noqa: S105 - a word for a person

_SCHEMES = r"Bearer|Basic|Token|ApiKey|Api-Key|Key|OAuth|Bot|GenieKey|SSWS|Negotiate|NTLM"
_AUTHORIZATION = re.compile(
    rf"""
    authorization(?:\\?["'`])?\]?\s{{0,3}}[:=,]\s{{0,3}}(?:\\?["'`])?
    (?:(?P<whole>(?:AWS4-HMAC-SHA256|Digest|Hawk|Signature)\s
        (?:[\w-]{{1,40}}=(?:"[^"\r\n]{{0,800}}"|[^\s"',]{{1,800}}),?[ ]?){{1,30}})
    | (?:(?P<scheme>{_SCHEMES})\s{{1,3}})?(?P<value>[^\s"'`,;<>{{}}$\\]{{4,4000}}))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BEARER = re.compile(r"\bBearer[ ]{1,3}(?P<value>[\w.~+/=-]{12,4000})", re.IGNORECASE)
_NAMED_HEADER = re.compile(
    r"""
    (?<![\w-])(?:x-[a-z-]{0,40}(?:key|token|secret|auth)|api-key|private-token|job-token)
    (?:\\?["'`])?\]?\s{0,3}[:=]\s{0,3}(?:\\?["'`])?(?P<value>[^\s"'`,;<>{}$\\]{8,4000})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_COOKIE = re.compile(
    r"""
    \bcookie:[ ]?(?P<value>
        [\w.-]{1,60}=[^\s;"',]{8,4000}(?:;[ ]?[\w.-]{1,60}=[^\s;"',]{0,4000}){0,40})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LOGIN = re.compile(
    r"://(?P<value>[^\s/?#@:\"'`<>${}\[\]()]{0,100}:[^\s/?#\"'`<>${}]{1,200})@(?=[\w\[])"
)
_ONLY_TOKEN = re.compile(r"://(?P<value>[\w.-]{20,200})@(?=\w)")
_PARAMETER = re.compile(
    r"""
    [?&;](?P<name>api[_-]?key|key|(?:access_|refresh_|id_|auth_)?token|auth|sig|signature|secret
        |client_secret|password|passwd|pwd|code|session|sas|x-amz-[a-z-]{0,30}|x-goog-[a-z-]{0,30})
    =(?P<value>[^&\#\s"'`<>;]{6,4000})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OPTION = re.compile(
    r"""
    (?<![\w-])--[a-z0-9-]{0,30}(?:password|passwd|passphrase|token|secret|api-?key|pass|pwd)
    [ ]{1,3}["']?(?P<value>[^\s"'<>$`-][^\s"'<>$`]{3,400})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_USER = re.compile(
    r"""\bcurl\b[^\n]{0,500}?[ ](?:-u|--user)[ =]?["']?(?P<value>[^\s:"'$]{1,64}:[^\s"'$]{1,200})"""
)
_MYSQL = re.compile(r"\bmysql\w{0,10}\b[^\n]{0,300}?[ ]-p(?P<value>[^\s\"'$]{3,200})")
_SSHPASS = re.compile(r"\bsshpass[ ]{1,3}-p[ ]{0,3}[\"']?(?P<value>[^\s\"'$]{3,200})")
_NETRC = re.compile(r"\blogin\s{1,9}\S{1,100}\s{1,9}password\s{1,9}(?P<value>\S{3,400})")
_STRONG = re.compile(r"pass|pwd", re.IGNORECASE)
_PLAIN = (("curl", _USER), ("mysql", _MYSQL), ("sshpass", _SSHPASS), ("password", _NETRC))


def spans(text: str) -> Iterator[Span]:
    """Where credentials are carried."""
    yield from _headers(text)
    yield from _addresses(text)
    yield from _commands(text)


def _headers(text: str) -> Iterator[Span]:
    for found in _AUTHORIZATION.finditer(text):
        if found["whole"]:
            yield (*found.span("whole"), HEADER)
        elif _authorizes(found["scheme"] or "", found["value"]):
            yield (*found.span("value"), HEADER)
    for found in _BEARER.finditer(text):
        value = found["value"]
        if judge.is_random(value) or (len(value) >= 24 and judge.has_digit(value)):
            yield (*found.span("value"), HEADER)
    for found in _NAMED_HEADER.finditer(text):
        value = found["value"]
        if judge.has_digit(value) and not judge.stands_for(value) and not _expression(value):
            yield (*found.span("value"), HEADER)
    for found in _COOKIE.finditer(text):
        yield (*found.span("value"), HEADER)


def _authorizes(scheme: str, value: str) -> bool:
    """Whether ``value`` of an ``Authorization`` header is real."""
    if judge.stands_for(value) or judge.is_variable(value) or _expression(value):
        return False
    if scheme.lower() == "basic":
        return judge.is_random(value) or _is_login(value)
    if scheme:
        return judge.has_digit(value) or (len(value) >= 8 and not judge.is_name(value))
    return judge.is_random(value)


def _is_login(value: str) -> bool:
    """Whether ``value`` is ``user:password`` in base64, as RFC 7617 has it."""
    try:
        return b":" in base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False


def _expression(value: str) -> bool:
    return "(" in value or "[" in value or value == "+"


def _addresses(text: str) -> Iterator[Span]:
    if "://" in text:
        for found in _LOGIN.finditer(text):
            if not judge.stands_for(found["value"].partition(":")[2]):
                yield (*found.span("value"), LOGIN)
        for found in _ONLY_TOKEN.finditer(text):
            if judge.is_random(found["value"]):
                yield (*found.span("value"), LOGIN)
    if "=" not in text:
        return
    for found in _PARAMETER.finditer(text):
        value = found["value"]
        if judge.stands_for(value) or _expression(value) or judge.is_variable(value):
            continue
        if _STRONG.search(found["name"]) or judge.is_random(value):
            yield (*found.span("value"), SECRET)


def _commands(text: str) -> Iterator[Span]:
    for word, pattern in _PLAIN:
        if word in text:
            for found in pattern.finditer(text):
                value = found["value"]
                if not judge.stands_for(value) and not value.replace(":", "").isdigit():
                    yield (*found.span("value"), LOGIN)
    if "--" not in text:
        return
    for found in _OPTION.finditer(text):
        value = found["value"]
        telling = judge.has_digit(value) or judge.has_symbol(value)
        if telling and len(value) >= 6 and not judge.stands_for(value) and not _expression(value):
            yield (*found.span("value"), SECRET)
