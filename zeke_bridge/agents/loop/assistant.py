"""The built-in assistant as an agent: a session that keeps its conversation."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from zeke_bridge.agents.agent import Known, Opened, Prompt, Stop, Surroundings
from zeke_bridge.agents.loop.kit import ForeignTool
from zeke_bridge.agents.loop.limits import Limits
from zeke_bridge.agents.loop.tool import Rewrite
from zeke_bridge.agents.loop.turn import AskModel, Options, run_turn
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import Audience, Message


class Assistant:
    """Implements ``Agent``. ``more`` is looked at when a turn begins; ``toolless``: ``Options``."""

    def __init__(
        self,
        surroundings: Surroundings,
        ask_model: AskModel,
        limits: Limits,
        audience: Callable[[], Audience],
        *,
        rewrite: Rewrite | None = None,
        more: Sequence[ForeignTool] = (),
        toolless: set[str] | None = None,
    ) -> None:
        self.opened = Opened(uuid.uuid4().hex, "Zeke")
        self.messages: list[Message] = []
        """The conversation so far, each tool call with its result."""
        self._around = surroundings
        self._ask_model = ask_model
        self._audience = audience
        self._options = Options(limits, more, rewrite, set() if toolless is None else toolless)

    async def prompt(self, prompt: Prompt) -> Stop:
        """See ``Agent``. Cancelled, what was accepted stays, and the conversation can go on.

        A conversation that began before this session goes on from what the chat says of it.
        """
        if prompt.images:
            raise InputError("The built-in assistant sees no pictures: describe what is on them.")
        if not self.messages:
            self.messages += prompt.before
        self.messages.append(Message("user", prompt.text))
        around = self._around
        return await run_turn(
            self.messages,
            around.effects,
            around.say,
            self._ask_model,
            self._audience,
            root=around.root,
            options=self._options,
        )

    async def set_mode(self, mode: str) -> None:
        """See ``Agent``: there are none."""
        raise InputError(f"The built-in assistant has no modes, so none called {mode[:80]!r}.")

    async def set_config(self, option: str, value: str | bool) -> Sequence[dict[str, object]]:
        """See ``Agent``: there are none."""
        raise InputError(
            f"The built-in assistant has no option {option[:80]!r}: set {value!r} in `setup()`."
        )

    async def known(self) -> Sequence[Known]:
        """See ``Agent``: a session ends with the broker, and the chat keeps what was said."""
        return ()

    async def aclose(self) -> None:
        """See ``Agent``: nothing of it goes on by itself."""
