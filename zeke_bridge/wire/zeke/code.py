"""The questions of ``/v1/zeke/code/{explain,refactor,test,complete}``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import CodeAsk, CodeTask, CompleteAsk
from zeke_bridge.wire.zeke.body import WHOLE, Addressed, addressed, build
from zeke_bridge.wire.zeke.snippet import (
    MAX_CODE,
    MAX_LANGUAGE,
    MAX_PATH,
    SnippetFields,
    snippet_fields,
)

MAX_INSTRUCTION = 20_000
MAX_COMPLETION = 4096
MAX_LINES = 1000
MAX_ALTERNATIVE = 100


class CodeRequest(Addressed, SnippetFields):
    """The body of ``explain``, ``refactor`` and ``test``."""

    instruction: str = Field(default="", max_length=MAX_INSTRUCTION)

    @classmethod
    def of(cls, ask: CodeAsk) -> CodeRequest:
        """The streaming request for ``ask``."""
        return build(
            cls,
            **addressed(ask.audience),
            **snippet_fields(ask.snippet),
            instruction=ask.instruction,
        )

    def ask(self, task: CodeTask) -> CodeAsk:
        """What is asked; raises ``InputError`` when there is nothing to work on."""
        if not self.code.strip():
            raise InputError("There is no code to work on: select some lines that are not empty.")
        if task == "refactor" and not self.instruction.strip():
            raise InputError("Say what to change: an instruction is needed.")
        return CodeAsk(self.audience(), task, self.snippet(), self.instruction)


class CompleteRequest(Addressed):
    """The body of ``complete``: the text before and after the cursor, of one file.

    ``max_lines`` of 0 is no limit; an ``alternative`` of 1 and more asks for another text than
    before, and is another question to the cache.
    """

    prefix: str = Field(default="", max_length=MAX_CODE)
    suffix: str = Field(default="", max_length=MAX_CODE)
    path: str = Field(default="", max_length=MAX_PATH)
    language: str = Field(default="", max_length=MAX_LANGUAGE)
    max_tokens: Annotated[int, Field(ge=1, le=MAX_COMPLETION), WHOLE] = 128
    max_lines: Annotated[int, Field(ge=0, le=MAX_LINES), WHOLE] = 0
    alternative: Annotated[int, Field(ge=0, le=MAX_ALTERNATIVE), WHOLE] = 0

    @classmethod
    def of(cls, ask: CompleteAsk) -> CompleteRequest:
        """The streaming request for ``ask``."""
        return build(
            cls,
            **addressed(ask.audience),
            prefix=ask.prefix,
            suffix=ask.suffix,
            path=ask.path,
            language=ask.language,
            max_tokens=ask.max_tokens,
            max_lines=ask.max_lines,
            alternative=ask.alternative,
        )

    def ask(self) -> CompleteAsk:
        """What is asked; raises ``InputError`` when there is nothing to go by."""
        if not (self.prefix + self.suffix).strip():
            raise InputError("There is nothing to complete: write something first.")
        return CompleteAsk(
            self.audience(),
            self.prefix,
            self.suffix,
            self.path,
            self.language,
            max_tokens=self.max_tokens,
            max_lines=self.max_lines,
            alternative=self.alternative,
        )
