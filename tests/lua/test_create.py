"""``:ZekeCreate`` and ``:ZekeTest``: what is asked for, and what is said of it."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, new_file


def test_files_are_proposed_and_what_became_of_each_is_said(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = Author(nvim, broker, ':ZekeCreate "a greeting"<CR>')
    nvim.wait_screen("Thinking of files …")
    assert (author.task["kind"], author.task["instruction"]) == ("create", "a greeting")
    author.files(
        new_file(sample.with_name("new.py"), "print('new')"),
        new_file(sample.with_name("more.py"), "x"),
    )
    text = nvim.wait_screen("print('new')")
    assert "new.py (new)" in text
    assert "Thinking of files" not in text
    nvim.feed("ghA")
    for file in (1, 2):
        assert broker.expect("edit.accept")["file"] == file
    author.settle("written", file=1)
    author.settle("denied", file=2, message="You denied it.")
    author.done(("new.py", "written", ""), ("more.py", "denied", "You denied it."))
    nvim.wait_screen("Written: new.py; denied: more.py (You denied it.).")


def test_one_after_another(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    for _ in range(3):
        author = Author(nvim, broker, ":ZekeCreate a greeting<CR>")
        author.files(new_file(sample.with_name("new.py"), "x"))
        nvim.wait_screen("new.py (new)")
        nvim.feed("gR")
        broker.expect("edit.reject")
        nvim.wait_gone("new.py (new)")
        author.settle("rejected")
        author.done(("new.py", "rejected", ""))
    assert nvim.lua("return vim.fn.bufnr('zeke://review/')") == -1


def test_a_description_is_needed(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeCreate<CR>")
    nvim.wait_screen("Say what to create, as in `:ZekeCreate a test")
    assert not broker.seen("hello")


def test_tests_are_proposed_like_new_files(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    author = Author(nvim, broker, ":1,5ZekeTest the empty list<CR>")
    task = author.task
    assert (task["kind"], task["instruction"]) == ("test", "the empty list")
    assert (task["buffer"]["start_line"], task["buffer"]["end_line"]) == (1, 5)
    author.files(new_file(sample.with_name("test_app.py"), "def test_it(): ..."))
    nvim.wait_screen("def test_it(): ...")
    nvim.feed("ga")
    broker.expect("edit.accept")
    author.settle("written")
    author.done(("test_app.py", "written", ""))
    nvim.wait_screen("Written: test_app.py")


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
