"""One session of the client's: one agent, one connection to the broker, one turn at a time.

The agent is opened with the session where nobody has to be asked about it and it does not take
long, else with the first prompt, because a client can show a question only in a session that it
knows, and in a turn. It is opened again after the broker or the agent has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from zeke_bridge.acp.client import Client
from zeke_bridge.acp.dialogs import Dialogs
from zeke_bridge.acp.link import Link, Reach, Wanted, linked
from zeke_bridge.acp.said import Said
from zeke_bridge.acp.turn import Turn
from zeke_bridge.acp.updates import Updates, chunk
from zeke_bridge.agents.acp.sdk import RequestError
from zeke_bridge.bridge.peer import Peer
from zeke_bridge.model.errors import AgentError, BrokerError, DeniedError, InputError, ZekeError
from zeke_bridge.warden.escape import escape

Json = Mapping[str, Any]

_GONE = "The broker has ended, and this turn with it: say it again, and a new one starts."
_FORGOTTEN = "The agent was started anew and does not know what was said before."
_NOT_OPEN = "The agent starts with the first prompt: say something first."
_TOLD_BEFORE = ("_message_chunk", "_thought_chunk", "tool_call", "tool_call_update", "plan")
_MOST_ID = 200
OPEN_S = 10.0
"""How long a client waits for a new session; then the agent is opened behind its back."""


class Session:
    """``id`` is what the client knows it by: the agent's own id where it has a fit one."""

    def __init__(
        self, client: Client, reach: Reach, wanted: Wanted, cwd: str, *, known: str = ""
    ) -> None:
        """``known``: the client knows the session by this id, and it is to be resumed."""
        self._client, self._reach, self._wanted = client, reach, wanted
        self.cwd = cwd
        self.id = known
        self._inner = known
        self._updates = Updates()
        self.dialogs = Dialogs(client, self._say)
        self.dialogs.session = known
        self._numbers = itertools.count(1)
        self._peer: Peer | None = None
        self.link: Link | None = None
        self._turn: Turn | None = None
        self._held: list[dict[str, Any]] | None = None if known else []
        self._asked = asyncio.Event()
        self._opening: asyncio.Task[Link] | None = None
        """Goes on since the session began."""
        self._late = False
        """The client was told of the session before its agent was there."""
        self._again = False
        self._muted = False
        self._told: frozenset[str] = frozenset()
        """Where what was said so far comes from; said again with each turn."""
        self._read: set[str] = set()
        """Where the agent read what is to stay on this machine."""

    async def begin(self, taken: Callable[[str], bool]) -> Json:
        """Open a new one: its id and what it offers. Raises ``ZekeError``.

        Where a question has to be answered first, or it takes long, it offers nothing yet.
        """
        opening = asyncio.create_task(self._open(""))
        asked = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait(
                {opening, asked}, timeout=OPEN_S, return_when=asyncio.FIRST_COMPLETED
            )
        except BaseException:
            opening.cancel()
            raise
        finally:
            asked.cancel()
        offers: Json = {}
        if opening.done():
            offers = opening.result().offers
        elif self._asked.is_set():
            opening.cancel()
        else:
            self._opening = opening
            opening.add_done_callback(_looked_at)
        self._late = not offers
        self.id = self.dialogs.session = _name(str(offers.get("id", "")), taken)
        return {"sessionId": self.id, **_offered(offers)}

    async def resume(self) -> Json:
        """Go on with the session that the client knows. Raises ``ZekeError``."""
        link = await self._open(self.id)
        if not link.offers.get("resumed"):
            self.close()
            raise InputError("This agent cannot go on with a session of before: begin a new one.")
        return _offered(link.offers)

    async def known(self) -> None:
        """The client knows the session from now on; tell it what has happened by then."""
        while self._held:
            await self._client.update(self.id, self._held.pop(0))
        self._held = None

    async def prompt(self, said: Said) -> Json:
        """One turn. Raises ``ZekeError`` and ``RequestError``."""
        if self._turn is not None:
            raise RequestError(-32600, "The agent is at work already: cancel that first.")
        ready = asyncio.create_task(self._ready())
        self._turn = Turn(f"acp-{next(self._numbers)}", ready)
        before, self._told = self._told, self._told | said.places
        try:
            return await self._turn.run(replace(said, places=self._told | self._read))
        except DeniedError:
            # Nobody was told of it.
            self._told = before
            raise
        except AgentError:
            await self._look()
            raise
        finally:
            self._turn = None

    def cancel(self) -> None:
        """Stop the turn, if one runs."""
        if self._turn is not None:
            self._turn.cancel()

    async def set(self, what: str, option: str, value: str | bool) -> Json:
        """Switch a mode (``what`` is ``mode``) or set an option (``config``)."""
        if self.link is None:
            raise InputError(_NOT_OPEN)
        return await self.link.call("agent.set", what=what, id=option, value=value)

    def close(self) -> None:
        """End it, and the agent with it."""
        self.cancel()
        if self._opening is not None:
            self._opening.cancel()
        self.link = None
        self.dialogs.end()
        if self._peer is not None:
            self._peer.close()

    async def _ready(self) -> Link:
        if self.link is not None:
            return self.link
        opening, self._opening = self._opening, None
        if not self._again:
            return await (opening or self._open(self._inner))
        # What it tells of what was before, the client has already.
        self._muted = True
        try:
            link = await self._open(self._inner)
        except (AgentError, InputError):
            link = await self._open("")
        finally:
            self._muted = False
        if not link.offers.get("resumed"):
            await self._say(self._updates.notice(_FORGOTTEN))
        return link

    async def _open(self, resume: str) -> Link:
        link = await linked(
            self._reach,
            self._wanted,
            self.cwd,
            resume,
            came=self._came,
            hear=self._hear,
            lost=self._lost,
        )
        self.link, self._inner, self._again = link, str(link.offers.get("id", "")), True
        config = link.offers.get("config")
        if self._late and config:
            await self._say({"sessionUpdate": "config_option_update", "configOptions": config})
        return link

    async def _look(self) -> None:
        """A turn that failed may have been the agent's last; then the next one starts it anew.

        The broker says so of itself, but whoever asks again at once may be faster.
        """
        link = self.link
        if link is None:
            return
        with contextlib.suppress(ZekeError):
            open_ = [one.get("session") for one in (await link.call("agent.list"))["sessions"]]
            if link.session not in open_ and self.link is link:
                self.link = None
                self.dialogs.end()
                link.close()

    def _came(self, peer: Peer) -> None:
        self._peer = peer

    def _lost(self) -> None:
        """The broker is gone."""
        self._ended(BrokerError.code, _GONE)

    def _ended(self, code: str, sentence: str) -> None:
        """The agent is gone, and the turn with it."""
        self.link = None
        self.dialogs.end()
        if self._turn is not None:
            self._turn.failed(code, sentence)

    async def _say(self, update: dict[str, Any]) -> None:
        if self._held is not None:
            self._held.append(update)
        else:
            await self._client.update(self.id, update)

    async def _hear(self, name: str, fields: Json) -> None:
        """One event of the broker's."""
        match name:
            case "task.delta" | "task.done" | "task.failed":
                await self._task(name, fields)
            case "agent.update":
                await self._update(fields["update"])
            case "consent.asked" | "consent.closed" | "agent.asked" | "agent.unasked":
                await self._question(name, fields)
            case "agent.closed":
                self._ended(AgentError.code, str(fields["reason"]))
                if self._peer is not None:
                    self._peer.close()
            case "notice":
                message = escape(str(fields.get("message", "")))
                await self._say(self._updates.notice(message))
            case _:
                pass

    async def _task(self, name: str, fields: Json) -> None:
        turn = self._turn
        if turn is None or fields.get("id") != turn.id:
            return
        if name == "task.delta":
            await self._say(chunk(str(fields["text"])))
            return
        for told in self._updates.rest():
            await self._say(told)
        if name == "task.done":
            turn.done(fields)
        else:
            turn.failed(str(fields["code"]), str(fields["message"]))

    async def _update(self, update: Json) -> None:
        if update.get("sessionUpdate") == "_zeke/kept":
            self._read.add(str(update["path"]))
        if self._muted and str(update.get("sessionUpdate", "")).endswith(_TOLD_BEFORE):
            return
        for told in self._updates.of(update):
            await self._say(told)

    async def _question(self, name: str, fields: Json) -> None:
        peer = self._peer
        if peer is None:
            return
        if name == "consent.closed":
            await self.dialogs.closed(str(fields["prompt"]), str(fields["outcome"]))
        elif name == "agent.unasked":
            self.dialogs.unasked(fields["ask"])
        elif not self.id:
            # Nobody to show it to yet: it is asked again with the first prompt.
            self._asked.set()
        elif name == "consent.asked":
            await self.dialogs.asked(fields, peer)
        else:
            self.dialogs.elicited(fields, peer)


def _looked_at(opening: asyncio.Task[Link]) -> None:
    """Whoever closes the session meanwhile does not ask how it went."""
    if not opening.cancelled():
        opening.exception()


def _offered(offers: Json) -> dict[str, Any]:
    """What a new session's answer says of it; models are among the options."""
    offered: dict[str, Any] = {}
    if offers.get("modes"):
        offered["modes"] = offers["modes"]
    if offers.get("config"):
        offered["configOptions"] = offers["config"]
    return offered


def _name(inner: str, taken: Callable[[str], bool]) -> str:
    """The agent's own id, so that the session can be resumed by it; else one of ours."""
    fit = 0 < len(inner) <= _MOST_ID and inner.isprintable() and not taken(inner)
    return inner if fit else f"zeke-{secrets.token_hex(8)}"
