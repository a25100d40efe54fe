"""The tools of one turn by their names: the built-in ones, and those of somebody else."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zeke_bridge.agents.loop import arguments
from zeke_bridge.agents.loop.cut import cut
from zeke_bridge.agents.loop.title import title
from zeke_bridge.agents.loop.tool import Arguments, Bench, Look, Outcome, Tell, Tool
from zeke_bridge.model import exchange
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import ToolCall

FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What OpenAI takes for the name of a function."""
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class ForeignTool:
    """A tool of somebody else; ``schema`` is the JSON schema of its arguments.

    ``call`` gives the text of its result, and raises ``ZekeError`` when there is none.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    call: Callable[[Mapping[str, Any]], Awaitable[str]]


class Kit:
    """``tools`` and ``more``. A foreign tool without a proper name, or with a taken one, is out."""

    def __init__(self, tools: Iterable[Tool], more: Sequence[ForeignTool] = ()) -> None:
        self.tools = {tool.name: tool for tool in tools}
        for one in more:
            if FUNCTION_NAME.fullmatch(one.name) and one.name not in self.tools:
                self.tools[one.name] = _taken_in(one)

    def asked(self) -> tuple[exchange.Tool, ...]:
        """As a model is told of them."""
        return tuple(
            exchange.Tool(tool.name, tool.description, tool.parameters)
            for tool in self.tools.values()
        )

    def read(self, call: ToolCall) -> tuple[Tool, Arguments]:
        """The tool that is meant and its arguments. Raises ``InputError`` for the model."""
        tool = self.tools.get(call.name)
        if tool is None:
            raise InputError(
                f"There is no tool {call.name[:_LONGEST_NAME]!r}; there are "
                f"{', '.join(self.tools)}."
            )
        if tool.foreign:
            return tool, arguments.parsed(call.arguments)
        return tool, arguments.read(call.arguments, tool.parameters)


def _taken_in(one: ForeignTool) -> Tool:
    async def act(given: Arguments, bench: Bench, _tell: Tell) -> Outcome:
        return Outcome(cut(await one.call(given), bench.most))

    def look(_given: Arguments, _bench: Bench) -> Look:
        return Look(title("Use", one.name))

    parameters = dict(one.schema)
    return Tool(one.name, one.description, "other", parameters, look, act=act, foreign=True)
