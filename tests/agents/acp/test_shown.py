"""Updates as they may be shown."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.agents.acp.shown import MAX_TEXT, shown
from zeke_bridge.warden.escape import escape


def call(**more: Any) -> dict[str, Any]:
    return {"sessionUpdate": "tool_call", "toolCallId": "c", "title": "t", **more}


@given(st.text())
def test_a_title_and_a_path_are_on_one_line(text: str) -> None:
    made = shown(call(title=text, locations=[{"path": text}]))
    for label in (made["title"], made["locations"][0]["path"]):
        assert label.isprintable() or not label


@given(st.dictionaries(st.text(), st.text() | st.lists(st.text())))
def test_raw_input_has_nothing_unseen(raw: Any) -> None:
    for key, value in shown(call(rawInput=raw))["rawInput"].items():
        assert key.isprintable()
        assert all(one.isprintable() for one in (value if isinstance(value, list) else [value]))


def test_text_and_both_sides_of_a_diff_are_as_they_came() -> None:
    diff = {"type": "diff", "path": "/a\n", "oldText": "\ta\n", "newText": "\x1b\n"}
    text = {"type": "content", "content": {"type": "text", "text": "\tx\n"}}
    made = shown(call(content=[diff, text]))["content"]
    assert made == [{**diff, "path": escape("/a\n")}, text]


def test_what_is_too_long_is_cut_or_said_to_be() -> None:
    long = "x" * (MAX_TEXT + 5)
    diff = {"type": "diff", "path": "/a", "newText": long}
    text = {"type": "content", "content": {"type": "text", "text": f"first{long}last"}}
    first, second = shown(call(content=[diff, text]))["content"]
    assert first["content"]["text"] == "The change of /a is too long to be shown here."
    assert second["content"]["text"].startswith("(14 characters left out)\n")
    assert second["content"]["text"].endswith("last")


def test_what_is_sent_back_stays_as_it_is() -> None:
    mode = "\u202eask"
    update = {"sessionUpdate": "current_mode_update", "currentModeId": mode}
    assert shown(update) == update
