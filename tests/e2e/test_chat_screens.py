"""What a chat looks like, kept as text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e import screens
from tests.e2e.conftest import Opener
from tests.e2e.nvim import Nvim
from tests.e2e.person import done, run
from tests.fakes.house import House


def check(nvim: Nvim, name: str) -> None:
    nvim.feed("<Esc>:<C-u>echo ''<CR>")
    screens.check(nvim, name)


@pytest.fixture
def answered(editor: Opener) -> Nvim:
    nvim = editor()
    run(nvim, "ZekeChat What is in @file:app.py? ANSWER: A function and a call.")
    done(nvim)
    nvim.wait_screen("A function and a call.")
    return nvim


def test_an_answer(answered: Nvim) -> None:
    check(answered, "chat_answer")


def test_why(answered: Nvim) -> None:
    answered.feed("ggK")
    answered.wait_screen("Zeke: this answer")
    screens.check(answered, "chat_why", {r"local: [\w ]+\w": "local: not installed"})


def test_the_keys(answered: Nvim) -> None:
    answered.feed("g?")
    answered.wait_screen("Zeke chat: keys")
    screens.check(answered, "chat_keys")


def test_while_it_answers(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:held", "chat": {"window": "right"}})
    run(nvim, "ZekeChat hello")
    nvim.wait_screen("first")
    check(nvim, "chat_streaming")
    house.provider.release()
    done(nvim)


def test_a_plain_screen(editor: Opener) -> None:
    settings: dict[str, Any] = {"ui": {"plain": True, "icons": False}}
    nvim = editor(settings=settings)
    run(nvim, "ZekeChat hello ANSWER: Good day.")
    done(nvim)
    nvim.wait_screen("Good day.")
    check(nvim, "chat_plain")


def test_history(answered: Nvim) -> None:
    answered.wait_event("ZekeChatSaved")
    run(answered, "ZekeChat history function")
    answered.wait_screen("Saved chats")
    screens.check(answered, "chat_history")
    answered.feed("1<CR>")
    answered.wait_gone("Saved chats")
