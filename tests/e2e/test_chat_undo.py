"""Undo in a chat while a provider's answer streams into it: nothing typed and nothing said is lost."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import done, run
from tests.fakes.house import House

WORDS = "".join(f"word{number} " for number in range(100))


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def feed(nvim: Nvim, keys: str) -> list[str]:
    """What stands after the first question when those keys are worked off."""
    nvim.feed(keys)
    nvim.settle()
    return nvim.lines()[4:]


def more(nvim: Nvim, house: House) -> None:
    """Another word of the answer comes."""
    house.provider.step()
    nvim.wait_event("ZekeTaskDelta")


def test_drafts_are_taken_back_and_brought_back_while_it_streams(
    editor: Opener, house: House
) -> None:
    nvim = editor(settings={"default_model": "openai:slow"})
    house.provider.delay = None
    run(nvim, "ZekeChat hello")
    house.provider.step(3)
    nvim.wait_screen("word1 ")
    typed: list[list[str]] = [[""]]
    for draft in ("one", "two", "three"):
        nvim.feed("Go")
        for letter in draft:
            nvim.feed(letter)
            more(nvim, house)
        lines = feed(nvim, "<Esc>")
        typed.append(lines[lines.index("## You") + 2 :])
        more(nvim, house)
    for keys, wanted in zip(["u", "u", "<C-r>", "u", "2<C-r>"], [2, 1, 2, 1, 3], strict=True):
        lines = feed(nvim, keys)
        assert lines[lines.index("## You") + 2 :] == typed[wanted]
        assert WORDS.startswith(lines[2])
        more(nvim, house)
    house.provider.step(100)
    assert done(nvim)["text"] == WORDS
    whole = ["## Zeke", "", WORDS, "", "## You", ""]
    nvim.wait_for("vim.api.nvim_buf_get_lines(0, 6, 7, false)[1] == ...", WORDS)
    for number in (2, 1, 0):
        assert feed(nvim, "u") == [*whole, *typed[number]]
    assert feed(nvim, "u") == []
    assert feed(nvim, "4<C-r>") == [*whole, *typed[3]]


def test_an_answer_that_is_undone_while_it_streams_is_there_at_the_end(
    editor: Opener, house: House
) -> None:
    nvim = editor(settings={"default_model": "openai:held"})
    run(nvim, "ZekeChat hello")
    nvim.wait_screen("first")
    assert feed(nvim, "u") == []
    house.provider.release()
    done(nvim)
    assert feed(nvim, "") == []
    nvim.feed("<C-r>")
    nvim.wait_screen("first second")


def test_two_questions_are_sent_without_leaving_insert_mode(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeChat hello ANSWER: one")
    done(nvim)
    nvim.feed("iagain ANSWER: two<C-s>")
    done(nvim)
    nvim.feed("and again ANSWER: three<C-s>and")
    done(nvim)
    nvim.wait_screen("three")
    last = feed(nvim, "<Esc>")
    assert last[-1] == "and"
    ends = [feed(nvim, "u")[-1:] for _ in range(6)]
    sent = ["and again ANSWER: three"], ["again ANSWER: two"]
    assert ends == [[""], sent[0], [""], sent[1], [""], []]
    assert feed(nvim, "6<C-r>") == last
