"""A routing core that gets it wrong: each command says so clearly, loses and writes nothing."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import SAMPLE, Opener
from tests.e2e.nvim import Nvim
from tests.e2e.person import failed, run
from tests.fakes.core import ANSWERS, FakeCore, unused_address
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")

COMMANDS = (
    "ZekeExplain",
    "1,5ZekeEdit improve it",
    "ZekeAnalyze quality",
    "ZekeCreate a test",
    "ZekeChat hello",
)


def each_command_fails(nvim: Nvim, house: House) -> list[str]:
    """Run every command that needs a model, one after the other; what was said."""
    before = nvim.lines()
    buffer = nvim.lua("return vim.api.nvim_get_current_buf()")
    said = []
    for command in COMMANDS:
        run(nvim, command)
        said.append(failed(nvim))
    assert nvim.lines(buffer) == before
    assert nvim.lua("return vim.bo[...].modified", buffer) is False
    assert (house.project / "app.py").read_text() == SAMPLE
    assert sorted(path.name for path in house.project.iterdir()) == [".git", "a.py", "app.py"]
    assert nvim.lua("return vim.v.errmsg") == ""
    return said


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_it_sends_is_no_answer(editor: Opener, house: House, answer: str) -> None:
    begins = "one " in str(ANSWERS[answer])
    silence = 1.5 if begins else 0.5  # Until then what begins has to be there.
    with FakeCore(answer, known=begins) as core:
        nvim = editor(settings={"ghostllm": {"base_url": core.base_url, "timeout_s": silence}})
        said = each_command_fails(nvim, house)
        for sentence in said:
            assert core.base_url in sentence or "ghostllm.base_url" in sentence
        if begins:
            # What came before stays to be read.
            nvim.wait_screen("one")
            nvim.wait_screen("Stopped:")
    log = (house.state / "broker.log").read_text()
    assert "Traceback" not in log
    assert house.provider.requests == []


def test_nobody_is_there(editor: Opener, house: House) -> None:
    nvim = editor(settings={"ghostllm": {"base_url": unused_address()}})
    for sentence in each_command_fails(nvim, house):
        assert "cannot be reached" in sentence
        assert "base_url" in sentence


def test_what_is_no_address(editor: Opener, house: House) -> None:
    nvim = editor(settings={"ghostllm": {"base_url": "localhost:8080"}})
    for sentence in each_command_fails(nvim, house):
        assert "ghostllm.base_url" in sentence


@pytest.mark.parametrize("command", ["ZekeStatus", "ZekeSetModel openai:echo"])
def test_the_small_commands_say_it_too(editor: Opener, command: str) -> None:
    with FakeCore("HTML") as core:
        nvim = editor(settings={"ghostllm": {"base_url": core.base_url}})
        run(nvim, command)
        nvim.wait_screen("a web page")
