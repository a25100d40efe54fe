from __future__ import annotations

from zeke_bridge.core.prompts.project import context
from zeke_bridge.model.exchange import Audience, ContextAsk, Snippet

FILES = (Snippet("import b", "a.py", "python"), Snippet("x" * 100_000 + "\ny", "big.txt"))
ASK = ContextAsk(Audience(), "Why b?", "a.py\nb.py", FILES, "a1b2 Use b")


def test_everything_is_shown_and_the_question_comes_last() -> None:
    said = context(ASK).messages[-1]["content"]
    for part in ("a.py\nb.py", "a1b2 Use b", "python code from a.py", "import b", "x" * 100_000):
        assert part in said
    assert said.endswith("Question: Why b?")


def test_a_small_model_gets_what_fits() -> None:
    tree = "\n".join(f"src/file{number}.py" for number in range(10_000))
    ask = ContextAsk(Audience(), "Why?", tree, FILES * 4, tree)
    said = context(ask).body(small=True)["messages"][-1]["content"]
    assert len(said) < 8_000
    assert "src/file0.py\n" in said
    assert "more lines)" in said
    assert said.count("import b") == 4
    assert said.endswith("Question: Why?")


def test_what_there_is_not_is_not_named() -> None:
    said = context(ContextAsk(Audience(), "Why?", history="a1 Go")).messages[-1]["content"]
    assert "Its files" not in said
    assert "Its last changes:\n```\na1 Go\n```" in said
