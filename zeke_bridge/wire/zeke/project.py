"""The question of ``/v1/zeke/project/context``."""

from __future__ import annotations

from pydantic import Field

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import ContextAsk
from zeke_bridge.wire.zeke.body import Addressed, addressed, build
from zeke_bridge.wire.zeke.code import MAX_INSTRUCTION
from zeke_bridge.wire.zeke.snippet import SnippetFields, snippet_fields

MAX_FILES = 64
MAX_TREE = 500_000
MAX_HISTORY = 200_000


class ContextRequest(Addressed):
    """The body of ``context``; ``tree`` and ``history`` are text, a file or a commit a line."""

    question: str = Field(max_length=MAX_INSTRUCTION)
    tree: str = Field(default="", max_length=MAX_TREE)
    files: list[SnippetFields] = Field(default_factory=list, max_length=MAX_FILES)
    history: str = Field(default="", max_length=MAX_HISTORY)

    @classmethod
    def of(cls, ask: ContextAsk) -> ContextRequest:
        """The streaming request for ``ask``."""
        return build(
            cls,
            **addressed(ask.audience),
            question=ask.question,
            tree=ask.tree,
            files=[snippet_fields(each) for each in ask.files],
            history=ask.history,
        )

    def ask(self) -> ContextAsk:
        """What is asked; raises ``InputError`` without a question, or with nothing to look at."""
        if not self.question.strip():
            raise InputError("Ask something about the project: the question is empty.")
        files = tuple(each.snippet() for each in self.files)
        if not self.tree.strip() and not self.history.strip() and not files:
            raise InputError("There is nothing of the project to look at: give tree or files.")
        return ContextAsk(self.audience(), self.question, self.tree, files, self.history)
