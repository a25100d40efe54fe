from __future__ import annotations

import json

from zeke_bridge.core.prompts.analyze import MAX_FINDINGS, SMALL_FINDINGS, analyze
from zeke_bridge.model.exchange import AnalyzeItem, Snippet

SNIPPET = Snippet("def f():\n    return 1", "src/a.py", "python", 12)


def test_an_analysis_sends_equal_code_once_with_its_line_numbers() -> None:
    other = Snippet("y = 2", "b.py")
    items = (
        AnalyzeItem("one", "quality", SNIPPET),
        AnalyzeItem("two", "security", SNIPPET),
        AnalyzeItem("three", "performance", other),
    )
    said = analyze(items).messages[-1]["content"]
    assert said.count("12| def f():\n13|     return 1") == 1
    assert said.count("1| y = 2") == 1
    for item in items:
        assert f'"{item.id}": {item.kind}' in said


def test_the_schema_demands_each_item_and_only_lines_that_exist() -> None:
    prompt = analyze(
        (AnalyzeItem("one", "quality", SNIPPET), AnalyzeItem("two", "security", SNIPPET))
    )
    assert prompt.response_format is not None
    schema = prompt.response_format["json_schema"]["schema"]
    results = schema["properties"]["results"]
    assert results["required"] == ["one", "two"]
    part = results["properties"]["one"]["properties"]["findings"]
    assert part["maxItems"] == MAX_FINDINGS
    finding = part["items"]
    assert finding["properties"]["line"] == {"type": "integer", "minimum": 12, "maximum": 13}
    assert finding["properties"]["severity"]["enum"] == ["error", "warning", "info", "hint"]
    assert finding["additionalProperties"] is False
    json.dumps(schema)


def test_a_small_model_copies_the_line_instead_of_counting() -> None:
    prompt = analyze((AnalyzeItem("one", "quality", SNIPPET),))
    schema = prompt.body(small=True)["response_format"]["json_schema"]["schema"]
    part = schema["properties"]["results"]["properties"]["one"]["properties"]["findings"]
    assert part["maxItems"] == SMALL_FINDINGS
    listed = part["items"]["properties"]["line"]["enum"]
    asked = prompt.messages[-1]["content"].split("\n")
    assert listed
    assert set(listed) <= set(asked)
