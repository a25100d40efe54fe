"""The line to the broker: found, started, lost, found again, and never waited for."""

from __future__ import annotations

from pathlib import Path

import pytest

import zeke_bridge
from tests.e2e.loop import never_stalls
from tests.e2e.nvim import Nvim
from tests.fakes.broker import TOKEN, FakeBroker


def test_hello_says_who_is_there(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.lua("require('zeke').setup({ default_model = 'fast' })")
    nvim.feed(":ZekeExplain<CR>")
    hello = broker.expect("hello")
    assert hello["version"] == zeke_bridge.__version__
    assert hello["token"] == TOKEN
    assert hello["cwd"] == str(sample.parent)
    assert hello["pid"] == nvim.pid
    assert hello["settings"] == {"default_model": "fast"}
    assert broker.starts == 0


def test_settings_that_change_while_it_is_greeted_are_told(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua(
        "require('zeke.connection').ensure() require('zeke').setup({ default_model = 'fast' })"
    )
    assert not broker.expect("hello")["settings"]
    assert broker.expect("settings.update")["settings"] == {"default_model": "fast"}


def test_a_broker_is_started_when_none_is_there(nvim: Nvim, broker: FakeBroker) -> None:
    broker.die()
    broker.path.unlink()
    nvim.feed(":ZekeExplain<CR>")
    broker.expect("task.submit")
    assert broker.starts == 1


def test_a_dead_socket_is_no_broker(nvim: Nvim, broker: FakeBroker) -> None:
    broker.die()
    assert broker.path.exists()
    nvim.feed(":ZekeExplain<CR>")
    broker.expect("task.submit")
    assert broker.starts == 1


def test_killed_in_mid_stream(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeExplain<CR>")
    task = broker.expect("task.submit")["id"]
    broker.send("task.delta", id=task, text="It adds the values")
    nvim.wait_screen("It adds the values")
    broker.die()
    text = nvim.wait_screen("Zeke: The broker stopped")
    assert "It adds the values" in text
    broker.expect("hello")
    nvim.feed(":ZekeChat hello<CR>")
    task = broker.expect("task.submit")["id"]
    broker.send("task.delta", id=task, text="Here I am.")
    nvim.wait_screen("Here I am.")
    assert broker.starts == 1


def test_an_idle_broker_may_leave_quietly(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke.connection').ensure()")
    broker.expect("hello")
    nvim.wait_for("require('zeke.connection').phase() == 'ready'")
    broker.die()
    nvim.wait_for("require('zeke.connection').phase() == 'idle'")
    assert "Zeke:" not in nvim.screen.text
    assert broker.starts == 0


def test_an_outdated_broker_is_replaced(nvim: Nvim, broker: FakeBroker) -> None:
    broker.refusal = {"code": "outdated", "message": "Too old.", "restart": True}
    nvim.feed(":ZekeExplain<CR>")
    broker.expect("task.submit")
    assert broker.starts == 1
    assert "Too old" not in nvim.screen.text


def test_a_broker_that_leaves_instead_of_greeting_is_replaced(
    nvim: Nvim, broker: FakeBroker
) -> None:
    broker.greets = False
    nvim.feed(":ZekeExplain<CR>")
    broker.expect("hello")
    broker.greets = True
    broker.die()
    broker.expect("task.submit")
    assert broker.starts == 1


def test_a_refusal_is_shown(nvim: Nvim, broker: FakeBroker) -> None:
    sentence = "Unknown setting colour: did you mean ui?"
    broker.refusal = {"code": "config_invalid", "message": sentence, "restart": False}
    nvim.feed(":ZekeExplain<CR>")
    nvim.wait_screen("Unknown setting colour")
    assert broker.starts == 0


def test_a_start_that_fails_says_why(nvim: Nvim, broker: FakeBroker) -> None:
    broker.die()
    broker.start_error = "The broker cannot listen in /x: no space."
    nvim.feed(":ZekeChat hello<CR>")
    nvim.wait_screen("Stopped:** The broker cannot listen in /x: no space.")
    broker.start_error = ""
    nvim.feed("ihello again<Esc><CR>")
    broker.expect("task.submit")


def test_a_python_without_the_package(nvim: Nvim, broker: FakeBroker, tmp_path: Path) -> None:
    broker.die()
    poor = tmp_path / "poor"
    poor.write_text("#!/bin/sh\necho 'No module named zeke_bridge' >&2\nexit 1\n")
    poor.chmod(0o755)
    nvim.lua("vim.g.zeke_python = ...", str(poor))
    nvim.feed(":ZekeChat hello<CR>")
    nvim.wait_screen("The chosen Python lacks zeke-bridge")
    nvim.lua("vim.g.zeke_python = ...", str(tmp_path / "absent"))
    nvim.feed("iagain<Esc><CR>")
    nvim.wait_screen("cannot be run: set g:zeke_python")


def test_a_broker_that_never_greets_stalls_nobody(nvim: Nvim, broker: FakeBroker) -> None:
    broker.greets = False
    nvim.feed(":ZekeChat hello<CR>")
    broker.expect("hello")
    nvim.feed("iI can type<Esc>")
    nvim.wait_screen("I can type")
    nvim.feed(":ZekeCancel<CR>")
    nvim.wait_screen("Stopped:** Cancelled.")
    assert not broker.seen("task.submit")


def test_garbage_in_events_harms_nothing(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeExplain<CR>")
    broker.expect("task.submit")
    broker.send("no.such.event", a=None)
    broker.send("task.delta", id=None, text=None)
    broker.send("task.done")
    broker.send("consent.closed")
    broker.send("status.changed", tasks=1, waiting=0, model=None)
    broker.send("notice", level="info", message="still\nhere")
    nvim.wait_screen("Zeke: still here")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda directory: directory.chmod(0o755), "is open to others"),
        (
            lambda directory: (
                directory.rename(directory.with_name("real")),
                directory.symlink_to(directory.with_name("real")),
            ),
            "is not a directory",
        ),
    ],
)
def test_a_runtime_directory_that_is_not_private(
    nvim: Nvim, broker: FakeBroker, spoil: object, sentence: str
) -> None:
    spoil(broker.directory)  # type: ignore[operator]
    nvim.feed(":ZekeChat hello<CR>")
    nvim.wait_screen(lambda screen: sentence in screen.text.replace("\n", " "))
    assert not broker.seen("hello")


def test_user_events_carry_their_data(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeExplain<CR>")
    task = broker.expect("task.submit")["id"]
    broker.send("task.done", id=task, kind="explain", model="m", text="x", route=None)
    data = nvim.wait_event("ZekeTaskDone")
    assert data["model"] == "m"
    assert "route" not in data


def test_many_deltas_do_not_stall(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeExplain<CR>")
    task = broker.expect("task.submit")["id"]
    with never_stalls(nvim):
        for number in range(400):
            text = f"word {number} and\n" if number % 5 == 0 else "x "
            broker.send("task.delta", id=task, text=text)
        broker.send("task.done", id=task, kind="explain", model="m", text="")
        nvim.wait_event("ZekeTaskDone")
