"""Bad luck while something of Zeke's is under way: chats, explanations, suggestions.

Whatever happens, nothing breaks, nothing is lost, and nobody is kept from working (``fine``). That of
changes under review is in ``test_hardships_review``, that of a lost network or a dead
broker in ``test_hardships_gone``.
"""

from __future__ import annotations

import pytest

from tests.e2e.conftest import SAMPLE, Opener, tidied
from tests.e2e.loop import never_stalls
from tests.e2e.nvim import PATIENCE
from tests.e2e.person import done, run
from tests.e2e.unharmed import GROUPS, HELD, TYPING, WIDE, fine, streams
from tests.fakes.house import House


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def test_a_chat_closed_while_it_streams_is_complete_later(editor: Opener, house: House) -> None:
    nvim = editor(settings=HELD)
    streams(nvim, "ZekeChat hello", house)
    run(nvim, "q")
    nvim.wait_gone("first")
    house.provider.release()
    done(nvim)
    run(nvim, "ZekeChat")
    nvim.wait_screen("first second")
    fine(nvim)


@pytest.mark.parametrize("command", ["ZekeChat hello", "ZekeExplain"])
@pytest.mark.parametrize("how", ["bwipeout!", "bunload!"])
def test_its_buffer_taken_away_while_it_streams(
    editor: Opener, house: House, command: str, how: str
) -> None:
    nvim = editor(settings=HELD)
    streams(nvim, command, house)
    house.provider.left.clear()
    if "Explain" in command:
        nvim.feed("<C-w>j")
    nvim.command(how)
    assert house.provider.left.wait(PATIENCE)
    nvim.wait_event("ZekeTaskFailed")
    fine(nvim)
    house.provider.release()
    run(nvim, command)
    done(nvim)
    nvim.wait_screen("first second")


def test_an_unloaded_buffer_keeps_no_key_of_a_suggestion(editor: Opener, house: House) -> None:
    nvim = editor(settings=TYPING)
    house.provider.script.append("```\n12\n```")
    nvim.feed("Govalue = ")
    nvim.wait_screen("value = 12")
    nvim.command("new | bunload! app.py")
    nvim.feed("<C-\\><C-n>:buffer app.py<CR>")
    nvim.wait_screen("print(total")
    assert nvim.lua("return vim.fn.maparg('<M-l>', 'i')") == ""
    fine(nvim)


@pytest.mark.parametrize("lsp", [True, False])
def test_a_buffer_taken_away_while_a_suggestion_is_on_its_way(
    editor: Opener, house: House, lsp: bool
) -> None:
    nvim = editor(settings={**HELD, "complete": {**TYPING["complete"], "lsp": lsp}})
    nvim.feed("Govalue = ")
    assert house.provider.held.wait(PATIENCE)
    house.provider.left.clear()
    nvim.command("bwipeout!")
    assert house.provider.left.wait(PATIENCE)
    fine(nvim)


@pytest.mark.parametrize("change", ["colorscheme habamax", "hi clear", "set background=light"])
def test_the_colours_change_while_it_streams(editor: Opener, house: House, change: str) -> None:
    nvim = editor(settings=HELD)
    streams(nvim, "ZekeChat hello", house)
    nvim.command(change)
    assert nvim.lua(GROUPS) == []
    house.provider.release()
    done(nvim)
    nvim.wait_screen("first second")
    fine(nvim)


def test_a_colour_of_the_persons_own_stays(editor: Opener) -> None:
    nvim = editor(init="vim.api.nvim_set_hl(0, 'ZekeTitle', { fg = '#123456' })")
    run(nvim, "ZekeStatus")
    nvim.wait_screen("Zeke status")
    assert nvim.lua("return vim.api.nvim_get_hl(0, { name = 'ZekeTitle' }).fg") == 0x123456


def test_lazyredraw(editor: Opener, house: House) -> None:
    nvim = editor(settings=HELD, init="vim.o.lazyredraw = true")
    streams(nvim, "ZekeChat hello", house)
    house.provider.release()
    done(nvim)
    nvim.wait_screen("first second")
    fine(nvim)


def test_nothing_can_be_modified(editor: Opener, house: House) -> None:
    """``nvim -M``: every window of ours has its text all the same."""
    nvim = editor("-M", "app.py", settings=TYPING)
    run(nvim, "ZekeChat hello ANSWER: It is one.")
    done(nvim)
    nvim.wait_screen("It is one.")
    nvim.feed("Gahello ANSWER: It is two.<Esc><CR>")
    done(nvim)
    nvim.wait_screen("It is two.")
    run(nvim, "q")
    run(nvim, "ZekeAnalyze quality")
    done(nvim)
    nvim.wait_screen("A message of the fake")
    run(nvim, "ZekeStatus")
    nvim.wait_screen("Zeke status")
    nvim.feed("q")
    fine(nvim)


def test_a_chat_that_was_made_unmodifiable_goes_on(editor: Opener, house: House) -> None:
    nvim = editor(settings=HELD)
    streams(nvim, "ZekeChat hello", house)
    run(nvim, "set nomodifiable")
    house.provider.release()
    done(nvim)
    nvim.wait_screen("first second")
    assert nvim.lua("return vim.bo.modifiable") is False
    fine(nvim)


