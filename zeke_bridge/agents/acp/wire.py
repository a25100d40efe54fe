r"""Lines to JSON-RPC messages, strictly: what two readers could read in two ways is no message.

Refused are duplicate keys, NaN and infinities, numbers beyond 64 bits, half surrogates, deep
nesting, too many values, batches, and whatever is not JSON-RPC 2.0. Pure; knows no method.
"""

from __future__ import annotations

import json
import math
from typing import Any

from zeke_bridge.agents.acp.sdk import RequestError
from zeke_bridge.agents.lines import has_too_many
from zeke_bridge.warden.strict import StrictError, constant, unique

MAX_LINE = 16 * 1024 * 1024
_MAX_DEPTH = 64
_MAX_METHOD = 200
_REQUEST = frozenset({"jsonrpc", "id", "method", "params"})
_RESPONSE = frozenset({"jsonrpc", "id", "result", "error"})
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
_PARSE, _INVALID = -32700, -32600

Id = str | int


class Unread(Exception):
    """A line that is no message; ``id`` is that of the request it seems to be, if any."""

    def __init__(self, code: int, reason: str, request: Id | None = None) -> None:
        super().__init__(reason)
        self.id = request
        self.error = RequestError(code, reason).to_error_obj()


def message(line: bytes) -> dict[str, Any]:
    """The message that ``line`` is. Raises ``Unread``."""
    came = decode(line)
    if not isinstance(came, dict):
        raise Unread(_INVALID, "A message is one JSON object.")
    called = came.get("id")
    request = called if _is_id(called) else None
    if came.get("jsonrpc") != "2.0":
        raise Unread(_INVALID, 'A message says "jsonrpc": "2.0".', request)
    if "id" in came and request is None and "error" not in came:
        raise Unread(_INVALID, "An id is a string or a whole number.")
    if "method" in came:
        _check_request(came, request)
    else:
        _check_response(came, request)
    return came


def decode(line: bytes) -> Any:
    """The JSON value that ``line`` is. Raises ``Unread``."""
    if has_too_many(line):
        raise Unread(_PARSE, "The message has too many values.")
    try:
        value = json.loads(
            line.decode(),
            object_pairs_hook=unique,
            parse_constant=constant,
            parse_float=_float,
            parse_int=_int,
        )
        _check(value, _MAX_DEPTH)
    except RecursionError:
        raise Unread(_PARSE, "The message is nested too deeply.") from None
    except UnicodeError:
        raise Unread(_PARSE, "The message is not UTF-8.") from None
    except json.JSONDecodeError:
        raise Unread(_PARSE, "The message is not JSON.") from None
    except StrictError as error:
        raise Unread(_PARSE, f"The message cannot be read: {error}.") from None
    except ValueError as error:
        raise Unread(_PARSE, str(error)) from None
    return value


def _check_request(came: dict[str, Any], request: Id | None) -> None:
    method = came["method"]
    if not isinstance(method, str) or not 0 < len(method) <= _MAX_METHOD:
        raise Unread(_INVALID, "A method is a short string.", request)
    if not came.keys() <= _REQUEST:
        raise Unread(_INVALID, "A request has jsonrpc, id, method and params.", request)


def _check_response(came: dict[str, Any], request: Id | None) -> None:
    error = came.get("error")
    if "id" not in came or not came.keys() <= _RESPONSE or ("result" in came) == ("error" in came):
        raise Unread(_INVALID, "A response has an id and either result or error.", request)
    if "error" in came and not (
        isinstance(error, dict)
        and _is_whole(error.get("code"))
        and isinstance(error.get("message"), str)
    ):
        raise Unread(_INVALID, "An error has a code and a message.", request)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) or _is_whole(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("A number is too large.")
    return number


def _int(digits: str) -> int:
    # Beyond these nobody on the way agrees on what the number is.
    if len(digits) > 20 or not _INT_MIN <= (number := int(digits)) <= _INT_MAX:
        raise ValueError("A number is too large.")
    return number


def _check(value: Any, depth: int) -> None:
    """Raise for half surrogates (``UnicodeError``) and deep nesting (``RecursionError``)."""
    if isinstance(value, str):
        if not value.isascii():
            value.encode()
    elif isinstance(value, (dict, list)):
        if not depth:
            raise RecursionError
        if isinstance(value, dict):
            for key, inner in value.items():
                _check(key, depth)
                _check(inner, depth - 1)
        else:
            for inner in value:
                _check(inner, depth - 1)
