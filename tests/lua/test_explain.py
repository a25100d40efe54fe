"""``:ZekeExplain``: streamed into a window that leaves the person where they are."""

from __future__ import annotations

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker


def test_text_streams_while_the_person_types_elsewhere(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":1,5ZekeExplain<CR>")
    task = broker.expect("task.submit")
    assert task["kind"] == "explain"
    assert task["buffer"]["text"].startswith("def total(values):\n    result = 0")
    assert (task["buffer"]["start_line"], task["buffer"]["end_line"]) == (1, 5)
    assert task["buffer"]["language"] == "python"
    broker.send("task.started", id=task["id"], kind="explain")
    broker.send("task.delta", id=task["id"], text="It adds the ")
    nvim.wait_screen("It adds the")
    nvim.feed("otyped ")
    broker.send("task.delta", id=task["id"], text="values.\nThen it ")
    nvim.wait_screen("Then it")
    nvim.feed("meanwhile<Esc>")
    broker.send("task.delta", id=task["id"], text="returns them.")
    text = nvim.wait_screen("returns them.")
    assert "It adds the values." in text
    assert nvim.lines()[1].strip() == "typed meanwhile"
    broker.send("task.done", id=task["id"], kind="explain", model="tiny", text="…")
    nvim.wait_screen("tiny")


def begin(nvim: Nvim, broker: FakeBroker, text: str) -> str:
    nvim.feed(":ZekeExplain<CR>")
    task = broker.expect("task.submit")["id"]
    broker.send("task.started", id=task, kind="explain")
    broker.send("task.delta", id=task, text=text)
    nvim.wait_screen(text)
    return str(task)


def test_a_second_one_takes_the_window_of_the_first(nvim: Nvim, broker: FakeBroker) -> None:
    first = begin(nvim, broker, "the first answer")
    broker.send("task.done", id=first, kind="explain", model="m")
    nvim.wait_event("ZekeTaskDone")
    begin(nvim, broker, "the second answer")
    assert "the first answer" not in nvim.screen.text
    assert nvim.lua("return #vim.api.nvim_tabpage_list_wins(0)") == 2


def test_two_at_once_both_arrive(nvim: Nvim, broker: FakeBroker) -> None:
    first = begin(nvim, broker, "one begins")
    second = begin(nvim, broker, "two begins")
    broker.send("task.delta", id=first, text=" and ends")
    broker.send("task.delta", id=second, text=" and ends")
    nvim.wait_screen("one begins and ends")
    nvim.wait_screen("two begins and ends")


def test_closing_the_window_cancels(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker, "half an")
    nvim.feed("<C-w>jq")
    assert broker.expect("task.cancel") == {"id": task}
    broker.send("task.delta", id=task, text=" answer")
    broker.send("task.failed", id=task, code="cancelled", message="Cancelled.", retryable=False)
    nvim.wait_event("ZekeTaskFailed")
    assert nvim.lua("return vim.v.errmsg") == ""
    assert nvim.lua("return #vim.api.nvim_list_wins()") == 1


def test_a_reader_further_up_is_not_moved(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker, "the end")
    lines = "\n".join(f"line {number}" for number in range(40))
    broker.send("task.delta", id=task, text=lines)
    nvim.wait_screen("line 39")
    nvim.feed("<C-w>jgg")
    nvim.wait_screen("the end")
    nvim.events.clear()
    broker.send("task.delta", id=task, text="\n" * 30 + "tail")
    nvim.wait_event("ZekeTaskDelta")
    nvim.wait_for("vim.api.nvim_buf_line_count(0) > 60")
    assert nvim.lua("return vim.fn.line('.')") == 1
    nvim.feed("G")
    broker.send("task.delta", id=task, text="\nfollowed")
    nvim.wait_screen("followed")
    assert nvim.lua("return vim.fn.line('.') == vim.fn.line('$')")


def test_a_float_when_asked_for(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ ui = { explain = 'float' } })")
    begin(nvim, broker, "floating words")
    nvim.wait_screen("Zeke explains app.py:1-8")
    windows = "return #vim.tbl_filter(function(w) return vim.api.nvim_win_get_config(w).relative"
    assert nvim.lua(f"{windows} ~= '' end, vim.api.nvim_list_wins())") == 1


def test_a_failure_keeps_what_came(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker, "It adds")
    broker.send(
        "task.failed", id=task, code="timed_out", message="The model fell silent.", retryable=True
    )
    text = nvim.wait_screen("Zeke: The model fell silent.")
    assert "It adds" in text
    assert "Stopped:** The model fell silent." in text


def test_the_buffer_may_be_made_unmodifiable(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker, "It")
    nvim.feed("<C-w>j:setlocal nomodifiable<CR>")
    nvim.settle()
    broker.send("task.delta", id=task, text=" goes on")
    nvim.wait_screen("It goes on")
    assert nvim.lua("return vim.bo.modifiable") is False


def test_a_question_travels_along(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(':2,2Zeke explain "why zero?"<CR>')
    task = broker.expect("task.submit")
    assert task["instruction"] == "why zero?"
    assert task["buffer"]["text"] == "    result = 0"
