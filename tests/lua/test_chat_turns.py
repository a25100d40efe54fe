"""What in a chat's text is a turn, and what only looks like one; and what of a model's text stands
in it."""

from __future__ import annotations

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer, begin, body, chats, end, saved

SPOKEN = "```markdown\n# t\n## You\n\nhidden?\n## Zeke\nfine\n```"


def put(nvim: Nvim, text: str) -> None:
    nvim.lua("vim.api.nvim_buf_set_lines(0, -2, -1, false, vim.split(..., '\\n'))", text)


def sent(nvim: Nvim, broker: FakeBroker) -> list[tuple[str, str]]:
    nvim.feed("G<CR>")
    messages = broker.expect("task.submit")["messages"]
    return [(turn["role"], turn["content"]) for turn in messages]


def register(nvim: Nvim) -> str:
    text: str = nvim.lua("return vim.fn.getreg('\"')")
    return text


def test_headings_in_code_of_a_question_are_its_text(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat<CR>")
    put(nvim, f"Explain:\n{SPOKEN}\nwhat is it?")
    assert sent(nvim, broker) == [("user", f"Explain:\n{SPOKEN}\nwhat is it?")]


def test_a_fence_that_is_not_closed_swallows_no_turn(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat<CR>")
    put(nvim, "Go on with:\n```python\nx = 1")
    nvim.feed("G<CR>")
    answer(nvim, broker, "So:\n```python\ny = 2")
    put(nvim, "and\n```sh\nls\n```\nthen?")
    assert sent(nvim, broker) == [
        ("user", "Go on with:\n```python\nx = 1"),
        ("assistant", "So:\n```python\ny = 2"),
        ("user", "and\n```sh\nls\n```\nthen?"),
    ]


def test_turns_are_the_same_when_a_chat_is_read_again(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat<CR>")
    put(nvim, "Go on with:\n```python\nx = 1")
    nvim.feed("G<CR>")
    answer(nvim, broker, "So:\n```\ny = 2\n```")
    nvim.feed(":edit<CR>")
    nvim.settle()
    put(nvim, "again")
    roles = [role for role, _ in sent(nvim, broker)]
    assert roles == ["user", "assistant", "user"]


def test_turns_are_the_same_after_undo_and_redo(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat<CR>")
    put(nvim, f"Explain:\n{SPOKEN}")
    nvim.feed("G<CR>")
    answer(nvim, broker, "So:\n```\ny = 2\n```")
    nvim.feed("uu<C-r><C-r>")
    nvim.settle()
    put(nvim, "again")
    roles = [role for role, _ in sent(nvim, broker)]
    assert roles == ["user", "assistant", "user"]


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_lines_like_ours_are_kept_and_yanked_as_they_were(
    nvim: Nvim, broker: FakeBroker, step: int
) -> None:
    code = "## You\n ## Zeke\n> **Stopped:** no\n## Your own\n## Zek"
    text = f"See:\n```markdown\n{code}\n```\n## You\n> **Stopped:** never\nend"
    task = begin(nvim, broker)
    for at in range(0, len(text), step):
        broker.send("task.delta", id=task, text=text[at : at + step])
    end(nvim, broker, task)
    lines = nvim.lines()
    assert lines.count("## You") == 2
    assert {" ## You", "  ## Zeke", "## Your own", "## Zek"} <= set(lines)
    nvim.feed("gg/markdown<CR>gy")
    nvim.settle()
    assert register(nvim) == code + "\n"
    put(nvim, "go on")
    assert sent(nvim, broker)[1] == ("assistant", text)


@pytest.mark.parametrize("step", [1, 2, 1000])
def test_lines_like_what_tells_a_deed_are_moved_aside_and_sent_as_they_were(
    nvim: Nvim, broker: FakeBroker, step: int
) -> None:
    code = "▸ first step\n > Tool: saw\n> Plan: none\n▸\n> Tools\n> Done: it"
    text = f"▸ Edit app.py  done\nSee:\n```\n{code}\n```\n> File: a\n> Failed: b\n▸ end\n> Tool: "
    task = begin(nvim, broker)
    for at in range(0, len(text), step):
        broker.send("task.delta", id=task, text=text[at : at + step])
    end(nvim, broker, task)
    lines = nvim.lines()
    assert {" ▸ Edit app.py  done", " ▸ first step", "  > Tool: saw", " > Done: it"} <= set(lines)
    assert not [line for line in lines if line.startswith(("▸ ", "> Tool: ", "> Plan: "))]
    nvim.feed("gg/first<CR>gy")
    nvim.settle()
    assert register(nvim) == code + "\n"
    put(nvim, "go on")
    assert sent(nvim, broker)[1] == ("assistant", text.rstrip())


def test_an_answer_that_ends_like_a_heading(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat hello<CR>")
    answer(nvim, broker, "text\n## Zeke")
    put(nvim, "go on")
    assert sent(nvim, broker)[1:] == [("assistant", "text\n## Zeke"), ("user", "go on")]


@pytest.mark.parametrize("step", [1, 2, 1000])
def test_line_ends_and_control_characters(nvim: Nvim, broker: FakeBroker, step: int) -> None:
    text = "one\r\ntwo\rover\0 \x1b[31m\x07\x7f\ttab\r\n\r\nend\r"
    task = begin(nvim, broker)
    for at in range(0, len(text), step):
        broker.send("task.delta", id=task, text=text[at : at + step])
    end(nvim, broker, task)
    assert nvim.lines()[6:10] == ["one", "two␍over␀ ␛[31m␇␡\ttab", "", "end␍"]
    path = saved(nvim)
    while "end" not in body(path):
        path = saved(nvim)
    assert "\x1b" not in path.read_text(encoding="utf-8")


def test_a_saved_chat_that_was_edited_is_told_by_its_text(
    nvim: Nvim, broker: FakeBroker, tmp_path: object
) -> None:
    nvim.feed(":ZekeChat hello<CR>")
    answer(nvim, broker, "Hi.")
    path = saved(nvim)
    while "Hi." not in body(path):
        path = saved(nvim)
    nvim.feed(":bwipeout!<CR>")
    nvim.wait_for("vim.uv.fs_stat(...) == nil", str(path.with_suffix(".lock")))
    path.write_text(path.read_text().replace("## You\n\nhello", "## You\n\n\nhello"))
    assert chats(path.parents[4]) == [path]
    nvim.lua("vim.ui.select = function(items, _, done) done(items[1]) end")
    nvim.feed(":ZekeChat history<CR>")
    nvim.wait_screen("Hi.")
    put(nvim, "again")
    assert sent(nvim, broker)[0] == ("user", "hello")
