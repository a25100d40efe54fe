"""Opening a session with an agent: which program, in whose name, with which hands.

What stands behind a session is loaded when it is wanted: the protocols take memory and time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from zeke_bridge.agents.agent import Agent, Surroundings
from zeke_bridge.broker.agents.session import AgentSession
from zeke_bridge.broker.session import Session
from zeke_bridge.model.action import ASSISTANT, Subject
from zeke_bridge.model.errors import DeniedError
from zeke_bridge.model.exchange import Audience, ChatAsk, CodeAsk, Piece

if TYPE_CHECKING:
    from zeke_bridge.agents.registry import Entry
    from zeke_bridge.broker.agents.owner import Owner


class Opening:
    """What an editor that is in ``cwd`` can open."""

    def __init__(self, editor: Session, cwd: str) -> None:
        self._editor = editor
        self.cwd = cwd or editor.cwd
        self.root = editor.root("", cwd)

    def known(self) -> list[dict[str, Any]]:
        """Every agent there is: the built-in one, those of the registry, the person's own."""
        from zeke_bridge.agents.registry import described

        return described(self._editor.settings.agents.own)

    def entry(self, name: str, command: tuple[str, ...]) -> Entry:
        """The agent of this name, or one for ``command``. Raises ``InputError``."""
        from zeke_bridge.agents.registry import find, unknown

        return unknown(command, name) if command else find(name, self._editor.settings.agents.own)

    def subject(self, entry: Entry) -> Subject:
        """Who it is to GhostWarden."""
        if entry.builtin:
            return ASSISTANT
        return Subject("agent", entry.name, entry.fingerprint())

    def check(self, root: str, subject: Subject, touched: Iterable[str] = ()) -> None:
        """Raise ``DeniedError`` where an agent could send away what has to stay here.

        ``touched`` are files that it is shown besides.
        """
        if subject.kind == "agent" and self._editor.keeps_here(root, *touched):
            raise DeniedError(
                "This project's consent file keeps its text on this machine, and what an agent "
                "sends where cannot be seen. `:ZekeAgent zeke` with a local model is possible."
            )

    async def agent(
        self, one: AgentSession, entry: Entry, resume: str, closed: Callable[[str], None]
    ) -> Agent:
        """Start it and open its session. Raises ``ZekeError``."""
        self.check(one.root, one.subject)
        from zeke_bridge.broker.agents.hands import Hands
        from zeke_bridge.broker.agents.owner import Owner
        from zeke_bridge.broker.agents.starting import Starting

        owner = Owner(self._editor, one.root, one.subject, one.name, one.id, one.feed.say)
        one.hands = Hands(owner)
        around = Surroundings(
            self.root,
            self.cwd,
            one.hands,
            one.feed.say,
            one.questions.ask,
            Starting(self._editor, one.root, one.subject),
            closed,
        )
        if entry.builtin:
            return await self._assistant(around, owner)
        # Half a second of work, in which other editors want to be served.
        await asyncio.to_thread(import_module, "zeke_bridge.agents.acp.host")
        from zeke_bridge.agents.acp.host import connect

        return await connect(entry.name, entry, around, resume=resume)

    async def _assistant(self, around: Surroundings, owner: Owner) -> Agent:
        from zeke_bridge.agents.loop.limits import Limits
        from zeke_bridge.broker.agents.foreign import EquippedAssistant, Foreign
        from zeke_bridge.broker.agents.rewriting import Rewriting

        settings = self._editor.settings.agents
        limits = Limits(settings.steps, settings.tokens, settings.cost)
        audience = partial(self._audience, owner)
        rewriting = Rewriting(self._ask_code, audience)
        return EquippedAssistant(
            around,
            self._ask,
            limits,
            audience,
            rewrite=rewriting.rewrite,
            toolless=self._editor.toolless,
            foreign=Foreign(self._editor, self.root, around.ask),
            effects=around.effects,
        )

    def _ask(self, ask: ChatAsk) -> AsyncGenerator[Piece, None]:
        return self._editor.client().chat(ask)

    def _ask_code(self, ask: CodeAsk) -> AsyncGenerator[Piece, None]:
        return self._editor.client().code(ask)

    def _audience(self, owner: Owner) -> Audience:
        editor = self._editor
        return Audience(
            editor.settings.default_model,
            editor.projects.opaque_id(self.root),
            owner.seen.kept_here or editor.keeps_here(self.root),
        )
