"""Neovim's loop under a broker that is quick, slow or loud: it never stands still for long.

Under a hung and a killed broker: see ``test_broker_gone``.
"""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Opener
from tests.e2e.loop import never_stalls
from tests.e2e.person import accept, answer, done, propose, run
from tests.fakes.house import House


def test_from_nothing_to_an_answer(editor: Opener) -> None:
    nvim = editor()
    with never_stalls(nvim):
        run(nvim, "ZekeExplain")
        done(nvim)
        nvim.wait_screen("This is what the fake says")


@pytest.mark.parametrize("model", ["slow", "fast200"])
def test_while_text_streams(editor: Opener, house: House, model: str) -> None:
    house.provider.delay = 0.01
    nvim = editor(settings={"default_model": f"openai:{model}"})
    with never_stalls(nvim):
        run(nvim, "ZekeExplain")
        run(nvim, "ZekeChat hello")
        done(nvim, 30)
        done(nvim, 30)


def test_a_whole_edit(editor: Opener) -> None:
    nvim = editor()
    with never_stalls(nvim):
        propose(nvim, "1,5ZekeEdit x")
        accept(nvim)
        answer(nvim, "3")
        done(nvim)


def test_settings_that_are_refused(editor: Opener, house: House) -> None:
    """The broker's own check, of something that the front does not see."""
    config = house.base / "config"
    config.mkdir(exist_ok=True)
    (config / "config.toml").write_text("[ghostllm]\ntimeout_s = -1\n")
    nvim = editor()
    with never_stalls(nvim):
        run(nvim, "ZekeExplain")
        nvim.wait_screen("ghostllm.timeout_s must be more than 0")
    assert house.provider.requests == []
