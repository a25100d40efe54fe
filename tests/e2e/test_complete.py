"""Suggestions while a person types, from a real broker and core: by screen."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Opener, tidied
from tests.e2e.loop import never_stalls
from tests.e2e.nvim import PATIENCE, Nvim
from tests.e2e.person import notices
from tests.fakes.house import House

ON = {"default_model": "openai:echo", "complete": {"enabled": True, "debounce_ms": 1}}


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def said(nvim: Nvim) -> list[str]:
    return [name for name, _ in nvim.events]


def test_a_suggestion_is_shown_taken_and_undone(editor: Opener, house: House) -> None:
    house.provider.script.append("```python\nsorted([3, 1, 2])\n```")
    nvim = editor(settings=ON)
    nvim.feed("Govalues = ")
    nvim.wait_screen("values = sorted([3, 1, 2])")
    assert nvim.lines()[-1] == "values = "
    nvim.feed("<Tab><Esc>")
    nvim.settle()
    assert nvim.lines()[-1] == "values = sorted([3, 1, 2])"
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines()[-1] == "values = "
    shown = house.provider.requests[-1]["messages"][-1]["content"]
    assert "<CURSOR>" in shown
    assert "app.py" in shown


def test_what_is_outdated_ends_at_the_provider(editor: Opener, house: House) -> None:
    nvim = editor(settings={**ON, "default_model": "openai:held"})
    nvim.feed("Govalues = ")
    assert house.provider.held.wait(PATIENCE)
    house.provider.left.clear()
    nvim.feed("s")
    assert house.provider.left.wait(PATIENCE)


@pytest.mark.parametrize("name", [".env", "id_ed25519"])
def test_a_secret_file_is_never_sent_and_nobody_is_asked(
    editor: Opener, house: House, name: str
) -> None:
    (house.project / name).write_text("KEY=abc123\n")
    nvim = editor(name, settings=ON)
    nvim.feed("oOTHER=")
    nvim.wait_screen("No completion in this buffer. It looks like a place for keys")
    nvim.feed("x<Esc>oMORE=<Esc>")
    nvim.settle()
    assert "ZekeConsentAsked" not in said(nvim)
    assert "abc123" not in json.dumps(house.provider.requests)
    assert len([line for line in notices(nvim) if "No completion" in line]) == 1
    # The next file is as ever.
    nvim.edit(house.project / "app.py")
    house.provider.script.append("```\n1\n```")
    nvim.feed("Govalue = ")
    nvim.wait_screen("value = 1")


def test_what_was_allowed_for_the_session_is_completed(editor: Opener, house: House) -> None:
    nvim = editor(settings={**ON, "ghostllm": {"auto_approve_read": False}})
    nvim.feed("Govalue = ")
    nvim.wait_screen("No completion in this buffer.")
    assert house.provider.requests == []
    nvim.feed("<Esc>:ZekeExplain<CR>")
    nvim.wait_screen("Esc denies")
    nvim.feed("2")
    nvim.wait_screen("This is what the fake says")
    house.provider.script.append("```\n12\n```")
    nvim.command("wincmd p | buffer app.py")
    nvim.feed("<Esc>GA1 + ")
    nvim.wait_screen("value = 1 + 12")


def test_typing_never_waits(editor: Opener, house: House) -> None:
    nvim = editor(settings={**ON, "default_model": "openai:slow"})
    (house.project / "long.py").write_text("value = [1, 2, 3]  # größe\n" * 20_000)
    nvim.edit(house.project / "long.py")
    nvim.feed("10000Go")
    nvim.wait_event("ZekeTaskStarted")
    with never_stalls(nvim):
        for letter in "the quick brown fox jumps over the lazy dog":
            nvim.feed(letter)
            nvim.settle()
        nvim.wait_event("ZekeTaskStarted")
    nvim.feed("<Esc>")
    nvim.settle()
    assert nvim.lines()[10000] == "the quick brown fox jumps over the lazy dog"


def test_no_model_is_one_sentence(editor: Opener, house: House) -> None:
    nvim = editor(settings={**ON, "default_model": "openai:nothing-of-the-kind"})
    nvim.feed("Goa")
    nvim.wait_screen("Zeke: Completion: ")
    nvim.feed("b<Esc>Acd<Esc>")
    nvim.settle()
    assert len([line for line in notices(nvim) if "Completion:" in line]) == 1
