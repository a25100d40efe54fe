"""A chat without a heading: what stands there is the question."""

from __future__ import annotations

from tests.e2e.nvim import Nvim
from tests.e2e.person import says
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer, begin, body, end, saved

UNASKED = "There is no question to send: write one below the last line `## You`."


def test_what_is_written_in_a_cleared_chat_is_the_question(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat<CR>")
    nvim.wait_screen("## You")
    nvim.feed("<Esc>:%d _<CR>imy question<CR>of two lines<Esc><CR>")
    sent = answer(nvim, broker, "Yes.")
    assert sent["messages"] == [{"role": "user", "content": "my question\nof two lines"}]
    nvim.wait_screen("Yes.")
    lines = ["## You", "", "my question", "of two lines", "", "## Zeke", "", "Yes."]
    assert nvim.lines()[:8] == lines
    nvim.feed("iand now?<Esc><CR>")
    assert len(broker.expect("task.submit")["messages"]) == 3


def test_a_chat_that_was_answered_can_be_cleared(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker)
    end(nvim, broker, task, "Yes.")
    nvim.feed("<Esc>:%d _<CR>ianother<Esc><CR>")
    messages = broker.expect("task.submit")["messages"]
    assert messages == [{"role": "user", "content": "another"}]


def test_an_empty_one_gets_its_heading_and_is_written_in(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat<CR>")
    nvim.wait_screen("## You")
    nvim.feed("<Esc>:%d _<CR><CR>")
    says(nvim, UNASKED)
    assert nvim.lines() == ["## You", "", ""]
    nvim.feed("imy question<Esc><CR>")
    messages = broker.expect("task.submit")["messages"]
    assert messages == [{"role": "user", "content": "my question"}]


def test_where_the_heading_is_spoiled_there_is_a_new_one(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker)
    end(nvim, broker, task, "Yes.")
    nvim.feed("<Esc>:call setline(line('$') - 2, '## Yougo on')<CR><CR>")
    says(nvim, UNASKED)
    assert nvim.lines()[-7:] == ["## Yougo on", "", "", "", "## You", "", ""]
    nvim.feed("igo on<Esc><CR>")
    assert broker.expect("task.submit")["messages"][-1] == {"role": "user", "content": "go on"}


def test_what_stands_without_a_heading_is_a_draft(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker)
    end(nvim, broker, task, "Yes.")
    nvim.feed("<Esc>:%d _<CR>imine<Esc><C-Up>")
    nvim.wait_for("vim.api.nvim_buf_get_lines(0, 0, -1, false)[3] == 'hello'")
    nvim.feed("<C-Down>")
    nvim.wait_for("vim.api.nvim_buf_get_lines(0, 0, -1, false)[3] == 'mine'")


def test_a_draft_without_a_heading_is_saved(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat<CR>")
    nvim.wait_screen("## You")
    nvim.feed("<Esc>:%d _<CR>imy question<Esc>")
    assert body(saved(nvim)).strip() == "my question"
