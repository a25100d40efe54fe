from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from zeke_bridge.broker.agents.rewriting import Rewriting
from zeke_bridge.model.errors import BadAnswerError, InputError, PatchError
from zeke_bridge.model.exchange import Answer, Audience, CodeAsk, Delta, Piece, Receipt, Snippet

pytestmark = pytest.mark.anyio

TEXT = "x = 1\n\n\ndef f():\n    return 1\n"


class Model:
    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.asked: list[CodeAsk] = []

    async def code(self, ask: CodeAsk) -> AsyncGenerator[Piece, None]:
        self.asked.append(ask)
        for text in self.texts:
            yield Delta(text)
            yield Answer(text, Receipt(model="m"))

    def rewriting(self) -> Rewriting:
        return Rewriting(self.code, lambda: Audience("m"))


async def test_only_what_is_named_is_shown_and_changed() -> None:
    model = Model("```python\ndef f():\n    return 2\n```")
    made = await model.rewriting().rewrite("a.py", TEXT, "Let f return 2.")
    assert made.text == TEXT.replace("return 1", "return 2")
    assert made.receipt.model == "m"
    snippet = Snippet("def f():\n    return 1", "a.py", start_line=4)
    assert model.asked == [CodeAsk(Audience("m"), "refactor", snippet, "Let f return 2.")]


async def test_the_end_of_the_text_stays_as_it_is() -> None:
    model = Model("```\ny = 2\n```")
    assert (await model.rewriting().rewrite("a", "y = 1", "Two.")).text == "y = 2"
    assert (await model.rewriting().rewrite("a", "y = 1\n", "Two.")).text == "y = 2\n"


async def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(InputError, match="empty"):
        await Model("x").rewriting().rewrite("a.py", "\n", "Go.")
    with pytest.raises(PatchError, match="changed nothing"):
        await Model("```\ny = 1\n```").rewriting().rewrite("a.py", "y = 1\n", "Go.")
    with pytest.raises(BadAnswerError):
        await Model().rewriting().rewrite("a.py", "y = 1\n", "Go.")
