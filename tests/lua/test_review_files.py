"""A change of several files: those that are not open are looked at in a tab page of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, hunk, new_file, old_file
from tests.lua.conftest import SAMPLE

BASE = "one\ntwo\nthree\n"
HUNK = hunk(2, ["two"], ["zwei"])


@pytest.fixture
def other(sample: Path) -> Path:
    path = sample.with_name("other.py")
    path.write_text(BASE)
    return path


@pytest.fixture
def author(nvim: Nvim, broker: FakeBroker, sample: Path, other: Path) -> Author:
    """A change of a file that is not open, and of one that is not there yet."""
    author = Author(nvim, broker, ":ZekeCreate a greeting<CR>")
    author.files(old_file(other, BASE, HUNK), new_file(sample.with_name("new.py"), "x = 1", "y"))
    nvim.wait_screen("Zeke review")
    return author


def tabs(nvim: Nvim) -> int:
    return len(nvim.request("nvim_list_tabpages"))


def test_a_list_and_the_first_diff(author: Author, nvim: Nvim) -> None:
    text = nvim.wait_screen("zwei")
    for part in ("create: a greeting", "  other.py", "1 undecided +1 −1", "  new.py (new)"):
        assert part in text
    assert "Zeke 1/1 +1 −1  ga accept  gR reject" in text
    assert tabs(nvim) == 2
    name = nvim.lua("return vim.api.nvim_buf_get_name(0)")
    assert name.startswith("zeke://review/")
    assert name.endswith("other.py")
    state = "return { vim.bo.filetype, vim.bo.modifiable, vim.bo.swapfile, vim.bo.buflisted }"
    assert nvim.lua(state) == ["python", False, False, False]
    assert nvim.lines() == ["one", "two", "three"]


def test_one_after_the_other(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("ga")
    said = broker.expect("edit.accept")
    assert (said["file"], "hunks" in said) == (1, False)
    nvim.wait_screen("GhostWarden decides")
    text = nvim.wait_screen("Zeke 1/1 +2 −0")
    assert "x = 1" in text
    assert nvim.lines() == ["x = 1", "y"]
    nvim.feed("gR")
    assert broker.expect("edit.reject")["file"] == 2
    nvim.wait_screen("rejected")
    broker.send("task.apply", id=author.id, file=1, round=1)
    ready = broker.expect("edit.ready")
    assert (ready["file"], ready["fits"], ready["modified"]) == (1, True, False)
    author.settle("rejected", file=2)
    author.settle("written", HUNK, file=1)
    author.done(("other.py", "written", ""), ("new.py", "rejected", ""))
    nvim.wait_screen("Written: other.py; rejected: new.py.")
    assert tabs(nvim) == 1
    assert nvim.lines()[0] == "def total(values):"
    assert nvim.lua("return vim.fn.bufnr('zeke://review/')") == -1


def test_all_files_at_once(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("ghA")
    assert [broker.expect("edit.accept")["file"] for _ in range(2)] == [1, 2]


def test_no_file_at_all(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("ghR")
    assert [broker.expect("edit.reject")["file"] for _ in range(2)] == [1, 2]
    nvim.wait_for("#vim.api.nvim_list_tabpages() == 1")


@pytest.mark.parametrize("keys", [":tabclose<CR>", "<C-w>hq", "<C-w>h:q<CR>", ":tabonly<CR>"])
def test_closing_the_tab_rejects_what_is_undecided(
    author: Author, nvim: Nvim, broker: FakeBroker, keys: str
) -> None:
    nvim.feed("ga")
    broker.expect("edit.accept")
    nvim.feed(keys if "only" not in keys else "gt:tabonly<CR>")
    assert broker.expect("edit.reject")["file"] == 2
    nvim.wait_screen("so this was rejected: new.py")
    assert not broker.seen("edit.reject")
    assert tabs(nvim) == 1


@pytest.mark.parametrize("keys", [":q<CR>", "<C-w>c", ":bdelete<CR>", ":bwipeout<CR>"])
def test_closing_one_file_rejects_it(
    author: Author, nvim: Nvim, broker: FakeBroker, keys: str
) -> None:
    nvim.feed(keys)
    assert broker.expect("edit.reject")["file"] == 1
    nvim.wait_screen("The change of other.py was rejected")
    text = nvim.wait_screen("x = 1")
    assert "Zeke 1/1 +2 −0" in text
    assert tabs(nvim) == 2
    nvim.feed(keys)
    assert broker.expect("edit.reject")["file"] == 2
    nvim.wait_for("#vim.api.nvim_list_tabpages() == 1")
    assert nvim.lines() == SAMPLE.removesuffix("\n").split("\n")


def test_from_the_list_to_a_file(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("<C-w>h")
    nvim.wait_screen("<CR> goes there")
    nvim.feed("/new.py<CR><CR>")
    nvim.wait_screen("│ new.py (new)")
    nvim.feed("ga")
    assert broker.expect("edit.accept")["file"] == 2


def test_keys_in_the_list(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("<C-w>h/new.py<CR>ga")
    assert broker.expect("edit.accept")["file"] == 2
    nvim.feed("gg/other.py<CR>:Zeke reject not mine<CR>")
    said = broker.expect("edit.reject")
    assert (said["file"], said["reason"]) == (1, "not mine")


def test_windows_of_the_person_stay(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: Path
) -> None:
    nvim.command("vsplit | split | wincmd l")
    nvim.feed("3Gzt")
    nvim.settle()
    layout = """return { vim.fn.winlayout(), vim.fn.winsaveview(),
      vim.fn.winnr("#"), vim.fn.winwidth(1), vim.fn.winheight(1), vim.fn.winwidth(3) }"""
    before = nvim.lua(layout)
    author = Author(nvim, broker, ":ZekeCreate x<CR>")
    author.files(new_file(sample.with_name("new.py"), "x"))
    nvim.wait_screen("Zeke review")
    nvim.feed("ga")
    broker.expect("edit.accept")
    author.settle("written")
    author.done(("new.py", "written", ""))
    assert nvim.lua(layout) == before
    nvim.wait_screen("Written: new.py.")


def test_it_takes_no_focus_from_someone_who_types(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = Author(nvim, broker, ":ZekeCreate a greeting<CR>")
    nvim.feed("Gotyping")
    nvim.settle()
    author.files(new_file(sample.with_name("new.py"), "x"), new_file(sample.with_name("b.py"), "x"))
    nvim.wait_screen("Zeke proposes changes of 2 files: `:ZekeReview` shows")
    nvim.feed(" ga<Esc>")
    nvim.settle()
    assert nvim.lines()[-1] == "typing ga"
    nvim.feed(":ZekeReview<CR>")
    text = nvim.wait_screen("Zeke: proposed changes")
    assert "new.py (new)" in text
    nvim.feed("<CR>")
    nvim.wait_screen("│ new.py (new)")
    nvim.feed("ga")
    assert broker.expect("edit.accept")["file"] == 1


def test_what_is_open_is_looked_at_where_it_is(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: Path
) -> None:
    first = hunk(1, ["def total(values):"], ["def total(numbers):"])
    author = Author(nvim, broker, ":ZekeCreate x<CR>")
    author.files(old_file(sample, SAMPLE, first), old_file(other, BASE, HUNK))
    nvim.wait_screen("zwei")
    nvim.feed("gt")
    nvim.wait_screen("def total(numbers):")
    nvim.wait_screen("Zeke 1/1 +1 −1 file 1/2  ga accept")
    nvim.feed("ga")
    assert broker.expect("edit.accept")["file"] == 1
    broker.send("task.apply", id=author.id, file=1, round=1)
    assert broker.expect("edit.ready")["fits"] is True
    sample.write_text(SAMPLE.replace("values):", "numbers):", 1))
    author.settle("written", first, file=1)
    nvim.wait_for("vim.fn.getline(1) == 'def total(numbers):'")
    assert nvim.lua("return vim.bo.modified") is False


def test_unsaved_changes_here_are_what_the_diff_is_for(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed("Gomine<Esc>")
    nvim.settle()
    first = hunk(1, ["def total(values):"], ["def total(numbers):"])
    author = Author(nvim, broker, ":ZekeCreate x<CR>")
    author.files(old_file(sample, SAMPLE, first))
    fresh = broker.expect("edit.rebase")["buffer"]
    assert fresh["text"].endswith("mine")
    author.patch(first, path=str(sample), changedtick=fresh["changedtick"])
    nvim.wait_screen("def total(numbers):")
    nvim.feed("ga")
    assert author.consent()["modified"] is True
    author.settle("applied", first)
    nvim.wait_for("vim.fn.getline(1) == 'def total(numbers):'")
    assert sample.read_text() == SAMPLE


def test_a_file_opened_and_changed_meanwhile(
    author: Author, nvim: Nvim, broker: FakeBroker, other: Path
) -> None:
    nvim.feed("gagt")
    broker.expect("edit.accept")
    nvim.edit(other)
    nvim.feed("Gomine<Esc>")
    nvim.settle()
    broker.send("task.apply", id=author.id, file=1, round=1)
    ready = broker.expect("edit.ready")
    assert (ready["fits"], ready["modified"]) == (False, True)
    assert broker.expect("edit.rebase")["buffer"]["text"] == f"{BASE}mine"


def test_a_new_file_whose_name_is_open_is_read(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    path = sample.with_name("new.py")
    nvim.edit(path)
    author = Author(nvim, broker, ":ZekeCreate x<CR>")
    author.files(new_file(path, "x = 1"))
    nvim.wait_screen("x = 1")
    nvim.feed("ga")
    author.consent()
    path.write_text("x = 1\n")
    author.settle("written")
    author.done(("new.py", "written", ""))
    nvim.wait_for("vim.fn.getline(1) == 'x = 1'")
    assert nvim.lua("return { vim.bo.modified, vim.bo.filetype }") == [False, "python"]
    nvim.feed(":w<CR>")
    nvim.settle()
    assert nvim.lua("return vim.api.nvim_get_mode().blocking") is False


def test_a_file_with_a_problem_is_listed(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: Path
) -> None:
    author = Author(nvim, broker, ":ZekeCreate x<CR>")
    author.files(
        old_file(other, BASE, HUNK),
        {"path": str(sample), "name": "app.py", "hunks": [], "problem": "It is a secret."},
    )
    nvim.wait_screen("zwei")
    author.settle("denied", file=2, message="It is a secret.")
    nvim.wait_screen("It is a secret.")
    nvim.wait_screen("    denied")
    assert not broker.seen("edit.reject")


def test_the_next_round_comes_in_its_place(
    author: Author, nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed(":Zeke reject say it in German<CR>")
    assert broker.expect("edit.reject")["reason"] == "say it in German"
    nvim.wait_screen("│ new.py (new)")
    nvim.feed("gR")
    broker.expect("edit.reject")
    author.settle("rejected", file=1)
    author.settle("rejected", file=2)
    nvim.wait_screen("Your reason goes to the model")
    nvim.wait_for("#vim.api.nvim_list_tabpages() == 1")
    author.round = 2
    author.files(new_file(sample.with_name("neu.py"), "hallo"))
    text = nvim.wait_screen("hallo")
    assert "create: a greeting" in text
    assert "round 2" in text
    assert "Your reason goes" not in text
    nvim.feed("ga")
    said = broker.expect("edit.accept")
    assert (said["file"], said["round"], said["version"]) == (1, 2, 3)


def test_a_failure_takes_everything_away(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    broker.send("task.failed", id=author.id, code="bad_answer", message="No files.")
    nvim.wait_screen("No files.")
    assert tabs(nvim) == 1
    nvim.feed(":ZekeReview<CR>")
    nvim.wait_screen("No proposed change is open.")


def test_a_swap_file_of_someone_else_asks_nothing(
    open_nvim: Callable[..., Nvim], nvim: Nvim, broker: FakeBroker, other: Path
) -> None:
    nvim.command("set swapfile updatecount=1 directory=.")
    swap = other.with_name(".other.py.swp")
    swap.write_bytes(b"b0nothing" + bytes(4087))
    author = Author(nvim, broker, ":ZekeCreate x<CR>")
    author.files(old_file(other, BASE, HUNK))
    text = nvim.wait_screen("zwei")
    assert "ATTENTION" not in text
    nvim.feed("ga")
    broker.expect("edit.accept")


def test_two_changes_of_one_buffer_take_turns(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    author = Author(nvim, broker, ":1,5ZekeEdit one<CR>")
    author.patch(hunk(1, ["def total(values):"], ["def one(values):"]))
    second = Author(nvim, broker, ":ZekeCreate two<CR>")
    change = hunk(1, ["def total(values):"], ["def two(values):"])
    second.files(old_file(sample, SAMPLE, change))
    nvim.wait_screen("def one")
    assert "def two" not in nvim.screen.text
    nvim.feed(":ZekeReview<CR>")
    nvim.wait_screen("after the other change of it")
    nvim.feed("qgR")
    assert broker.expect("edit.reject")["id"] == author.id
    nvim.wait_screen("def two")
    nvim.feed("ga")
    assert broker.expect("edit.accept")["id"] == second.id


def test_a_change_from_elsewhere(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.lua(
        """require("zeke.review").propose({
      title = "from a chat",
      range = { buffer = 0, first = 2, last = 5 },
      lines = { "    return sum(values)" },
    })""".replace("buffer = 0", "buffer = vim.api.nvim_get_current_buf()")
    )
    task = broker.expect("task.submit")
    assert (task["kind"], task["instruction"]) == ("propose", "from a chat")
    assert task["buffer"]["path"] == str(sample)
    assert task["edits"] == [{"first": 2, "last": 5, "lines": ["    return sum(values)"]}]
    nvim.lua("""require("zeke.review").propose({ path = ..., new_text = "x\\n" })""", "/tmp/x.py")
    task = broker.expect("task.submit")
    assert (task["path"], task["text"]) == ("/tmp/x.py", "x\n")
    assert "buffer" not in task
