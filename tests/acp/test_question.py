"""Questions as a client shows them, and its answers."""

from __future__ import annotations

from typing import Any

import pytest
from acp import schema
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.acp.question import chosen, options, tool_call

ASKED: dict[str, Any] = {
    "prompt": "0123",
    "subject": "claude (agent)",
    "verb": "write",
    "target": "src/app.py",
    "root": "/p",
    "project": "",
    "path": "/p/src/app.py",
    "added": 2,
    "removed": 1,
    "risk": "Medium",
    "reason": "No rule or grant covers it.",
    "note": "",
    "diff": ["@@ -1,2 +1,3 @@", " a", "-b", "+c", "+d", "@@ -9,0 +10,1 @@", "+e"],
    "choices": ["once", "session", "project", "deny"],
}


def _asked(**changed: Any) -> dict[str, Any]:
    return ASKED | changed


def test_a_change_is_shown_as_one_diff() -> None:
    call = tool_call(ASKED)
    assert call["toolCallId"] == "ghostwarden-0123"
    assert call["title"] == "GhostWarden: write `src/app.py` (+2 −1) · Risk: Medium"
    assert call["content"][0] == {
        "type": "diff",
        "path": "/p/src/app.py",
        "oldText": "a\nb\n…\n",
        "newText": "a\nc\nd\n…\ne\n",
    }
    schema.ToolCallUpdate.model_validate(call)


def test_a_file_of_a_project_inside_is_the_file_that_is_meant() -> None:
    inner = {"root": "/p/vendor/lib", "project": "vendor/lib", "target": "vendor/lib/app.py"}
    call = tool_call(_asked(**inner, path="/p/vendor/lib/app.py"))
    assert call["title"] == (
        "GhostWarden: write `vendor/lib/app.py` (+2 −1) in the project `vendor/lib` · Risk: Medium"
    )
    assert "(+2 −1) in the project `vendor/lib`" in call["content"][1]["content"]["text"]
    assert call["content"][0]["path"] == "/p/vendor/lib/app.py"
    assert call["locations"] == [{"path": "/p/vendor/lib/app.py"}]


def test_a_new_file_has_nothing_before() -> None:
    call = tool_call(_asked(verb="create", diff=["+a", "+b"]))
    diff = call["content"][0]
    assert (diff["oldText"], diff["newText"]) == (None, "a\nb\n")


def test_a_long_file_is_one_whole_diff() -> None:
    lines = [f"line {at}" for at in range(5000)]
    call = tool_call(_asked(verb="create", diff=[f"+{line}" for line in lines]))
    assert call["content"][0]["newText"] == "".join(f"{line}\n" for line in lines)


def test_what_is_not_whole_is_no_diff_and_says_so_first() -> None:
    mark = "…(7 more lines are not shown)…"
    below = tool_call(_asked(verb="create", diff=["+a", "+b", mark]))["content"][0]
    assert below["content"]["text"] == (
        f"Not all of it is here: 7 more lines are not shown.\n\n```\n+a\n+b\n{mark}\n```"
    )
    below = tool_call(_asked(diff=["+a", "+b…(90 more)…c"]))["content"][0]
    assert below["content"]["text"].startswith("Not all of it is here: `…(` stands where a line")


def test_a_command_cannot_dress_up() -> None:
    target = "sh -c 'echo `x` <!-- ; rm -rf ~ --> [ok](y)'"
    call = tool_call(_asked(verb="run", target=target, added=0, removed=0, diff=["```", "b"]))
    assert call["title"] == f"GhostWarden: run ``{target}`` · Risk: Medium"
    assert call["kind"] == "execute"
    assert call["content"][0]["content"]["text"] == "````\n```\nb\n````"
    assert "locations" not in call


def test_only_what_is_offered_can_be_chosen() -> None:
    assert [one["optionId"] for one in options(ASKED)] == ["once", "project", "session", "deny"]
    once = _asked(choices=["once", "deny"])
    assert [one["kind"] for one in options(once)] == ["allow_once", "reject_once"]
    answer = {"outcome": {"outcome": "selected", "optionId": "project"}}
    assert chosen(answer, ASKED) == "project"
    assert chosen(answer, once) == "deny"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        [],
        {"outcome": "selected"},
        {"outcome": {"outcome": "cancelled"}},
        {"outcome": {"outcome": "cancelled", "optionId": "once"}},
        {"outcome": {"outcome": "selected"}},
        {"outcome": {"outcome": "selected", "optionId": ["once"]}},
        {"outcome": {"outcome": "selected", "option_id": "once"}},
        {"outcome": {"outcome": "selected", "optionId": "unshown"}},
        {"outcome": {"outcome": "selected", "optionId": "Once"}},
    ],
)
def test_a_strange_answer_is_a_no(answer: Any) -> None:
    assert chosen(answer, ASKED) == "deny"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["outcome", "optionId", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(_JSON)
def test_nothing_but_a_selected_option_is_a_yes(answer: Any) -> None:
    if chosen(answer, ASKED) != "deny":
        assert answer["outcome"]["outcome"] == "selected"
        assert answer["outcome"]["optionId"] in ASKED["choices"]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_a_title_has_the_whole_target_in_one_span(target: str) -> None:
    title = tool_call(_asked(target=target))["title"]
    rest = title.removeprefix("GhostWarden: write ").removesuffix(" (+2 −1) · Risk: Medium")
    fence = rest[: len(rest) - len(rest.lstrip("`"))]
    inner = rest[len(fence) : -len(fence)]
    assert fence not in inner.replace(target, "", 1)
    assert inner in (target, f" {target} ")
