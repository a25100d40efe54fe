"""Every question that an editor has for a routing core, and reading the answer to its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from zeke_bridge.broker.ports import ModelClient
from zeke_bridge.model.exchange import (
    Analysis,
    AnalyzeAsk,
    AnalyzeItem,
    Answer,
    Audience,
    ChatAsk,
    CodeAsk,
    CompleteAsk,
    ContextAsk,
    Message,
    Piece,
    Snippet,
    TerminalAsk,
)

SNIPPET = Snippet("def f():\n    return 1", "a.py", "python", 5)
KINDS = ("quality", "security", "performance")

Pieces = AsyncGenerator[Piece, None]

ASKS: dict[str, Callable[[ModelClient, Audience], Pieces]] = {
    "chat": lambda core, who: core.chat(ChatAsk(who, (Message("user", "Say hello."),))),
    "explain": lambda core, who: core.code(CodeAsk(who, "explain", SNIPPET)),
    "refactor": lambda core, who: core.code(CodeAsk(who, "refactor", SNIPPET, "Return two.")),
    "test": lambda core, who: core.code(CodeAsk(who, "test", SNIPPET)),
    "complete": lambda core, who: core.complete(
        CompleteAsk(who, "def add(a, b):\n    return ", "\n", "a.py", "python")
    ),
    "context": lambda core, who: core.context(
        ContextAsk(who, "What is this project?", "a.py\nb.py", (SNIPPET,))
    ),
    "suggest": lambda core, who: core.terminal(
        TerminalAsk(who, "suggest", "list the files by size", shell="bash")
    ),
    "terminal": lambda core, who: core.terminal(TerminalAsk(who, "explain", "ls -la")),
    "debug": lambda core, who: core.terminal(
        TerminalAsk(who, "debug", "make", "make: *** No rule to make target.", 2)
    ),
}


def explain(model: str = "auto", *, local_only: bool = False) -> CodeAsk:
    """A question about the snippet."""
    return CodeAsk(Audience(model, "p", local_only), "explain", SNIPPET)


async def told(pieces: Pieces) -> Answer:
    """The end of an answer."""
    last = [piece async for piece in pieces][-1]
    assert isinstance(last, Answer)
    return last


async def analyzed(core: ModelClient, who: Audience) -> Analysis:
    """One look for each kind, in one call."""
    items = tuple(AnalyzeItem(kind, kind, SNIPPET) for kind in KINDS)  # type: ignore[arg-type]
    return await core.analyze(AnalyzeAsk(who, items))
