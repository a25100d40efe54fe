from __future__ import annotations

import json

from zeke_bridge.core import prompts
from zeke_bridge.model.exchange import AnalyzeItem, Audience, CodeAsk, Snippet

SNIPPET = Snippet("def f():\n    return 1", "src/a.py", "python", 12)


def text(prompt: prompts.Prompt) -> str:
    return "\n".join(message["content"] for message in prompt.messages)


def test_explain_carries_code_place_and_question() -> None:
    said = text(prompts.explain(CodeAsk(Audience(), "explain", SNIPPET, "Why 1?")))
    assert "```python\ndef f():\n    return 1\n```" in said
    assert "src/a.py" in said
    assert said.endswith("Why 1?")
    assert "what this code does" in text(prompts.explain(CodeAsk(Audience(), "explain", SNIPPET)))


def test_a_short_rewrite_is_asked_for_whole_and_a_long_one_as_blocks() -> None:
    short = prompts.refactor(CodeAsk(Audience(), "refactor", SNIPPET, "Return 2."))
    assert "complete rewritten code" in text(short)
    assert "SEARCH" not in text(short)
    assert "Return 2." in text(short)
    long = Snippet("\n".join(f"x{n} = {n}" for n in range(prompts.WHOLE_LINES + 1)))
    assert "<<<<<<< SEARCH" in text(prompts.refactor(CodeAsk(Audience(), "refactor", long, "Go")))


def test_a_fence_is_longer_than_those_in_the_code() -> None:
    ask = CodeAsk(Audience(), "explain", Snippet("```\n````\n", language="markdown"))
    assert "`````markdown\n" in text(prompts.explain(ask))


def test_an_analysis_sends_equal_code_once_with_its_line_numbers() -> None:
    other = Snippet("y = 2", "b.py")
    items = (
        AnalyzeItem("one", "quality", SNIPPET),
        AnalyzeItem("two", "security", SNIPPET),
        AnalyzeItem("three", "performance", other),
    )
    prompt = prompts.analyze(items)
    said = text(prompt)
    assert said.count("12| def f():\n13|     return 1") == 1
    assert said.count("1| y = 2") == 1
    for item in items:
        assert f'"{item.id}": {item.kind}' in said


def test_the_schema_demands_each_item_and_only_lines_that_exist() -> None:
    prompt = prompts.analyze(
        (AnalyzeItem("one", "quality", SNIPPET), AnalyzeItem("two", "security", SNIPPET))
    )
    assert prompt.response_format is not None
    schema = prompt.response_format["json_schema"]["schema"]
    results = schema["properties"]["results"]
    assert results["required"] == ["one", "two"]
    part = results["properties"]["one"]["properties"]["findings"]
    assert part["maxItems"] == prompts.MAX_FINDINGS
    finding = part["items"]
    assert finding["properties"]["line"] == {"type": "integer", "minimum": 12, "maximum": 13}
    assert finding["properties"]["severity"]["enum"] == ["error", "warning", "info", "hint"]
    assert finding["additionalProperties"] is False
    json.dumps(schema)


def test_a_small_model_copies_the_line_instead_of_counting() -> None:
    prompt = prompts.analyze((AnalyzeItem("one", "quality", SNIPPET),))
    schema = prompt.body(small=True)["response_format"]["json_schema"]["schema"]
    part = schema["properties"]["results"]["properties"]["one"]["properties"]["findings"]
    assert part["maxItems"] == prompts.SMALL_FINDINGS
    listed = part["items"]["properties"]["line"]["enum"]
    asked = prompt.messages[-1]["content"].split("\n")
    assert listed
    assert set(listed) <= set(asked)


def test_sampling_options_are_for_small_models_only() -> None:
    prompt = prompts.explain(CodeAsk(Audience(), "explain", SNIPPET))
    assert set(prompt.body(small=False)) == {"messages"}
    assert set(prompt.body(small=True)) == {"messages", "temperature", "max_tokens"}
