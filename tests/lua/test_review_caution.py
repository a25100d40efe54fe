"""What GhostWarden has to say of a file stands beside its change, before anybody takes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import asked
from tests.lua.changes import Author, hunk, new_file, old_file

PROTECTED = {
    "caution": "protected",
    "warning": "It changes a file that an editor, git, a shell or an agent obeys.",
}
OUTSIDE = {"caution": "outside the project", "warning": "It is outside the project."}


@pytest.fixture
def author(nvim: Nvim, broker: FakeBroker, sample: Path) -> Author:
    envrc, far = sample.parent / ".envrc", sample.parent.parent / "far.py"
    far.write_text("one\n")
    author = Author(nvim, broker, ":ZekeCreate some<CR>")
    author.files(
        new_file(envrc, "export A=1") | PROTECTED,
        old_file(far, "one\n", hunk(1, ["one"], ["two"])) | {"name": str(far)} | OUTSIDE,
        new_file(sample.parent / "plain.py", "one = 1"),
    )
    return author


def test_it_stands_above_the_diff_and_in_the_list(author: Author, nvim: Nvim) -> None:
    text = nvim.wait_screen("protected: .envrc (new)")
    assert "    outside the project" in text
    listed = nvim.lua("return vim.api.nvim_buf_get_lines(vim.fn.winbufnr(1), 0, 9, false)")
    assert listed[1:4] == ["  .envrc (new)", "    protected", "    1 undecided +1 −0"]
    assert listed[5] == "    outside the project"
    nvim.wait_screen(lambda screen: "DiagnosticWarn" in screen.groups_at("protected: .envrc"))
    nvim.feed("gR")
    nvim.wait_screen("outside the project: <")
    nvim.feed("gR")
    nvim.wait_screen("│ plain.py (new)")


def test_a_long_name_leaves_it_its_room(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    author = Author(nvim, broker, ":ZekeCreate some<CR>")
    name = "/" + "/".join(["some", "where"] * 20) + "/far.py"
    author.files(new_file(sample, "one = 1") | {"path": name, "name": name} | OUTSIDE)
    text = nvim.wait_screen("outside the project: <")
    assert "/where/far.py (new)" in text


def test_it_stands_at_the_hunk_in_a_buffer_of_the_persons(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.lua("vim.o.winbar = '%{%v:lua.require(\"zeke.winbar\").text()%}'")
    author = Author(nvim, broker, ":ZekeEdit more<CR>")
    author.patch(hunk(2, ["    result = 0"], ["    result = 1"]), **PROTECTED)
    nvim.wait_screen("Zeke 1/1 +1 −1 protected  ga accept")
    nvim.wait_screen("Zeke: change 1/1, protected")


def test_it_is_read_to_those_who_do_not_see(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.lua("require('zeke').setup({ ui = { plain = true } })")
    author = Author(nvim, broker, ":ZekeCreate some<CR>")
    author.files(new_file(sample.parent / ".envrc", "export A=1") | PROTECTED)
    text = nvim.wait_screen(".envrc: protected, a new file. ga accepts it, gR rejects it.")
    assert PROTECTED["warning"] in text
    assert "    protected" in text
    assert "protected: .envrc (new)" in text


def test_who_types_is_told(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    asked(nvim, broker)
    nvim.feed("Gimy next")
    nvim.settle()
    task = {"agent": "actor", "session": "a1", "title": ".envrc"}
    broker.send("task.started", id="review-1", kind="review", **task)
    file = new_file(sample.parent / ".envrc", "export A=1") | PROTECTED
    more = {"id": "review-1", "round": 1, "file": 1, "files": 1, "version": 1, "base": ""}
    broker.send("task.patch", **(more | file))
    nvim.wait_screen("actor wants to change .envrc (protected): `:ZekeReview` shows it.")
