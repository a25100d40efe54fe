"""The network or the broker goes while something is under way: a sentence, and it goes on later."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import SAMPLE, Opener
from tests.e2e.loop import Stopwatch
from tests.e2e.nvim import PATIENCE
from tests.e2e.person import done, failed, run
from tests.e2e.unharmed import HELD, TYPING, fine, streams
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")


@pytest.mark.parametrize("model", ["reset", "half"])
def test_the_network_goes_in_the_middle_of_a_chat(editor: Opener, house: House, model: str) -> None:
    nvim = editor(settings={"default_model": f"openai:{model}"})
    run(nvim, "ZekeChat hello")
    failed(nvim)
    nvim.wait_screen("Stopped:")
    nvim.lua("require('zeke').setup({ default_model = 'openai:echo' })")
    nvim.feed("Gaagain ANSWER: It is back.<Esc><CR>")
    done(nvim)
    nvim.wait_screen("It is back.")
    assert "Stopped" not in str(house.provider.requests[-1]["messages"])
    fine(nvim)


@pytest.mark.parametrize("model", ["hang", "silent"])
def test_a_provider_that_hangs_is_left(editor: Opener, house: House, model: str) -> None:
    nvim = editor(settings={"default_model": f"openai:{model}"})
    run(nvim, "ZekeChat hello")
    assert house.provider.held.wait(PATIENCE)
    watch = Stopwatch(nvim)
    nvim.press("<C-\\><C-n><C-c>")
    # It need not be waited for: neither the time limit of the provider, nor that of the broker.
    assert nvim.wait_event("ZekeTaskFailed")["code"] == "cancelled"
    assert watch.seconds() < 1.0
    assert house.provider.left.wait(PATIENCE)
    nvim.wait_screen("Stopped:")
    fine(nvim)


def test_the_network_goes_while_a_suggestion_is_on_its_way(editor: Opener, house: House) -> None:
    nvim = editor(settings={**TYPING, "default_model": "openai:reset"})
    nvim.feed("Govalue = ")
    nvim.wait_event("ZekeTaskFailed")
    # In insert mode other settings ask anew, for the place that failed.
    nvim.feed("<Esc>")
    nvim.settle()
    settings = {**TYPING, "default_model": "openai:echo"}
    nvim.lua("require('zeke').setup(...)", settings)
    house.provider.script.append("```\n12\n```")
    nvim.feed("oother = ")
    nvim.wait_screen("other = 12")
    fine(nvim)


def test_the_broker_dies_under_a_chat_and_it_goes_on(editor: Opener, house: House) -> None:
    nvim = editor(settings=HELD)
    streams(nvim, "ZekeChat hello", house)
    house.kill()
    failed(nvim)
    nvim.wait_screen("Stopped:")
    house.provider.release()
    nvim.feed("Gaagain<Esc><CR>")
    done(nvim)
    nvim.wait_screen("first second")
    fine(nvim)


def test_the_broker_dies_while_a_suggestion_is_on_its_way(editor: Opener, house: House) -> None:
    nvim = editor(settings={**TYPING, **HELD})
    nvim.feed("Govalue = ")
    assert house.provider.held.wait(PATIENCE)
    house.kill()
    nvim.wait_event("ZekeTaskFailed")
    house.provider.release()
    house.provider.script.append("```\n12\n```")
    # By itself it rests for some seconds; a wish is another thing.
    nvim.feed("<CR>other = ")
    nvim.lua("require('zeke.complete').ask()")
    nvim.wait_screen("other = 12")
    fine(nvim)


@pytest.mark.parametrize("model", ["cut", "noise"])
def test_the_network_goes_before_the_change_is_there(
    editor: Opener, house: House, model: str
) -> None:
    nvim = editor(settings={"default_model": f"openai:{model}"})
    run(nvim, "1,5ZekeEdit x")
    failed(nvim)
    assert nvim.lines() == SAMPLE.splitlines()
    assert (house.project / "app.py").read_text() == SAMPLE
    assert nvim.lua("return #vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, {})") == 0
    fine(nvim)
