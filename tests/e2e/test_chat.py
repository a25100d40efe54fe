"""``:ZekeChat``: a conversation in a markdown buffer that keeps what was said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import Opener, tidied
from tests.e2e.person import answer, done, failed, notices, run
from tests.fakes.house import House


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def turns(house: House) -> list[tuple[str, str]]:
    """Who said what in the last request, without what Zeke says first."""
    messages: list[dict[str, Any]] = house.provider.requests[-1]["messages"]
    assert messages[0]["role"] == "system"
    return [(turn["role"], turn["content"]) for turn in messages[1:]]


def test_an_answer_streams_and_a_follow_up_keeps_the_context(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, 'ZekeChat "My name is Ada. ANSWER: Hello Ada."')
    done(nvim)
    text = nvim.wait_screen("Hello Ada.")
    assert "## You" in text
    assert "## Zeke" in text
    assert nvim.lua("return vim.bo.filetype") == "markdown"
    # Room for the next question, and the cursor in it.
    nvim.feed("iWhat is my name? ANSWER: It is Ada.<Esc><CR>")
    done(nvim)
    nvim.wait_screen("It is Ada.")
    assert turns(house) == [
        ("user", "My name is Ada. ANSWER: Hello Ada."),
        ("assistant", "Hello Ada."),
        ("user", "What is my name? ANSWER: It is Ada."),
    ]
    run(nvim, "ZekeChat And again? ANSWER: Ada.")
    done(nvim)
    assert len(turns(house)) == 5


def test_it_streams_into_the_buffer(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:held"})
    run(nvim, "ZekeChat hello")
    nvim.wait_screen("first")
    assert "second" not in nvim.screen.text
    house.provider.release()
    done(nvim)
    nvim.wait_screen("first second")


def test_a_new_chat_forgets_the_old_one(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeChat The word is apple. ANSWER: Yes.")
    done(nvim)
    run(nvim, "ZekeChat! Which word? ANSWER: None.")
    done(nvim)
    nvim.wait_screen("Which word?")
    assert "apple" not in nvim.screen.text
    assert turns(house) == [("user", "Which word? ANSWER: None.")]


def test_chats_of_two_neovims_do_not_mix(editor: Opener, house: House) -> None:
    one, two = editor(), editor()
    for nvim, word in ((one, "apple"), (two, "pear")):
        run(nvim, f"ZekeChat The word is {word}. ANSWER: It is {word}.")
        done(nvim)
    run(one, "ZekeChat Which? ANSWER: The first.")
    done(one)
    assert "pear" not in str(turns(house))
    assert "apple" in str(turns(house))
    two.wait_screen("It is pear.")
    assert "apple" not in two.screen.text


def test_lines_can_be_asked_about(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "1,2ZekeChat What is result? ANSWER: A sum.")
    done(nvim)
    nvim.wait_screen("A sum.")
    asked = turns(house)[-1][1]
    shown = "The file app.py, lines 1-2 (@file:app.py:1-2):\n```python\ndef total(values):\n"
    assert f"{shown}    result = 0\n```" in asked


def test_lines_of_a_secret_are_asked_about(editor: Opener, house: House) -> None:
    (house.project / ".env").write_text("KEY=1\nOTHER=2\n")
    nvim = editor(".env")
    run(nvim, "1ZekeChat What is it? ANSWER: Nothing.")
    answer(nvim, "d")
    done(nvim)
    nvim.wait_screen("@file:.env:1-1 not sent")
    assert "KEY" not in str(house.provider.requests)
    assert "KEY" not in "\n".join(nvim.lines())


def test_lines_of_a_denied_file_are_not_sent(editor: Opener, house: House) -> None:
    rule = (
        '{"version":1,"grants":[],"denies":[{"op":"read","pattern":"app.py"}],"local_only":false}'
    )
    (house.project / ".zeke-consents.json").write_text(rule)
    nvim = editor()
    nvim.command("call setline(1, 'unsaved')")
    run(nvim, "1,2ZekeChat What is it? ANSWER: Nothing.")
    done(nvim)
    nvim.wait_screen("not sent")
    assert "unsaved" not in str(house.provider.requests)


def test_a_second_question_waits_for_the_first_answer(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:held"})
    run(nvim, "ZekeChat one")
    nvim.wait_screen("first")
    run(nvim, "ZekeChat two")
    nvim.wait_screen("The answer is still coming")
    assert len(house.provider.requests) == 1
    house.provider.release()
    done(nvim)


def test_what_came_before_a_failure_stays(editor: Opener) -> None:
    nvim = editor(settings={"default_model": "openai:stream-fault"})
    run(nvim, "ZekeChat hello")
    failed(nvim)
    text = nvim.wait_screen("Stopped:")
    assert "one" in text
    assert "hello" in text
    assert any("Zeke:" in line for line in notices(nvim))
