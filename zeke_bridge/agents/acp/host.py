"""Opening a session with an agent that speaks ACP: started, greeted, logged in, a session made."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from pydantic import TypeAdapter

from zeke_bridge import __version__
from zeke_bridge.agents.acp import models
from zeke_bridge.agents.acp.desk import Desk
from zeke_bridge.agents.acp.peer import LoginError, Peer
from zeke_bridge.agents.acp.pipe import Pipe
from zeke_bridge.agents.acp.sdk import PROTOCOL_VERSION, Connection, schema
from zeke_bridge.agents.acp.session import Session
from zeke_bridge.agents.acp.shown import labels
from zeke_bridge.agents.acp.work import Work
from zeke_bridge.agents.agent import Agent, Opened, Surroundings
from zeke_bridge.agents.child import Child, Launch
from zeke_bridge.agents.ending import Ending
from zeke_bridge.agents.registry import Entry
from zeke_bridge.model.errors import AgentError, ProcessError
from zeke_bridge.warden.escape import escape, shorten

GREET_S = 60.0
"""A program of Node.js may take its time, above all the first time."""
_OPEN_S = 90.0
_LOGIN_S = 60.0
_NOTE = "An agent that speaks the Agent Client Protocol."
_FAILED = "It could not be opened."
_NAME, _MOST_METHODS = 60, 6

_Found = schema.NewSessionResponse | schema.LoadSessionResponse | schema.ResumeSessionResponse

_GREETED = TypeAdapter(schema.InitializeResponse)
_NEW = TypeAdapter(schema.NewSessionResponse)
_LOADED = TypeAdapter(schema.LoadSessionResponse)
_RESUMED = TypeAdapter(schema.ResumeSessionResponse)
_LOGGED_IN = TypeAdapter(schema.AuthenticateResponse)
_CAPABILITIES: dict[str, Any] = {
    "fs": {"readTextFile": True, "writeTextFile": True},
    "terminal": True,
    "elicitation": {"form": {}, "url": {}},
    "session": {"configOptions": {"boolean": {}}},
}


async def connect(
    name: str, entry: Entry, surroundings: Surroundings, *, resume: str = ""
) -> Agent:
    """Start the agent and open a session with it, or the session ``resume`` of its own.

    Raises ``ConsentError`` and ``ProcessError`` when it cannot be started, ``InputError`` when it
    cannot resume, and ``AgentError`` for all that is wrong with what it says.
    """
    where = surroundings.cwd
    launch = Launch(entry.argv, where, entry.pass_on, entry.env, _NOTE, entry.writes)
    try:
        child = await surroundings.start(launch)
    except ProcessError as error:
        hint = f" To install it: {entry.install}." if entry.install else ""
        raise ProcessError(f"{error.message}{hint}") from error
    opening = _Opening(entry, surroundings, child)
    try:
        return await opening.session(resume)
    except BaseException:
        opening.ending.wanted = True
        await asyncio.shield(opening.ending.begin(_FAILED))
        raise


class _Opening:
    """What is made on the way to a session."""

    def __init__(self, entry: Entry, around: Surroundings, child: Child) -> None:
        self._entry = entry
        self._around = around
        self._desk = Desk(around, Work())
        title = entry.title or escape(entry.name)
        self.ending = Ending(child, title, around.closed, self._let_go)
        pipe = self._desk.pipe = Pipe(child, self.ending.begin, self._desk.notice)
        self._connection = Connection(self._desk.handle, pipe)
        self._peer = Peer(self._connection, self.ending, title)

    async def session(self, resume: str) -> Agent:
        """Greet it, and open."""
        greeting = await self._greet()
        offers = greeting.agent_capabilities or schema.AgentCapabilities()
        try:
            opened = await self._open(offers, resume)
        except LoginError as error:
            await self._log_in(greeting, error)
            opened = await self._open(offers, resume)
        return Session(
            opened, offers, self._around, peer=self._peer, desk=self._desk, ending=self.ending
        )

    async def _greet(self) -> schema.InitializeResponse:
        params = {
            "protocolVersion": PROTOCOL_VERSION,
            "clientCapabilities": _CAPABILITIES,
            "clientInfo": {"name": "zeke-bridge", "title": "Zeke Bridge", "version": __version__},
        }
        greeting, _ = await self._peer.request("initialize", params, _GREETED, GREET_S)
        if greeting.protocol_version != PROTOCOL_VERSION:
            raise AgentError(
                f"{self._peer.title} speaks version {greeting.protocol_version} of the Agent "
                f"Client Protocol, and Zeke version {PROTOCOL_VERSION}: another version of one of "
                "them is needed."
            )
        return greeting

    async def _open(self, offers: schema.AgentCapabilities, resume: str) -> Opened:
        params: dict[str, Any] = {"cwd": self._around.cwd, "mcpServers": []}
        can, desk = offers.session_capabilities, self._desk
        if not resume:
            return await self._new(offers, params)
        params["sessionId"] = resume
        desk.begin(resume)
        if offers.load_session:
            # What was before is told again, so that a person sees it.
            desk.replay = True
            found, came = await self._peer.request("session/load", params, _LOADED, _OPEN_S)
            desk.replay = False
            return self._opened(offers, found, came, resume)
        if can is not None and can.resume is not None:
            back, came = await self._peer.request("session/resume", params, _RESUMED, _OPEN_S)
            return self._opened(offers, back, came, resume)
        return await self._new(offers, params)

    async def _new(self, offers: schema.AgentCapabilities, params: dict[str, Any]) -> Opened:
        """A session that remembers nothing, which the front tells whoever wanted another."""
        fresh = {name: value for name, value in params.items() if name != "sessionId"}
        new, came = await self._peer.request("session/new", fresh, _NEW, _OPEN_S)
        self._desk.begin(new.session_id)
        return self._opened(offers, new, came, "")

    def _opened(
        self, offers: schema.AgentCapabilities, found: _Found, came: dict[str, Any], resumed: str
    ) -> Opened:
        said = labels(found.model_dump(mode="json", by_alias=True, exclude_none=True))
        takes = offers.prompt_capabilities
        return Opened(
            id=resumed or said["sessionId"],
            image=bool(takes and takes.image),
            resumed=bool(resumed),
            modes=said.get("modes", {}),
            config=models.among(said.get("configOptions", ()), came.get("models")),
            commands=self._desk.commands,
        )

    async def _log_in(self, greeting: schema.InitializeResponse, error: LoginError) -> None:
        """Log in with what the environment has. Raises ``AgentError`` that says what else to do."""
        methods = greeting.auth_methods or []
        for method in methods:
            if self._has_key(method):
                params = {"methodId": method.id}
                await self._peer.request("authenticate", params, _LOGGED_IN, _LOGIN_S)
                return
        offered = ", ".join(shorten(method.name, _NAME) for method in methods[:_MOST_METHODS])
        raise AgentError(
            f"{self._peer.title} wants you to log in. {self._entry.login}".rstrip()
            + (f" It offers: {offered}." if offered else f" {error.message}")
        )

    def _has_key(self, method: Any) -> bool:
        if isinstance(method, schema.EnvVarAuthMethod):
            wanted = [one.name for one in method.vars if not one.optional]
            passed = set(self._entry.pass_on)
            return bool(wanted) and all(name in passed and os.environ.get(name) for name in wanted)
        return any(os.environ.get(name) for name in self._entry.logins.get(method.id, ()))

    async def _let_go(self) -> None:
        """The agent is gone: nobody waits for it any more, and it keeps nothing."""
        await self._desk.aclose()
        await self._connection.close()
