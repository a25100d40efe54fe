"""An answer or a question comes while the person is in the middle of something else."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import SAMPLE, Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer, connected, done, run
from tests.e2e.unharmed import HELD, fine, streams
from tests.fakes.house import House


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def asks(nvim: Nvim) -> None:
    """Have GhostWarden ask about reading, without a key of the person's."""
    nvim.lua("require('zeke').setup({ ghostllm = { auto_approve_read = false } })")
    nvim.command("ZekeExplain")


def test_in_the_command_line_window(editor: Opener, house: House) -> None:
    nvim = editor(settings=HELD, size=(80, 40))
    streams(nvim, "ZekeExplain", house)
    nvim.feed("q:")
    nvim.wait_for("vim.fn.getcmdwintype() == ':'")
    house.provider.release()
    done(nvim)
    nvim.wait_screen("first second")
    assert nvim.lua("return vim.fn.getcmdwintype()") == ":"
    nvim.feed(":q<CR>")
    nvim.wait_for("vim.fn.getcmdwintype() == ''")
    fine(nvim)


def test_a_question_while_the_command_line_window_is_open(editor: Opener, house: House) -> None:
    nvim = connected(editor())
    with house.still():
        asks(nvim)
        nvim.feed("q:")
        nvim.wait_for("vim.fn.getcmdwintype() == ':'")
    nvim.wait_event("ZekeConsentAsked")
    nvim.feed(":q<CR>")
    nvim.wait_for("vim.fn.getcmdwintype() == ''")
    run(nvim, "Zeke prompt")
    answer(nvim, "1")
    done(nvim)
    fine(nvim)


@pytest.mark.parametrize("command", ["ZekeStatus", "ZekeChat", "Zeke messages"])
def test_commands_in_the_command_line_window(editor: Opener, command: str) -> None:
    """Neovim opens no window from there; that is a sentence."""
    nvim = editor()
    nvim.feed("q:")
    nvim.wait_for("vim.fn.getcmdwintype() == ':'")
    nvim.command(command)
    nvim.wait_screen("leave this one first")
    nvim.feed(":q<CR>")
    nvim.wait_for("vim.fn.getcmdwintype() == ''")
    fine(nvim)


def test_in_a_terminal(editor: Opener, house: House) -> None:
    nvim = editor(settings=HELD, size=(80, 40))
    streams(nvim, "ZekeExplain", house)
    nvim.command("aboveleft split | terminal cat")
    nvim.feed("i")
    nvim.wait_for("vim.api.nvim_get_mode().mode == 't'")
    house.provider.release()
    done(nvim)
    nvim.feed("typed on")
    nvim.wait_screen(lambda screen: "typed on" in screen.text and "first second" in screen.text)
    assert nvim.lua("return vim.api.nvim_get_mode().mode") == "t"
    nvim.feed("<C-\\><C-n>")
    fine(nvim)


def test_a_question_in_a_terminal_takes_no_key(editor: Opener) -> None:
    nvim = editor(size=(80, 40))
    nvim.command("terminal cat")
    nvim.feed("i")
    nvim.wait_for("vim.api.nvim_get_mode().mode == 't'")
    nvim.lua("require('zeke').setup({ ghostllm = { auto_approve_read = false } })")
    nvim.lua("require('zeke.explain').run({ buffer = 1, first = 1, last = 8 }, '')")
    nvim.wait_screen("GhostWarden ─ 1 of 1")
    nvim.feed("1 2 3 d")
    nvim.wait_screen("1 2 3 d")
    assert nvim.lua("return vim.api.nvim_get_mode().mode") == "t"
    nvim.feed("<C-\\><C-n>:Zeke prompt<CR>")
    answer(nvim, "1")
    done(nvim)
    fine(nvim)


@pytest.mark.parametrize(
    ("keys", "mode", "then", "result"),
    [
        ("2GVj", "V", "d", SAMPLE.splitlines()[:1] + SAMPLE.splitlines()[3:]),
        ("2G<C-v>jl", "\x16", "<Esc>", SAMPLE.splitlines()),
        ("2Gd", "no", "j", SAMPLE.splitlines()[:1] + SAMPLE.splitlines()[3:]),
        ("2Gqa", "n", "ddq", SAMPLE.splitlines()[:1] + SAMPLE.splitlines()[2:]),
        ("2GI# ", "i", "x<Esc>", ["def total(values):", "    # xresult = 0"]),
        ("2GR", "R", "x<Esc>", ["def total(values):", "x   result = 0"]),
        (":echo 'typ", "c", "ed'<CR>", SAMPLE.splitlines()),
    ],
    ids=["visual", "block", "operator", "macro", "insert", "replace", "command"],
)
@pytest.mark.parametrize("what", ["answer", "question"])
def test_in_the_middle_of_something(
    editor: Opener, house: House, keys: str, mode: str, then: str, result: list[str], what: str
) -> None:
    """An answer, or a question of GhostWarden's, comes while the person is doing something."""
    nvim = editor(settings=HELD if what == "answer" else None, size=(80, 40))
    if what == "answer":
        streams(nvim, "ZekeExplain", house)
        nvim.feed(keys)
        nvim.settle()
        house.provider.release()
        done(nvim)
        if mode != "c":  # in which Neovim draws no window
            nvim.wait_screen("first second")
    else:
        nvim.feed(keys)
        nvim.lua("require('zeke').setup({ ghostllm = { auto_approve_read = false } })")
        range_ = "{ buffer = 1, first = 1, last = 8 }"
        nvim.lua(f"vim.schedule(function() require('zeke.explain').run({range_}, '') end)")
        nvim.wait_event("ZekeConsentAsked")
        nvim.wait_screen("GhostWarden ─ 1 of 1")
    assert nvim.lua("return vim.api.nvim_get_mode().mode") == mode
    nvim.feed(then)
    nvim.settle()
    assert nvim.lines(1)[: len(result)] == result
    if "qa" in keys:
        assert nvim.lua("return vim.fn.getreg('a')") == "dd"
    fine(nvim)
