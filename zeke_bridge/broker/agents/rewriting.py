"""A file rewritten by a model as an instruction says: for agents whose model calls no tools.

Writes nothing: what is made is proposed to the person like any other change.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from zeke_bridge.agents.loop.tool import Rewritten
from zeke_bridge.broker.agents.passage import passage
from zeke_bridge.model.errors import BadAnswerError, InputError
from zeke_bridge.model.exchange import Answer, Audience, CodeAsk, Piece, Snippet
from zeke_bridge.workspace.patch import apply, propose

AskCode = Callable[[CodeAsk], AsyncGenerator[Piece, None]]


class Rewriting:
    """Asks ``ask_code`` in the name of ``audience``, which is looked at anew for each file."""

    def __init__(self, ask_code: AskCode, audience: Callable[[], Audience]) -> None:
        self._ask_code = ask_code
        self._audience = audience

    async def rewrite(self, path: str, text: str, instruction: str) -> Rewritten:
        """``text`` of ``path`` with the change.

        Raises ``CoreError``, ``PatchError`` (the answer does not fit) and ``InputError``. The text
        ends with a line end when it did before.
        """
        if not text.strip():
            raise InputError(f"{path} is empty: there is nothing to change in it.")
        base = text.removesuffix("\n")
        lines = base.split("\n")
        first, last = passage(lines, instruction)
        snippet = Snippet("\n".join(lines[first - 1 : last]), path, start_line=first)
        answer = await self._answer(CodeAsk(self._audience(), "refactor", snippet, instruction))
        patch = propose(answer.text, base, first, last)
        new = "\n".join(apply(lines, patch.hunks))
        return Rewritten(new + text[len(base) :], answer.receipt)

    async def _answer(self, ask: CodeAsk) -> Answer:
        async with aclosing(self._ask_code(ask)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    return piece
        raise BadAnswerError("The answer broke off before its end: try again.")
