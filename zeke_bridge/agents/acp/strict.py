"""Params and results as ACP's schema has them, and nothing lost on the way.

The SDK's models decode leniently, as the schema demands: an optional field that makes no sense
becomes its default, an item that makes none is dropped. Here that is found by comparing what the
model says afterwards with what came, and refused: else an agent could have one thing shown and
another done. ``_meta`` is ACP's place for more; a key that the schema does not have is refused in
requests that have effects, and passed over where newer agents say more and nothing is done by it:
in updates, answers and permission requests. Pure.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from zeke_bridge.agents.acp.sdk import RequestError

T = TypeVar("T")
_INVALID_PARAMS = -32602
_LOOKS = frozenset({"category"})
"""Fields that are for the looks alone and may have values of anyone's, which the SDK drops."""


def exact(shape: TypeAdapter[T], came: Any, *, more: bool = False) -> tuple[T, Any]:
    """The value that ``came`` is, and its JSON again, without keys that are not ACP's.

    ``more`` passes over such keys, and over looks that the SDK does not know. Raises
    ``RequestError`` (invalid params) that says where.
    """
    try:
        value = shape.validate_python(came)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        at = ".".join(str(part) for part in first["loc"]) or "params"
        raise _refused(f"{at}: {first['msg']}") from None
    kept = shape.dump_python(value, mode="json", by_alias=True, exclude_unset=True, warnings=False)
    where = difference(came, kept, more=more)
    if where is not None:
        raise _refused(f"{where or 'params'} is not as ACP has it")
    return value, kept


def difference(came: Any, kept: Any, *, more: bool = False, at: str = "") -> str | None:
    """Where the JSON values differ, as ``a.b.0``; None when they do not.

    With ``more``, ``came`` may have keys that ``kept`` has not, and looks that it does not know.
    """
    if isinstance(came, dict) and isinstance(kept, dict):
        if not kept.keys() <= came.keys():
            return at
        for key, value in came.items():
            here = f"{at}.{key}" if at else key
            if key not in kept:
                if not more:
                    return here
            elif more and key in _LOOKS and isinstance(value, str) and kept[key] is None:
                continue
            elif (found := difference(value, kept[key], more=more, at=here)) is not None:
                return found
        return None
    if isinstance(came, list) and isinstance(kept, list):
        if len(came) != len(kept):
            return at
        for number, (value, other) in enumerate(zip(came, kept, strict=True)):
            here = f"{at}.{number}" if at else str(number)
            if (found := difference(value, other, more=more, at=here)) is not None:
                return found
        return None
    return None if _same(came, kept) else at


def _same(came: Any, kept: Any) -> bool:
    if isinstance(came, bool) or isinstance(kept, bool):
        return came is kept
    if isinstance(came, str) and isinstance(kept, str):
        # An address without a path gets one; any other that is spelled anew is refused.
        return came == kept or ("://" in came and kept == came + "/")
    numbers = (int, float)
    if isinstance(came, numbers) and isinstance(kept, numbers):
        return came == kept
    return type(came) is type(kept) and bool(came == kept)


def _refused(reason: str) -> RequestError:
    return RequestError(_INVALID_PARAMS, f"Invalid params: {reason[:300]}.")
