"""One open session with an agent that speaks ACP, as an ``Agent``."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from zeke_bridge.agents.acp.desk import Desk
from zeke_bridge.agents.acp.models import MODEL, current
from zeke_bridge.agents.acp.peer import Peer
from zeke_bridge.agents.acp.sdk import schema
from zeke_bridge.agents.acp.shown import labels
from zeke_bridge.agents.agent import Known, Opened, Prompt, Stop, Surroundings
from zeke_bridge.agents.ending import Ending
from zeke_bridge.model.errors import AgentError, InputError
from zeke_bridge.model.exchange import Cost, Receipt, Usage
from zeke_bridge.warden.escape import shorten

STOP_S = 20.0
"""What an agent has to end a turn that was stopped."""
_SET_S = 20.0
_LIST_S = 20.0
_CLOSE_S = 2.0
_PAGES = 10
_LINE = 200

_PROMPTED = TypeAdapter(schema.PromptResponse)
_MODE_SET = TypeAdapter(schema.SetSessionModeResponse)
_CONFIG_SET = TypeAdapter(schema.SetSessionConfigOptionResponse)
_LISTED = TypeAdapter(schema.ListSessionsResponse)
_CLOSED = TypeAdapter(schema.CloseSessionResponse)


class Session:
    """``offers`` is what the agent can do (``AgentCapabilities``)."""

    def __init__(
        self,
        opened: Opened,
        offers: schema.AgentCapabilities,
        around: Surroundings,
        *,
        peer: Peer,
        desk: Desk,
        ending: Ending,
    ) -> None:
        self.opened = opened
        self._offers = offers
        self._peer, self._desk, self._ending = peer, desk, ending
        self._effects = around.effects
        self._cwd = around.cwd
        self._config = list(opened.config)
        self._stopping: asyncio.Task[None] | None = None

    async def prompt(self, prompt: Prompt) -> Stop:
        """One turn; it may take as long as the agent and the person want."""
        if self._stopping is not None:
            await asyncio.shield(self._stopping)
        params = {"sessionId": self.opened.id, "prompt": self._blocks(prompt)}
        work, before = self._desk.work, self._desk.spent or 0.0
        self._desk.turn_begins()
        answer = asyncio.get_running_loop().create_task(
            self._peer.request("session/prompt", params, _PROMPTED, None)
        )
        answer.add_done_callback(_heard)
        try:
            found, _ = await asyncio.shield(answer)
            self._desk.terminals.turn_ended()
        except asyncio.CancelledError:
            work.stop()
            self._desk.elicitations.cancel()
            self._stopping = asyncio.get_running_loop().create_task(self._stop(answer))
            raise
        finally:
            work.end()
            self._effects.turn_ended()
        spent = self._desk.spent
        cost = Cost(known=False) if spent is None else Cost(total_cost=max(spent - before, 0.0))
        return Stop(found.stop_reason, _receipt(found.usage, cost))

    async def set_mode(self, mode: str) -> None:
        """Switch to one of its modes."""
        params = {"sessionId": self.opened.id, "modeId": mode}
        await self._peer.request("session/set_mode", params, _MODE_SET, _SET_S)

    async def set_config(self, option: str, value: str | bool) -> Sequence[Mapping[str, Any]]:
        """Set one of its options; returns all of them as they are now."""
        if option == MODEL:
            params: dict[str, Any] = {"sessionId": self.opened.id, "modelId": str(value)}
            await self._peer.request("session/set_model", params, _MODE_SET, _SET_S)
            self._config = current(self._config, str(value))
            return self._config
        params = {"sessionId": self.opened.id, "configId": option, "value": value}
        if isinstance(value, bool):
            params["type"] = "boolean"
        found, _ = await self._peer.request(
            "session/set_config_option", params, _CONFIG_SET, _SET_S
        )
        kept = [one for one in self._config if one["id"] == MODEL]
        self._config = [*labels(_CONFIG_SET.dump_python(found, **_JSON)["configOptions"]), *kept]
        return self._config

    async def known(self) -> Sequence[Known]:
        """The sessions of this directory that it could resume."""
        can = self._offers.session_capabilities
        if can is None or can.list is None:
            return ()
        params: dict[str, Any] = {"cwd": self._cwd}
        found: list[Known] = []
        for _ in range(_PAGES):
            page, _ = await self._peer.request("session/list", params, _LISTED, _LIST_S)
            found += [_known(one) for one in page.sessions if one.cwd == self._cwd]
            if not page.next_cursor:
                break
            params["cursor"] = page.next_cursor
        return found

    async def aclose(self) -> None:
        """End it, and the programs it has started."""
        self._ending.wanted = True
        if self._stopping is not None:
            self._stopping.cancel()
        can = self._offers.session_capabilities
        if can is not None and can.close is not None:
            params = {"sessionId": self.opened.id}
            with contextlib.suppress(AgentError):
                await self._peer.request("session/close", params, _CLOSED, _CLOSE_S)
        await self._ending.sentence()

    async def _stop(self, answer: asyncio.Task[Any]) -> None:
        """Tell the agent, and see that it stops."""
        await self._peer.tell("session/cancel", {"sessionId": self.opened.id})
        await self._desk.terminals.stop()
        try:
            async with asyncio.timeout(STOP_S):
                await asyncio.wait([answer])
        except TimeoutError:
            answer.cancel()
            await self._ending.begin(f"It did not stop within {STOP_S:g} s when it was told to.")
        finally:
            self._stopping = None

    def _blocks(self, prompt: Prompt) -> list[dict[str, Any]]:
        if prompt.images and not self.opened.image:
            raise InputError(f"{self._peer.title} cannot take pictures.")
        pictures = [
            {"type": "image", "mimeType": one.mime, "data": one.data} for one in prompt.images
        ]
        return [{"type": "text", "text": prompt.text}, *pictures]


_JSON: Mapping[str, Any] = {"mode": "json", "by_alias": True, "exclude_none": True}


def _heard(answer: asyncio.Task[Any]) -> None:
    """Nobody waits for the answer to a turn that was stopped."""
    if not answer.cancelled():
        answer.exception()


def _known(one: schema.SessionInfo) -> Known:
    return Known(one.session_id, shorten(one.title or "", _LINE), one.updated_at or "", one.cwd)


def _receipt(used: schema.Usage | None, cost: Cost) -> Receipt | None:
    if used is None and not cost.known:
        return None
    usage = Usage()
    if used is not None:
        usage = Usage(
            prompt_tokens=used.input_tokens,
            completion_tokens=used.output_tokens,
            total_tokens=used.total_tokens,
            cached_tokens=used.cached_read_tokens or 0,
            cache_write_tokens=used.cached_write_tokens or 0,
            reasoning_tokens=used.thought_tokens or 0,
        )
    return Receipt(usage=usage, cost=cost)
