"""``elicitation/*``: what an agent wants to know of the person.

Marked unstable by the SDK. What a form asks for is passed on only when all of it can be shown:
names and values of it are answers, so they are not escaped, and those with something unseen in
them are refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from zeke_bridge.agents.acp.sdk import RequestError, schema
from zeke_bridge.agents.acp.shown import labels
from zeke_bridge.agents.agent import Question, Reply
from zeke_bridge.agents.form import readable
from zeke_bridge.warden.escape import escape

_Form = schema.CreateFormSessionElicitationRequest | schema.CreateFormRequestElicitationRequest
_Url = schema.CreateUrlSessionElicitationRequest | schema.CreateUrlRequestElicitationRequest
Wanted = _Form | _Url

_MOST_FIELDS = 50
_MOST_WAITING = 4
_VALUES = frozenset({"const", "enum", "default", "pattern", "required"})


class Elicitations:
    """Those of one session that wait for an answer."""

    def __init__(self, ask: Callable[[Question], Awaitable[Reply]]) -> None:
        self._ask = ask
        self._waiting: dict[str, asyncio.Task[Any]] = {}
        self._number = 0

    async def create(self, wanted: Wanted, came: Mapping[str, Any]) -> dict[str, Any]:
        """Ask; returns the result for the agent. ``came`` is the JSON of ``wanted``."""
        if len(self._waiting) >= _MOST_WAITING:
            raise RequestError(-32602, f"{_MOST_WAITING} questions are waiting already.")
        self._number += 1
        name = f"#{self._number}"
        if isinstance(wanted, _Url):
            question = Question(wanted.message, "url", url=_web(str(wanted.url)))
            name = wanted.elicitation_id
        else:
            _check(wanted.requested_schema, came["requestedSchema"])
            question = Question(wanted.message, "form", labels(came["requestedSchema"]))
        if name in self._waiting:
            raise RequestError(-32602, "Invalid params: this elicitationId waits already.")
        mine = asyncio.current_task()
        asking = asyncio.ensure_future(self._ask(question))
        self._waiting[name] = asking
        try:
            return _result(await asking)
        except asyncio.CancelledError:
            if mine is None or mine.cancelling():
                raise
            return {"action": "cancel"}
        finally:
            del self._waiting[name]

    def complete(self, name: str) -> None:
        """What was to be done at an address is done, so the question is not needed any more."""
        if name in self._waiting:
            self._waiting[name].cancel()

    def cancel(self) -> None:
        """Withdraw all of them."""
        for asking in tuple(self._waiting.values()):
            asking.cancel()


def _result(reply: Reply) -> dict[str, Any]:
    if reply.action == "accept":
        return {"action": "accept", "content": dict(reply.content)}
    return {"action": reply.action}


def _web(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise RequestError(-32602, "Invalid params: url has to be of the web.")
    return url


def _check(form: schema.ElicitationSchema, came: Any) -> None:
    fields = form.properties or {}
    if len(fields) > _MOST_FIELDS:
        raise RequestError(-32602, f"Invalid params: a form has at most {_MOST_FIELDS} fields.")
    if any(isinstance(one, schema.ElicitationOtherPropertySchema) for one in fields.values()):
        raise RequestError(-32602, "Invalid params: a field of the form is of no known type.")
    if not readable(labels(came)):
        raise RequestError(-32602, "Invalid params: no answer to this form could be checked.")
    if not all(_is_plain(name) for name in fields) or not _all_plain(came):
        raise RequestError(-32602, "Invalid params: a name or value of the form cannot be shown.")


def _all_plain(value: Any) -> bool:
    """Whether what would be sent back can be shown as it is."""
    if isinstance(value, Mapping):
        return all(
            _texts_plain(inner) if key in _VALUES else _all_plain(inner)
            for key, inner in value.items()
        )
    if isinstance(value, list):
        return all(_all_plain(one) for one in value)
    return True


def _texts_plain(value: Any) -> bool:
    if isinstance(value, str):
        return _is_plain(value)
    if isinstance(value, list):
        return all(_texts_plain(one) for one in value)
    return _all_plain(value)


def _is_plain(text: str) -> bool:
    return escape(text) == text
