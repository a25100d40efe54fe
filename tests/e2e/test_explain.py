"""``:ZekeExplain``: an explanation streams into a window, and nobody is sent anywhere."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Opener, tidied
from tests.e2e.nvim import PATIENCE
from tests.e2e.person import done, failed, run
from tests.fakes.house import House

HELD = {"default_model": "openai:held"}


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def test_it_streams_beside_the_code(editor: Opener, house: House) -> None:
    nvim = editor(settings=HELD)
    run(nvim, "1,5ZekeExplain")
    text = nvim.wait_screen("first")
    assert "Zeke explains app.py:1-5 …" in text
    assert "second" not in text
    # The person stays where they were.
    assert nvim.lua("return vim.fn.expand('%:t')") == "app.py"
    house.provider.release()
    assert done(nvim)["text"] == "first second"
    nvim.wait_screen("first second")
    nvim.wait_screen("Zeke explains app.py:1-5 · held")
    sent = house.provider.requests[-1]["messages"][-1]["content"]
    assert "return result" in sent
    assert "print(total" not in sent


def test_a_question_about_it_is_answered(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, 'ZekeExplain "why a loop? ANSWER: Because."')
    done(nvim)
    nvim.wait_screen("Because.")
    assert "why a loop?" in house.provider.requests[-1]["messages"][-1]["content"]
    assert "print(total" in house.provider.requests[-1]["messages"][-1]["content"]


def test_in_a_float(editor: Opener) -> None:
    nvim = editor(settings={"ui": {"explain": "float"}})
    run(nvim, "Zeke explain")
    done(nvim)
    nvim.wait_screen("This is what the fake says about")
    assert nvim.lua("""return #vim.tbl_filter(function(w)
      return vim.api.nvim_win_get_config(w).zindex == 45 end, vim.api.nvim_list_wins())""")


def test_closing_its_window_cancels_it(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:hang"})
    run(nvim, "ZekeExplain")
    nvim.wait_event("ZekeTaskStarted")
    assert house.provider.held.wait(PATIENCE)
    nvim.feed("<C-w>jq")
    nvim.wait_gone("Zeke explains")
    assert house.provider.left.wait(PATIENCE)


def test_a_failing_provider_leaves_what_came(editor: Opener) -> None:
    nvim = editor(settings={"default_model": "openai:reset"})
    run(nvim, "ZekeExplain")
    failed(nvim)
    text = nvim.wait_screen("Stopped:")
    assert "one" in text
    assert "· stopped" in text
