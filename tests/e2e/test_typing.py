"""Neovim belongs to the person: they type on while text streams and while a question waits."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import SAMPLE, Opener, tidied
from tests.e2e.person import done, propose, run
from tests.fakes.house import House

WORDS = "the quick brown fox jumps over the lazy dog"


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def test_while_text_streams(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:slow"})
    house.provider.delay = None
    run(nvim, "ZekeExplain")
    house.provider.step(3)
    nvim.wait_screen("word1 ")
    nvim.feed("Go")
    for letter in WORDS:
        nvim.feed(letter)
        house.provider.step()
        nvim.wait_event("ZekeTaskDelta")
    assert nvim.lua("return vim.api.nvim_get_mode().mode") == "i"
    nvim.feed("<Esc>")
    nvim.settle()
    assert nvim.lines() == [*SAMPLE.splitlines(), WORDS]
    house.provider.step(100)
    assert done(nvim)["text"].endswith("word99 ")
    nvim.wait_screen("word99")


def test_in_the_chat_buffer_itself_while_it_streams(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:held"})
    run(nvim, "ZekeChat hello")
    nvim.wait_screen("first")
    nvim.feed("ggOabove<Esc>")
    nvim.settle()
    house.provider.release()
    done(nvim)
    nvim.wait_screen("first second")
    assert nvim.lines()[0] == "above"


def test_a_prompt_takes_no_focus_from_insert_mode(editor: Opener) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    # Accepted by a mapping of theirs, on the way into something else.
    nvim.feed(":Zeke accept<CR>Go1d3")
    nvim.wait_screen("GhostWarden ─ 1 of 1")
    nvim.feed("12 and on")
    nvim.wait_screen("To answer: :Zeke prompt")
    assert nvim.lua("return vim.api.nvim_get_mode().mode") == "i"
    nvim.feed("<Esc>")
    nvim.settle()
    assert nvim.lua("return vim.fn.getline('$')") == "1d312 and on"
    assert "GhostWarden ─ 1 of 1" in nvim.screen.text
    assert "ZekeConsentClosed" not in [name for name, _ in nvim.events]


def test_in_another_window_while_a_prompt_waits(editor: Opener, house: House) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    nvim.feed("ga")
    nvim.wait_screen("Esc denies")
    nvim.feed("<C-w>w:split a.py<CR>")
    nvim.wait_for("vim.fn.expand('%:t') == 'a.py'")
    nvim.feed(f"Go# {WORDS}<Esc>:w<CR>")
    nvim.wait_for("not vim.bo.modified")
    assert (house.project / "a.py").read_text().endswith(f"# {WORDS}\n")
    run(nvim, "Zeke prompt")
    nvim.wait_screen("Esc denies")
    nvim.feed("1")
    assert done(nvim)["written"]
    assert (house.project / "app.py").read_text() != SAMPLE


def test_a_question_while_a_command_line_is_typed(editor: Opener) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    nvim.feed(":Zeke accept<CR>:let g:typed = '1")
    nvim.wait_screen("GhostWarden ─ 1 of 1")
    nvim.feed("d3'<CR>")
    nvim.wait_for("vim.g.typed == '1d3'")
    nvim.wait_screen("GhostWarden ─ 1 of 1")
