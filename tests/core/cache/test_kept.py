from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.core.cache.kept import keepable


def answer(finish: Any = "stop", **message: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": "Blue.", **message}
    return {"choices": [{"index": 0, "message": said, "finish_reason": finish}]}


def test_one_whole_text_is_kept() -> None:
    assert keepable(answer())
    assert keepable(answer(tool_calls=None, refusal=None, reasoning_content="Hm."))
    assert keepable(answer(tool_calls=[]))


@pytest.mark.parametrize(
    "body",
    [
        answer("length"),
        answer("content_filter"),
        answer("tool_calls"),
        answer("function_call"),
        answer(None),
        answer("something new"),
        answer(tool_calls=[{"id": "1"}]),
        answer(function_call={"name": "f"}),
        answer(refusal="I will not."),
        answer(audio={"id": "a"}),
        answer(content=""),
        answer(content=" \n"),
        answer(content=None),
        answer(content=[{"type": "text"}]),
        {"choices": answer()["choices"] * 2},
        {"choices": []},
        {"choices": None},
        {"choices": ["x"]},
        {"choices": [{"finish_reason": "stop"}]},
        {},
        {**answer(), "error": {"message": "no"}},
    ],
)
def test_anything_else_is_not(body: dict[str, Any]) -> None:
    assert not keepable(body)
