"""What waits for the client's person: questions of GhostWarden, and the agent's own.

An answer goes back to the broker; whatever is no clear yes is a no. What is withdrawn there is
withdrawn here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from pydantic import TypeAdapter

from zeke_bridge.acp import question
from zeke_bridge.acp.client import Client
from zeke_bridge.agents.acp.sdk import RequestError, schema
from zeke_bridge.agents.acp.strict import exact
from zeke_bridge.bridge.peer import Peer
from zeke_bridge.model.errors import InputError, ZekeError

Json = Mapping[str, Any]

ANSWER_S = 10.0
_ALLOWED = frozenset({"once", "session", "project"})
_REPLY = TypeAdapter[Any](schema.CreateElicitationResponse)


class Dialogs:
    """Those of one session, whose ``say`` tells the client of a session update."""

    def __init__(self, client: Client, say: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._client = client
        self._say = say
        self._open: dict[str, asyncio.Task[None]] = {}
        self.session = ""
        self.takes: Json = {}
        """The client's ``elicitation`` capabilities."""

    async def asked(self, asked: Json, peer: Peer) -> None:
        """Put a question of GhostWarden; ``asked`` are the fields of ``consent.asked``."""
        call = question.tool_call(asked)
        await self._say({"sessionUpdate": "tool_call", **call})
        self._begin(call["toolCallId"], self._permit(asked, call, peer))

    async def closed(self, prompt: str, outcome: str) -> None:
        """GhostWarden wants no answer any more: it has one, or nobody needs it."""
        name = question.name(prompt)
        self._end(name)
        status = "completed" if outcome in _ALLOWED else "failed"
        update = {"sessionUpdate": "tool_call_update", "toolCallId": name, "status": status}
        await self._say(update)

    def elicited(self, fields: Json, peer: Peer) -> None:
        """Put a question of the agent's own (``agent.asked``), or decline it for the person."""
        name = f"ask-{fields['ask']}"
        mode = str(fields["mode"])
        if self.takes.get(mode) is None:
            peer.tell("agent.answer", {**_named(fields), "action": "decline"})
            return
        self._begin(name, self._elicit(fields, mode, peer))

    def unasked(self, ask: Any) -> None:
        """The agent wants no answer any more."""
        self._end(f"ask-{ask}")

    def end(self) -> None:
        """Withdraw all of them."""
        for name in list(self._open):
            self._end(name)

    async def _permit(self, asked: Json, call: Json, peer: Peer) -> None:
        try:
            answer = await self._client.permission(self.session, call, question.options(asked))
            choice = question.chosen(answer, asked)
        except (RequestError, ConnectionError):
            # It was not put to anybody, so nobody is remembered to have said no.
            choice = "unshown"
        except TimeoutError:
            choice = "deny"
        peer.tell("consent.answer", {"prompt": asked["prompt"], "choice": choice})

    async def _elicit(self, fields: Json, mode: str, peer: Peer) -> None:
        params: dict[str, Any] = {
            "sessionId": self.session,
            "mode": mode,
            "message": f"{fields['agent']}: {fields['message']}",
        }
        if mode == "url":
            params |= {"url": fields["url"], "elicitationId": f"zeke-{fields['ask']}"}
        else:
            params["requestedSchema"] = fields["schema"]
        try:
            answer = await self._client.elicit(params)
            _, came = exact(_REPLY, answer, more=True)
        except (RequestError, ConnectionError, TimeoutError):
            came = {"action": "cancel"}
        if came["action"] not in ("accept", "decline"):
            came = {"action": "cancel"}
        content = came.get("content") or {}
        told = {**_named(fields), "action": came["action"], "content": content}
        try:
            await peer.call("agent.answer", told, ANSWER_S)
        except InputError:
            # The client has shown the form, and is not asked again what it got wrong.
            peer.tell("agent.answer", {**_named(fields), "action": "cancel"})
        except ZekeError:
            pass  # The broker is gone, and the question with it.

    def _begin(self, name: str, asking: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(asking)
        self._open[name] = task
        task.add_done_callback(lambda ended: self._ended(name, ended))

    def _end(self, name: str) -> None:
        task = self._open.pop(name, None)
        if task is not None:
            task.cancel()

    def _ended(self, name: str, ended: asyncio.Task[None]) -> None:
        if self._open.get(name) is ended:
            del self._open[name]


def _named(fields: Json) -> dict[str, Any]:
    return {"session": fields["session"], "ask": fields["ask"]}
