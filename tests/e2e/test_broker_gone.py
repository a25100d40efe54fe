"""A broker that is killed, hangs, or is wanted by many at once; and Neovim never waits for it."""

from __future__ import annotations

import os
import signal

import pytest

from tests.e2e.conftest import SAMPLE, Opener
from tests.e2e.loop import never_stalls
from tests.e2e.nvim import Nvim
from tests.e2e.person import accept, done, failed, propose, run
from tests.fakes.house import House

IDLE = "require('zeke.connection').phase() == 'idle'"


def type_on(nvim: Nvim, text: str) -> None:
    """Type a line at the end of the buffer, and see it there."""
    nvim.feed(f"Go{text}<Esc>")
    nvim.wait_for("vim.fn.getline('$') == ...", text)


@pytest.mark.usefixtures("running")
def test_killed_in_mid_stream(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:held"})
    run(nvim, "ZekeExplain")
    nvim.wait_screen("first")
    killed = house.pid()
    with never_stalls(nvim):
        os.kill(killed, signal.SIGKILL)
        assert "The broker stopped" in failed(nvim)
        type_on(nvim, "# typed on")
        text = nvim.wait_screen("Stopped:")
    assert "first" in text
    house.provider.release()
    run(nvim, "ZekeExplain")
    assert done(nvim)["text"] == "first second"
    nvim.wait_screen("first second")
    assert house.pid() != killed


@pytest.mark.usefixtures("running")
def test_killed_under_a_chat_that_goes_on(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeChat The word is apple. ANSWER: Yes.")
    done(nvim)
    house.kill()
    nvim.wait_for(IDLE)
    run(nvim, "ZekeChat Which word? ANSWER: Apple.")
    done(nvim)
    nvim.wait_screen("Apple.")
    assert "The word is apple." in str(house.provider.requests[-1]["messages"])


@pytest.mark.usefixtures("running")
def test_killed_under_a_diff(editor: Opener, house: House) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    house.kill()
    assert "The broker stopped" in failed(nvim)
    nvim.wait_gone("# changed by the fake")
    assert nvim.lines() == SAMPLE.splitlines()
    propose(nvim, "1,5ZekeEdit x")


@pytest.mark.usefixtures("running")
def test_killed_under_the_prompt(editor: Opener, house: House) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    nvim.wait_screen("Esc denies")
    house.kill()
    failed(nvim)
    nvim.wait_gone("Esc denies")
    assert nvim.lua("return vim.fn.expand('%:t')") == "app.py"
    assert nvim.lines() == SAMPLE.splitlines()
    assert (house.project / "app.py").read_text() == SAMPLE


@pytest.mark.usefixtures("running")
def test_killed_while_nobody_looks(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeExplain")
    done(nvim)
    house.kill()
    nvim.wait_for(IDLE)
    assert "broker" not in nvim.screen.text
    run(nvim, "ZekeExplain")
    done(nvim)


@pytest.mark.usefixtures("running")
def test_hung_and_how_to_go_on(editor: Opener, house: House) -> None:
    """One Neovim is connected, one comes new; both go on, and hear what to do."""
    old = editor(settings={"default_model": "openai:held"})
    run(old, "ZekeExplain")
    old.wait_screen("first")
    new = editor()
    house.kill(signal.SIGSTOP)
    with never_stalls(old), never_stalls(new):
        run(old, "ZekeStatus")
        old.feed("q")
        run(old, "ZekeExplain")
        run(new, "ZekeExplain")
        run(new, "ZekeSetModel openai:echo")
        for nvim in (old, new):
            type_on(nvim, "# typed on")
        for nvim in (old, new):
            said = failed(nvim)  # the front gives a silent broker ten seconds
            assert "did not answer" in said or "does not answer" in said
            assert "zeke broker stop" in said
    assert "first" in old.screen.text
    stopped = house.zeke("broker", "stop")
    assert stopped.stdout == "Stopped.\n", stopped.stderr
    assert "The broker stopped" in failed(old)
    assert "first" in old.screen.text
    house.provider.release()
    for nvim in (old, new):
        run(nvim, "ZekeExplain")
        done(nvim)


@pytest.mark.usefixtures("running")
def test_a_hung_broker_can_be_left(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:held"})
    run(nvim, "ZekeExplain")
    nvim.wait_screen("first")
    house.kill(signal.SIGSTOP)
    with never_stalls(nvim):
        run(nvim, "ZekeCancel")
        nvim.wait_screen("Cancelled: 1.")
    assert nvim.quit() == 0


def test_eight_neovims_at_once_use_one_broker(editor: Opener) -> None:
    opened = [editor() for _ in range(8)]
    for nvim in opened:
        nvim.feed(":ZekeExplain<CR>")
    for nvim in opened:
        done(nvim)
    pids = {nvim.lua("return require('zeke.connection').greeting().pid") for nvim in opened}
    assert len(pids) == 1
    run(opened[0], "ZekeStatus")
    opened[0].wait_screen("editors: 8")


def test_python_without_the_package_is_a_sentence(editor: Opener) -> None:
    nvim = editor(init="vim.g.zeke_python = '/bin/false'")
    run(nvim, "ZekeExplain")
    failed(nvim)
    nvim.command("let g:zeke_python = '/no/such/python'")
    run(nvim, "ZekeExplain")
    assert "g:zeke_python" in failed(nvim)


def test_a_runtime_directory_open_to_others_is_refused(editor: Opener, house: House) -> None:
    house.runtime.mkdir(mode=0o755)
    house.runtime.chmod(0o755)
    nvim = editor()
    run(nvim, "ZekeExplain")
    assert "chmod 700" in failed(nvim)
