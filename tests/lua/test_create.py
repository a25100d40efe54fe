"""``:ZekeCreate``: looked at, marked, accepted or not."""

from __future__ import annotations

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

FILES = [
    {"path": "src/new.py", "content": "print('new')\n"},
    {"path": "README.md", "exists": True, "content": "```sh\nmake\n```\n"},
]


def propose(nvim: Nvim, broker: FakeBroker) -> str:
    nvim.feed(':ZekeCreate "a greeting"<CR>')
    task = broker.expect("task.submit")
    assert task["instruction"] == "a greeting"
    broker.send("task.files", id=task["id"], files=FILES, problems=["One name was too long."])
    text = nvim.wait_screen("Zeke proposes 2 files")
    assert "[x] 1  src/new.py  (new)" in text
    assert "[ ] 2  README.md  (is there already and stays)" in text
    assert "One name was too long." in text
    return str(task["id"])


def test_accept_all_and_hear_what_became_of_each(nvim: Nvim, broker: FakeBroker) -> None:
    task = propose(nvim, broker)
    nvim.feed("jx")
    nvim.wait_screen("[x] 2  README.md")
    nvim.feed("a")
    assert broker.expect("create.answer") == {"id": task, "accept": [1, 2]}
    nvim.wait_gone("Zeke proposes")
    done = [
        {"path": "src/new.py", "state": "written", "message": ""},
        {"path": "README.md", "state": "denied", "message": "You denied it."},
    ]
    broker.send("task.done", id=task, kind="create", files=done)
    nvim.wait_screen("Written: src/new.py; denied: README.md")


def test_choose(nvim: Nvim, broker: FakeBroker) -> None:
    propose(nvim, broker)
    nvim.feed("ggx")
    nvim.wait_screen("[ ] 1  src/new.py")
    nvim.feed("jxa")
    assert broker.expect("create.answer")["accept"] == [2]


@pytest.mark.parametrize("keys", ["r", "q", ":q<CR>", ":Zeke reject<CR>", "<C-w>c"])
def test_reject_and_close_accept_nothing(nvim: Nvim, broker: FakeBroker, keys: str) -> None:
    task = propose(nvim, broker)
    nvim.feed(keys)
    assert broker.expect("create.answer")["accept"] == []
    broker.send("task.done", id=task, kind="create", files=[])
    nvim.wait_screen("No file was made.")
    nvim.wait_gone("Zeke proposes")


def test_it_takes_no_focus_from_someone_who_types(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeCreate a greeting<CR>")
    task = broker.expect("task.submit")["id"]
    nvim.feed("Gotyping")
    broker.send("task.files", id=task, files=FILES, problems=[])
    nvim.wait_screen("Zeke proposes 2 files")
    nvim.feed(" aaa<Esc>")
    nvim.settle()
    assert nvim.lines()[-1] == "typing aaa"
    assert not broker.seen("create.answer")


def test_a_failure_takes_the_preview_away(nvim: Nvim, broker: FakeBroker) -> None:
    task = propose(nvim, broker)
    broker.send("task.failed", id=task, code="bad_answer", message="No files.", retryable=False)
    nvim.wait_gone("Zeke proposes")
    assert not broker.seen("create.answer")


def test_one_after_another(nvim: Nvim, broker: FakeBroker) -> None:
    for keys in ("r", "q", "a"):
        task = propose(nvim, broker)
        nvim.feed(keys)
        broker.expect("create.answer")
        nvim.wait_gone("Zeke proposes")
        broker.send("task.done", id=task, kind="create", files=[])
        nvim.wait_event("ZekeTaskDone")


def test_what_has_ended_is_not_said_to_go_on(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeTest<CR>")
    nvim.wait_screen("Writing tests …")
    # Cancelled before it was sent, it never would be.
    broker.expect("task.submit")
    nvim.feed(":ZekeCancel<CR>")
    nvim.wait_screen("Cancelled: 1.")
    nvim.wait_gone("Writing tests")
    nvim.feed(":ZekeTest<CR>")
    task = broker.expect("task.submit")
    nvim.wait_screen("Writing tests …")
    broker.send("task.failed", id=task["id"], code="denied", message="It was refused here.")
    nvim.wait_screen("It was refused here.")
    nvim.wait_gone("Writing tests")
