"""What comes of the real local model is of the right shape in Neovim, whatever it says.

Each way an answer comes once: text, chat, changes, a new file, a suggestion. Analyses, and the
assistant, are in the demo's session; every task is in ``tests/core/api/test_real_model.py``. One
broker serves them all, so that the model is loaded once.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import SAMPLE, Opener
from tests.e2e.nvim import Nvim
from tests.e2e.person import accept, answer, done, failed, propose, run
from tests.fakes.house import House
from tests.fakes.house import house as make_house
from zeke_bridge.bridge.launch import peer
from zeke_bridge.core.local.shelf import Shelf, models_directory

MODEL = "qwen2.5-coder-0.5b"
# A small model on a busy machine.
PATIENCE = 100.0

pytestmark = pytest.mark.local_model


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A house whose only model is the local one of the user who runs the tests."""
    if Shelf(models_directory()).find(MODEL) is None:
        pytest.skip(f"{MODEL} is not installed: run `zeke model install 0.5b`")
    with make_house(None, ZEKE_CACHE_DIR=str(models_directory().parent)) as found:
        (found.project / "app.py").write_text(SAMPLE)
        yield found


@pytest.fixture
def nvim(house: House, open_in: Opener) -> Nvim:
    (house.project / "app.py").write_text(SAMPLE)
    return open_in(house, "app.py")


def model_process(house: House) -> int:
    """The process behind the model's socket."""
    [path] = [path for path in house.runtime.glob("*.sock") if path.stem.startswith("model")]
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
        return peer(probe)[0]


def test_explain(nvim: Nvim) -> None:
    run(nvim, "1,5ZekeExplain")
    nvim.wait_event("ZekeTaskDelta", PATIENCE)
    ended = done(nvim, PATIENCE)
    assert (ended["provider"], ended["model"]) == ("local", MODEL)
    assert len(ended["text"]) > 40
    assert ended["usage"]["completion_tokens"] > 10
    nvim.wait_for("#vim.fn.win_findbuf(vim.fn.bufnr('zeke://explain')) == 1")
    shown = nvim.lines(nvim.lua("return vim.fn.bufnr('zeke://explain')"))
    assert ended["text"].strip() in "\n".join(shown)
    nvim.wait_screen(MODEL)


def test_chat(nvim: Nvim) -> None:
    run(nvim, "ZekeChat My name is Ada. Answer in one short sentence.")
    done(nvim, PATIENCE)
    run(nvim, "ZekeChat What is my name? Answer with the name alone.")
    text = done(nvim, PATIENCE)["text"].strip()
    assert text
    assert nvim.lines().count("## Zeke") == 2
    assert text in "\n".join(nvim.lines())


def test_edit(nvim: Nvim, house: House) -> None:
    path: Path = house.project / "app.py"
    patch = propose(nvim, "1,5ZekeEdit add a docstring", PATIENCE)
    assert patch["hunks"]
    assert path.read_text() == SAMPLE
    assert nvim.lines() == SAMPLE.splitlines()
    accept(nvim)
    answer(nvim, "1")
    ended = done(nvim, PATIENCE)
    assert ended["written"], ended
    assert path.read_text() != SAMPLE
    # What lies outside the range is as it was.
    assert path.read_text().endswith("\n\nprint(total([1, 2, 3]))\n")
    nvim.wait_for("table.concat(vim.fn.getline(1, '$'), '\\n') .. '\\n' == ...", path.read_text())


def test_create(nvim: Nvim, house: House) -> None:
    before = {path.name for path in house.project.iterdir()}
    run(nvim, "ZekeCreate a file hello.py that prints hello")
    name, data = nvim.wait_any("ZekeTaskPatch", "ZekeTaskFailed", patience=PATIENCE)
    assert name == "ZekeTaskPatch", data
    nvim.wait_screen("ga accept")
    assert {path.name for path in house.project.iterdir()} == before
    path = data["path"]
    nvim.feed("ghA")
    while nvim.wait_any("ZekeConsentAsked", "ZekeTaskDone")[0] == "ZekeConsentAsked":
        answer(nvim, "1")
    assert (house.project / path).read_text()


def test_a_suggestion_at_the_cursor(nvim: Nvim) -> None:
    nvim.command("ZekeComplete on")
    nvim.feed("ggO<Esc>ccdef double(value):<CR>return ")
    nvim.wait_for("require('zeke.complete').visible()", patience=PATIENCE)
    before = nvim.lines()
    nvim.feed("<Tab>")
    nvim.wait_for("not vim.deep_equal(vim.fn.getline(1, '$'), ...)", before)
    assert "value" in nvim.lines()[1].removeprefix("    return ")


def test_its_process_is_killed_in_mid_stream(nvim: Nvim, house: House) -> None:
    # Whatever it is, it takes more than a few words to explain.
    run(nvim, "ZekeExplain")
    said = "".join(nvim.wait_event("ZekeTaskDelta", PATIENCE)["text"] for _ in range(2))
    broker = house.pid()
    os.kill(model_process(house), signal.SIGKILL)
    failed(nvim, PATIENCE)
    text = nvim.wait_screen("Stopped:")
    assert said.split()[0] in text
    run(nvim, "ZekeChat! Say yes.")
    assert done(nvim, PATIENCE)["model"] == MODEL
    assert house.pid() == broker
