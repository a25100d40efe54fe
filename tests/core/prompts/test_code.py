from __future__ import annotations

from zeke_bridge.core.prompts import code
from zeke_bridge.core.prompts.prompt import Prompt
from zeke_bridge.model.exchange import Audience, CodeAsk, CodeTask, Snippet

SNIPPET = Snippet("def f():\n    return 1", "src/a.py", "python", 12)


def ask(task: CodeTask, snippet: Snippet = SNIPPET, instruction: str = "") -> CodeAsk:
    return CodeAsk(Audience(), task, snippet, instruction)


def text(prompt: Prompt) -> str:
    return "\n".join(message["content"] for message in prompt.messages)


def test_explain_carries_code_place_and_question() -> None:
    said = text(code.explain(ask("explain", instruction="Why 1?")))
    assert "```python\ndef f():\n    return 1\n```" in said
    assert "src/a.py" in said
    assert said.endswith("Why 1?")
    assert "what this code does" in text(code.explain(ask("explain")))


def test_a_short_rewrite_is_asked_for_whole_and_a_long_one_as_blocks() -> None:
    short = code.refactor(ask("refactor", instruction="Return 2."))
    assert "complete rewritten code" in text(short)
    assert "SEARCH" not in text(short)
    assert "Return 2." in text(short)
    long = Snippet("\n".join(f"x{n} = {n}" for n in range(code.WHOLE_LINES + 1)))
    assert "<<<<<<< SEARCH" in text(code.refactor(ask("refactor", long, "Go")))


def test_tests_are_asked_for_with_their_framework_and_import() -> None:
    prompt = code.test(ask("test", instruction="Only errors."))
    said = text(prompt)
    assert "Use pytest." in said
    assert "import pytest\nfrom a import f\n" in said
    assert said.endswith("Only errors.")
    small = prompt.body(small=True)["messages"][-1]["content"]
    assert "at most four" in small
    assert "from a import f" in small
    assert small.endswith("Only errors.")


def test_an_unknown_language_names_no_framework() -> None:
    said = text(code.test(ask("test", Snippet("x", "a.kl", "klingon"))))
    assert "Use " not in said
    assert "klingon code from a.kl" in said


def test_a_fence_is_longer_than_those_in_the_code() -> None:
    markdown = Snippet("```\n````\n", language="markdown")
    assert "`````markdown\n" in text(code.explain(ask("explain", markdown)))


def test_sampling_options_are_for_small_models_only() -> None:
    prompt = code.explain(ask("explain"))
    assert set(prompt.body(small=False)) == {"messages"}
    assert set(prompt.body(small=True)) == {"messages", "temperature", "max_tokens"}
    assert "wrong" in text(prompt)
    assert "wrong" not in prompt.body(small=True)["messages"][-1]["content"]
