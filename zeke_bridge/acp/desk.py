"""What comes from the client, each message to where it belongs: the SDK's ``MethodHandler``.

Every message is checked against ACP's schema first; what the schema does not have is passed over,
because clients are of all versions.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from zeke_bridge import __version__
from zeke_bridge.acp.client import Client
from zeke_bridge.acp.link import Reach, Wanted
from zeke_bridge.acp.said import said
from zeke_bridge.acp.session import Session
from zeke_bridge.agents.acp.sdk import PROTOCOL_VERSION, RequestError, schema
from zeke_bridge.agents.acp.strict import exact
from zeke_bridge.model.errors import BrokerError, InputError, ZekeError
from zeke_bridge.warden.escape import escape

log = logging.getLogger(__name__)

Json = Mapping[str, Any]

MOST_SESSIONS = 16
_INVALID, _INTERNAL = -32602, -32603
_SHAPES: Mapping[str, TypeAdapter[Any]] = {
    "initialize": TypeAdapter(schema.InitializeRequest),
    "session/new": TypeAdapter(schema.NewSessionRequest),
    "session/load": TypeAdapter(schema.LoadSessionRequest),
    "session/resume": TypeAdapter(schema.ResumeSessionRequest),
    "session/list": TypeAdapter(schema.ListSessionsRequest),
    "session/close": TypeAdapter(schema.CloseSessionRequest),
    "session/set_mode": TypeAdapter(schema.SetSessionModeRequest),
    "session/set_config_option": TypeAdapter(
        schema.SetSessionConfigOptionBooleanRequest | schema.SetSessionConfigOptionSelectRequest
    ),
    "session/prompt": TypeAdapter(schema.PromptRequest),
}
_CANCEL = TypeAdapter(schema.CancelNotification)


class Desk:
    """Of one client. ``handled`` is called when a message is done with."""

    def __init__(self, wanted: Wanted, reach: Reach) -> None:
        self._wanted, self._reach = wanted, reach
        self.client: Client | None = None
        self.handled: Callable[[], None] = lambda: None
        self._sessions: dict[str, Session] = {}
        self._beginning: set[Session] = set()
        self._elicitation: Json | None = None
        self._greeted = False

    async def handle(self, method: str, params: Any, is_notification: bool) -> Any:
        """Take one message. Raises ``RequestError``, which the SDK answers with."""
        try:
            if is_notification:
                return self._hear(method, params)
            return await self._answer(method, params)
        except RequestError:
            raise
        except ZekeError as error:
            if isinstance(error, BrokerError):
                sys.stderr.write(f"zeke: {escape(error.message)}\n")
            code = _INVALID if isinstance(error, InputError) else _INTERNAL
            raise RequestError(code, error.message, {"code": error.code}) from None
        except Exception:
            log.exception("A message of the client was not handled")
            raise RequestError(_INTERNAL, "Zeke itself failed here.") from None
        finally:
            self.handled()

    async def opened(self, session: str) -> None:
        """The client has been told of a new session."""
        found = self._sessions.get(session)
        if found is not None:
            await found.known()

    def close(self) -> None:
        """The client is gone: end everything."""
        for session in (*self._sessions.values(), *self._beginning):
            session.close()
        self._sessions.clear()

    def _hear(self, method: str, params: Any) -> None:
        if method != "session/cancel":
            return
        try:
            wanted, _ = exact(_CANCEL, params, more=True)
        except RequestError:
            log.warning("A session/cancel makes no sense")
            return
        if wanted.session_id in self._sessions:
            self._sessions[wanted.session_id].cancel()

    async def _answer(self, method: str, params: Any) -> Any:
        shape = _SHAPES.get(method)
        if shape is None:
            raise RequestError.method_not_found(method)
        wanted, came = exact(shape, params, more=True)
        if not self._greeted and method != "initialize":
            raise RequestError(-32600, "Send initialize first.")
        answers: Mapping[str, Callable[[Any], Awaitable[Json]]] = {
            "session/new": self._new,
            "session/load": self._load,
            "session/resume": self._load,
            "session/list": self._list,
            "session/close": self._close,
            "session/set_mode": self._set_mode,
            "session/set_config_option": self._set_config,
            "session/prompt": self._prompt,
        }
        if method == "initialize":
            return self._initialize(came)
        return dict(await answers[method](wanted))

    def _initialize(self, came: Json) -> Json:
        self._greeted = True
        self._elicitation = (came.get("clientCapabilities") or {}).get("elicitation")
        remembers = not self._wanted.builtin
        sessions: dict[str, Any] = {"close": {}}
        if remembers:
            sessions |= {"list": {}, "resume": {}}
        title = self._wanted.command[0] if self._wanted.command else self._wanted.agent
        return {
            "protocolVersion": PROTOCOL_VERSION,
            "agentCapabilities": {
                "loadSession": remembers,
                "promptCapabilities": {"image": remembers, "embeddedContext": True},
                "sessionCapabilities": sessions,
            },
            "agentInfo": {
                "name": "zeke-bridge",
                "title": f"Zeke Bridge: {escape(Path(title).name)}",
                "version": __version__,
            },
            "authMethods": [],
        }

    async def _new(self, wanted: schema.NewSessionRequest) -> Json:
        session = self._made(wanted)
        self._beginning.add(session)
        try:
            offers = await session.begin(self._sessions.__contains__)
        except BaseException:
            session.close()
            raise
        finally:
            self._beginning.discard(session)
        self._sessions[session.id] = session
        return offers

    async def _load(self, wanted: schema.LoadSessionRequest | schema.ResumeSessionRequest) -> Json:
        if wanted.session_id in self._sessions:
            raise RequestError(_INVALID, "Invalid params: this session is open already.")
        session = self._made(wanted, wanted.session_id)
        self._sessions[session.id] = session
        try:
            return await session.resume()
        except BaseException:
            del self._sessions[session.id]
            session.close()
            raise

    def _made(self, wanted: Any, known: str = "") -> Session:
        if len(self._sessions) + len(self._beginning) >= MOST_SESSIONS:
            raise InputError(f"{MOST_SESSIONS} sessions are open already: close one of them.")
        if not Path(wanted.cwd).is_dir():
            raise InputError(f"{escape(wanted.cwd)} is not a directory.")
        if wanted.additional_directories:
            raise InputError("A session has one project: additionalDirectories are not offered.")
        if wanted.mcp_servers:
            sys.stderr.write(
                "zeke: the client's MCP servers are not passed on; see `:help zeke-acp-editors`.\n"
            )
        return self._session(wanted.cwd, known)

    def _session(self, cwd: str, known: str = "") -> Session:
        if self.client is None:
            raise RequestError(_INTERNAL, "There is nobody to speak to.")
        made = Session(self.client, self._reach, self._wanted, cwd, known=known)
        made.dialogs.takes = self._elicitation or {}
        return made

    async def _list(self, wanted: schema.ListSessionsRequest) -> Json:
        if wanted.cursor is not None:
            raise RequestError(_INVALID, "Invalid params: there is one page, and no cursor.")
        cwd = wanted.cwd or str(Path.cwd())
        if self._wanted.builtin:
            return {"sessions": []}
        for session in self._sessions.values():
            if session.cwd == cwd and session.link is not None:
                return await self._listed(session)
        asking = self._session(cwd)
        try:
            await asking.begin(self._sessions.__contains__)
            return await self._listed(asking)
        finally:
            asking.close()

    async def _listed(self, session: Session) -> Json:
        """What its agent remembers; nothing when the agent could not be asked."""
        if session.link is None:
            return {"sessions": []}
        agent, command = session.link.offers["agent"], list(self._wanted.command)
        found = await session.link.call("agent.sessions", agent=agent, command=command)
        return {"sessions": [_remembered(one) for one in found.get("sessions", [])]}

    async def _close(self, wanted: schema.CloseSessionRequest) -> Json:
        self._found(wanted.session_id).close()
        del self._sessions[wanted.session_id]
        return {}

    async def _set_mode(self, wanted: schema.SetSessionModeRequest) -> Json:
        await self._found(wanted.session_id).set("mode", "", wanted.mode_id)
        return {}

    async def _set_config(self, wanted: Any) -> Json:
        session = self._found(wanted.session_id)
        answer = await session.set("config", wanted.config_id, wanted.value)
        return {"configOptions": answer.get("config", [])}

    async def _prompt(self, wanted: schema.PromptRequest) -> Json:
        session = self._found(wanted.session_id)
        return await session.prompt(said(wanted.prompt, session.cwd))

    def _found(self, session: str) -> Session:
        found = self._sessions.get(session)
        if found is None:
            raise RequestError(_INVALID, "Invalid params: there is no session of this id.")
        return found


def _remembered(one: Json) -> Json:
    told = {"sessionId": one["id"], "cwd": one["cwd"]}
    if one.get("title"):
        told["title"] = one["title"]
    if one.get("updated"):
        told["updatedAt"] = one["updated"]
    return told