@pytest.mark.parametrize("window", ["right", "below", "tab"])
def test_nohidden_with_unsaved_text(editor: Opener, window: str) -> None:
    nvim = editor(settings={"chat": {"window": window}}, init="vim.o.hidden = false")
    nvim.feed("Gomine = 1<Esc>")
    run(nvim, "ZekeChat hello ANSWER: There.")
    done(nvim)
    nvim.wait_screen("There.")
    run(nvim, "q")
    nvim.wait_for("vim.fn.expand('%:t') == 'app.py'")
    assert nvim.lines() == [*SAMPLE.splitlines(), "mine = 1"]
    assert nvim.lua("return vim.bo.modified") is True
    run(nvim, "ZekeChat")
    nvim.wait_screen("There.")
    fine(nvim)


def test_nohidden_and_a_finding_elsewhere(editor: Opener, house: House) -> None:
    nvim = editor(init="vim.o.hidden = false")
    run(nvim, "ZekeAnalyze quality")
    done(nvim)
    nvim.wait_screen("A message of the fake")
    run(nvim, "edit a.py")
    nvim.feed("Gomine = 1<Esc>")
    run(nvim, "ZekeFindings")
    nvim.lua("vim.fn.search('app.py:')")
    nvim.feed("<CR>")
    nvim.wait_for("vim.fn.expand('%:t') == 'app.py'")
    assert nvim.lines(nvim.lua("return vim.fn.bufnr('a.py')"))[-1] == "mine = 1"
    fine(nvim)


def test_two_chats_at_once(editor: Opener, house: House) -> None:
    nvim = editor(settings=HELD, size=(80, 40))
    streams(nvim, "ZekeChat apple", house)
    nvim.feed("<C-w>k")
    house.provider.held.clear()
    run(nvim, "ZekeChat! pear")
    assert house.provider.held.wait(PATIENCE)
    house.provider.release()
    done(nvim)
    done(nvim)
    texts = nvim.lua("""return vim.tbl_map(function(chat)
      return table.concat(vim.api.nvim_buf_get_lines(chat.buffer, 0, -1, false), "\\n")
    end, require("zeke.chat.session").all())""")
    assert [text.count("first second") for text in texts] == [1, 1]
    assert ["pear" in text for text in texts] == [True, False]
    assert ["apple" in text for text in texts] == [False, True]
    fine(nvim)


def test_a_screen_of_40_by_10_and_back(editor: Opener, house: House) -> None:
    nvim = editor(settings=HELD)
    streams(nvim, "ZekeExplain", house)
    run(nvim, "ZekeChat hello")
    nvim.wait_screen("Zeke chat ·")
    run(nvim, "ZekeStatus")
    nvim.wait_screen("Zeke status")
    nvim.resize(40, 10)
    nvim.wait_screen(lambda screen: len(screen.lines) == 10)
    nvim.settle()
    nvim.feed("q")
    house.provider.release()
    done(nvim)
    done(nvim)
    nvim.resize(80, 24)
    nvim.wait_screen(lambda screen: len(screen.lines) == 24 and "first second" in screen.text)
    nvim.command("only")
    fine(nvim)


@pytest.mark.parametrize("text", [WIDE, "x = '" + "y" * 500 + "'"], ids=["wide", "long"])
def test_odd_lines_are_explained_and_completed(editor: Opener, house: House, text: str) -> None:
    (house.project / "odd.py").write_text(text, encoding="utf-8")
    nvim = editor("odd.py", settings=TYPING)
    run(nvim, "ZekeExplain")
    done(nvim)
    nvim.wait_screen("This is what the fake says")
    house.provider.script.append("```\n字sum\n```")
    nvim.feed("A; z = ")
    nvim.wait_screen(lambda screen: "字sum" in screen.text.replace(" ", ""))
    nvim.feed("<Tab><Esc>")
    nvim.settle()
    assert nvim.lines() == [f"{text}; z = 字sum"]
    fine(nvim)


def test_an_endless_line_is_typed_in_without_suggestions(editor: Opener, house: House) -> None:
    (house.project / "odd.py").write_text("y" * 200_000)
    nvim = editor("odd.py", settings=TYPING)
    with never_stalls(nvim):
        for letter in "; typed":
            nvim.feed(f"A{letter}<Esc>")
            nvim.settle()
    assert nvim.lines() == ["y" * 200_000 + "; typed"]
    assert house.provider.requests == []
    fine(nvim)


def test_an_empty_file_is_completed(editor: Opener, house: House) -> None:
    (house.project / "empty.py").write_text("")
    nvim = editor("empty.py", settings=TYPING)
    house.provider.script.append("```\nport os\n```")
    nvim.feed("iim")
    nvim.wait_screen("import os")
    nvim.feed("<Tab><Esc>")
    nvim.settle()
    assert nvim.lines() == ["import os"]
    fine(nvim)
