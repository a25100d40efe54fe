"""The questions of ``/v1/zeke/terminal/{suggest,explain,debug}``, and what suggest answers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import Answer, Suggestion, TerminalAsk, TerminalTask
from zeke_bridge.wire.zeke.body import MAX_NAME, WHOLE, Addressed, addressed, build
from zeke_bridge.wire.zeke.code import MAX_INSTRUCTION
from zeke_bridge.wire.zeke.envelope import TextAnswer

MAX_OUTPUT = 500_000
MAX_COMMANDS = 200
_EMPTY: dict[TerminalTask, str] = {
    "suggest": "Say what the command should do.",
    "explain": "Give a command to explain.",
    "debug": "Give the command that failed, or what it printed.",
}

Line = Annotated[str, Field(max_length=MAX_INSTRUCTION)]


class TerminalRequest(Addressed):
    """The body of all three; ``text`` is the wish or the command. ``output`` is for debug."""

    text: str = Field(default="", max_length=MAX_INSTRUCTION)
    output: str = Field(default="", max_length=MAX_OUTPUT)
    exit_code: Annotated[int, Field(ge=-(2**31), lt=2**32), WHOLE] | None = None
    shell: str = Field(default="", max_length=MAX_NAME)
    system: str = Field(default="", max_length=MAX_NAME)
    cwd: str = Field(default="", max_length=MAX_NAME)
    branch: str = Field(default="", max_length=MAX_NAME)
    history: list[Line] = Field(default_factory=list, max_length=MAX_COMMANDS)

    @classmethod
    def of(cls, ask: TerminalAsk) -> TerminalRequest:
        """The streaming request for ``ask``."""
        return build(
            cls,
            **addressed(ask.audience),
            text=ask.text,
            output=ask.output,
            exit_code=ask.exit_code,
            shell=ask.shell,
            system=ask.system,
            cwd=ask.cwd,
            branch=ask.branch,
            history=list(ask.history),
        )

    def ask(self, task: TerminalTask) -> TerminalAsk:
        """What is asked; raises ``InputError`` when there is nothing to go by."""
        given = self.text + (self.output if task == "debug" else "")
        if not given.strip():
            raise InputError(_EMPTY[task])
        return TerminalAsk(
            self.audience(),
            task,
            self.text,
            self.output,
            self.exit_code,
            self.shell,
            self.system,
            self.cwd,
            self.branch,
            tuple(self.history),
        )


class SuggestAnswer(TextAnswer):
    """The answer of ``suggest``; ``text`` says the same as the three fields, for a person."""

    command: str
    explanation: str = ""
    dangerous: bool = True

    @staticmethod
    def fields_for(text: str, suggestion: Suggestion) -> dict[str, Any]:
        """The JSON beside the envelope."""
        return {
            "text": text,
            "command": suggestion.command,
            "explanation": suggestion.explanation,
            "dangerous": suggestion.dangerous,
        }

    def answer(self) -> Answer:
        """The same as a value."""
        suggestion = Suggestion(self.command, self.explanation, self.dangerous)
        return Answer(self.text, self.receipt(), suggestion)
