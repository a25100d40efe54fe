"""How a model is asked for its next step, as a Protocol; and the way of models that call tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from zeke_bridge.agents.loop import manner
from zeke_bridge.agents.loop.kit import Kit
from zeke_bridge.model.exchange import Answer, Audience, ChatAsk, Message, ToolCall


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says in one answer, and what it wants done before it goes on."""

    text: str
    calls: tuple[ToolCall, ...] = ()


class Way(Protocol):
    """One way to ask. Made for one answer."""

    kit: Kit

    def ask(self, audience: Audience, messages: Sequence[Message]) -> ChatAsk:
        """The request that continues ``messages``."""
        ...

    def hear(self, piece: str) -> str:
        """What the person is shown of the next piece of the answer."""
        ...

    def said(self, answer: Answer) -> Said:
        """What the whole answer says."""
        ...


class ByCalls:
    """With tool calls; with an empty ``kit`` just an answer.

    ``optional``: a model that calls none may answer without, and nothing is said of tools.
    """

    def __init__(self, kit: Kit, *, optional: bool = False) -> None:
        self.kit = kit
        self._optional = optional

    def ask(self, audience: Audience, messages: Sequence[Message]) -> ChatAsk:
        """See ``Way``."""
        tools = self.kit.asked()
        system = [Message("system", manner.TOOLS)] if tools and not self._optional else []
        asked = (*system, *messages)
        return ChatAsk(audience, asked, tools=tools, tools_optional=self._optional)

    def hear(self, piece: str) -> str:
        """See ``Way``."""
        return piece

    def said(self, answer: Answer) -> Said:
        """See ``Way``."""
        return Said(answer.text, answer.calls if self.kit.tools else ())
