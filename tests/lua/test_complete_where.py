"""Suggestions at the cursor: where and when they are asked for, and what goes wrong on the way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.person import shows
from tests.fakes.broker import FakeBroker
from tests.lua.suggestions import WAYS, asked, begin, suggest, turn_on


@pytest.fixture(params=WAYS)
def writer(request: pytest.FixtureRequest, nvim: Nvim) -> Nvim:
    return begin(nvim, request.param)


def test_a_denied_file_is_told_once_and_then_silent(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ia")
    sentence = "It looks like a place for keys or passwords."
    broker.send("task.failed", id=asked(broker)["id"], code="denied", message=sentence)
    writer.wait_screen("No completion in this buffer. It looks like")
    writer.feed("b<Esc>")
    writer.settle()
    assert not broker.seen("task.submit")
    broker.send("consent.changed")
    writer.wait_event("ZekeConsentChanged")
    writer.feed("Ac")
    broker.send("task.failed", id=asked(broker)["id"], code="denied", message=sentence)
    writer.wait_event("ZekeTaskFailed")
    writer.feed("<Esc>:Zeke messages<CR>")
    writer.wait_screen("╭ Zeke messages")
    assert writer.screen.text.count("No completion in this buffer") <= 2
    said = writer.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)")
    assert len([line for line in said if "No completion" in line]) == 1


def test_a_failure_rests_and_is_told_once(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ia")
    broker.send(
        "task.failed", id=asked(broker)["id"], code="no_model", message="There is no model."
    )
    writer.wait_screen("Completion: There is no model.")
    writer.feed("b")
    writer.settle()
    writer.feed("<Cmd>lua require('zeke.complete').ask()<CR>")
    assert asked(broker)["prefix"].endswith("ab")


def test_what_is_typed_ahead_of_the_key_is_not_lost(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ivalue = ")
    suggest(writer, broker, "total(1)")
    writer.feed("<Tab>; x = 2<Esc>")
    writer.settle()
    assert writer.lines()[5] == "value = total(1); x = 2"


def test_asking_by_hand_works_where_it_is_off(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("vim.keymap.set('i', '<C-x><C-z>', '<Plug>(zeke-complete)')")
    nvim.feed("6Gccvalue = <C-x><C-z>")
    suggest(nvim, broker, "total(1)")
    nvim.wait_screen("value = total(1)")
    nvim.feed("<Tab> + 1")
    nvim.wait_for("vim.fn.getline('.') == 'value = total(1) + 1'")
    assert not broker.seen("task.submit")


def test_plugs_for_keys_of_ones_own(writer: Nvim, broker: FakeBroker) -> None:
    writer.lua("vim.keymap.set('i', '<C-x><C-a>', '<Plug>(zeke-complete-word)')")
    writer.feed("ia<C-x><C-a>b = ")
    suggest(writer, broker, "one two")
    writer.feed("<C-x><C-a>")
    writer.wait_for("vim.fn.getline('.') == 'ab = one'")


@pytest.mark.parametrize(
    ("filetypes", "wanted"),
    [
        ({}, True),
        (["python"], True),
        (["lua"], False),
        ({"python": False}, False),
        ({"lua": False}, True),
        ({"lua": True}, False),
        ({"lua": True, "*": True}, True),
        ({"*": False, "python": True}, True),
    ],
)
def test_filetypes(nvim: Nvim, filetypes: Any, wanted: bool) -> None:
    turn_on(nvim, filetypes=filetypes)
    assert nvim.lua("return require('zeke.complete.policy').wanted(0 + vim.fn.bufnr())") is wanted


@pytest.mark.parametrize(
    "where",
    [
        "setlocal buftype=nofile",
        "setlocal buftype=prompt",
        "setlocal fileencoding=latin1",
        "setlocal binary",
        "file scp://host/app.py",
        "let @z = repeat('x', 9000) | put z",
        "call setline(1, repeat([repeat('x', 1000)], 2200))",
        "call setline(1, repeat(['x'], 100)) | %s/x/a\\rb/ | set paste",
    ],
)
def test_buffers_in_which_nothing_is_asked(writer: Nvim, broker: FakeBroker, where: str) -> None:
    writer.command(where)
    writer.feed("GA more<Esc>")
    writer.settle()
    writer.command("set nopaste")
    writer.command("new other.py")
    writer.feed("ihere")
    assert asked(broker)["prefix"] == "here"


def test_a_buffer_without_a_name_is_no_file(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed(":ZekeComplete! on<CR>")
    writer.command("enew")
    writer.feed("isecret = 1<Esc>:ZekeComplete<CR>")
    shows(writer, "Completion is on, and yet silent here. This buffer is not a file yet: give it a")
    writer.command("edit other.py")
    writer.feed("ihere")
    assert asked(broker)["prefix"] == "here"


def test_a_buffer_without_a_name_in_which_it_was_turned_on(
    writer: Nvim, broker: FakeBroker
) -> None:
    writer.command("enew")
    writer.feed(":ZekeComplete on<CR>ihere")
    assert asked(broker)["prefix"] == "here"


def test_a_buffer_without_a_name_in_which_it_is_asked_for(writer: Nvim, broker: FakeBroker) -> None:
    writer.command("enew")
    writer.lua("vim.keymap.set('i', '<C-f>', '<Plug>(zeke-complete)')")
    writer.feed("ihere<C-f>")
    suggest(writer, broker, " and there")
    writer.feed("<Tab>, more")
    writer.settle()
    assert writer.lines() == ["here and there, more"]
    assert not broker.seen("task.submit")


def test_around_the_cursor_is_bounded_and_begins_with_a_line(
    nvim: Nvim, broker: FakeBroker
) -> None:
    turn_on(nvim)
    lines = [f"größe_{number} = {number}" for number in range(5000)]
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, ...)", lines)
    nvim.feed("2500GA + ")
    task = asked(broker)
    text = "\n".join(lines[:2500]) + " + "
    assert text.endswith(task["prefix"])
    assert 15_900 < len(task["prefix"].encode()) <= 16_384
    assert task["prefix"].startswith("größe_")
    rest = "\n" + "\n".join(lines[2500:])
    assert rest.startswith(task["suffix"])
    assert 4_000 < len(task["suffix"].encode()) <= 4_096
    assert task["suffix"].rpartition("\n")[2] in lines
    nvim.feed("<Esc>GA - ")
    assert asked(broker)["suffix"] == ""


def test_beyond_the_end_of_a_line_nothing_is_asked(writer: Nvim, broker: FakeBroker) -> None:
    writer.command("set virtualedit=all")
    writer.feed("10lix")
    task = asked(broker)
    assert task["prefix"].endswith(" " * 10 + "x")


def test_one_that_reads_aloud_gets_a_line(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ ui = { plain = true } })")
    turn_on(nvim, lsp=True)
    nvim.feed("6Gccvalue = ")
    task = asked(broker)
    broker.send("task.done", id=task["id"], kind="complete", text="total(1)\nsecond")
    nvim.wait_screen("\nZeke suggests: total(1)\nsecond\n")
    assert "value = total" not in nvim.screen.text
    nvim.feed("<Tab>")
    nvim.wait_for("vim.fn.getline('.') == 'second'")


def test_the_command_says_how_it_is(nvim: Nvim) -> None:
    nvim.feed(":ZekeComplete<CR>")
    nvim.wait_screen("Completion is off in this buffer.")
    nvim.feed(":ZekeComplete! toggle<CR>")
    nvim.wait_screen("Completion is on.")
    nvim.command("help")
    nvim.feed(":Zeke complete<CR>")
    nvim.wait_screen("and yet silent here. This buffer is not a file")
    nvim.feed(":ZekeComplete of<CR>")
    nvim.wait_screen("takes on, off or toggle, not of.")
    assert nvim.lua("return vim.fn.getcompletion('ZekeComplete ', 'cmdline')") == [
        "on",
        "off",
        "toggle",
    ]


def test_a_buffer_that_is_wiped_while_it_is_asked_about(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ia")
    task = asked(broker)
    writer.command("edit! other.py | bwipeout! #")
    broker.send("task.done", id=task["id"], kind="complete", text="late")
    writer.feed("<Esc>ifresh")
    assert asked(broker)["prefix"] == "fresh"
    assert writer.lua("return vim.v.errmsg") == ""


def test_a_lost_broker_is_one_sentence(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ia")
    asked(broker)
    broker.die()
    writer.wait_screen("Completion: The broker stopped")
    assert writer.lua("return vim.v.errmsg") == ""
