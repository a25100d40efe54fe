"""Nothing a person has said or typed is lost in a review, and nothing that was written is hidden."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, hunk, new_file, old_file
from tests.lua.conftest import SAMPLE

FIRST = hunk(1, ["def total(values):"], ["def total(numbers):"])
LAST = hunk(8, ["print(total([1, 2, 3]))"], ["print(6)"])
SILENT = "The broker does not answer"
OPEN = "vim.fn.maparg('ga', 'n') ~= ''"


def edit(nvim: Nvim, broker: FakeBroker) -> Author:
    author = Author(nvim, broker, ":1,8ZekeEdit better<CR>")
    author.patch(FIRST, LAST)
    nvim.wait_screen("1/2 +1 −1")
    return author


def test_a_cancel_says_what_was_written_before_it(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = Author(nvim, broker, ":ZekeCreate two<CR>")
    author.files(
        new_file(sample.with_name("new.py"), "x"), new_file(sample.with_name("more.py"), "y")
    )
    nvim.wait_screen("new.py (new)")
    nvim.feed("ga")
    author.consent()
    author.settle("written", file=1)
    nvim.feed(":ZekeCancel<CR>")
    ended = nvim.wait_event("ZekeTaskFailed")
    assert [(row["name"], row["state"]) for row in ended["settled"]] == [("new.py", "written")]
    nvim.wait_screen("Written: new.py.")


def test_a_no_in_a_later_round_does_not_hide_what_was_written(
    nvim: Nvim, broker: FakeBroker
) -> None:
    author = edit(nvim, broker)
    rows = [
        {"round": 1, "file": 1, "path": "", "name": "app.py", "state": "written"}
        | {"message": "", "accepted": 1, "hunks_total": 2},
        {"round": 2, "file": 1, "path": "", "name": "app.py", "state": "denied"}
        | {"message": "You said no.", "accepted": 0, "hunks_total": 1},
    ]
    broker.send("task.done", id=author.id, kind="edit", written=True, files=rows)
    nvim.wait_screen("Written: app.py (1 of 2 hunks); denied: app.py")


def test_a_save_during_the_review_changes_nothing(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed("Gomine<Esc>")
    edit(nvim, broker)
    nvim.feed(":w<CR>")
    nvim.wait_for("not vim.bo.modified")
    nvim.feed("ga")
    broker.expect("edit.accept")
    assert not broker.seen("edit.rebase")


def test_a_save_while_ghostwarden_asks_does_not_undo_the_yes(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed("Gomine<Esc>")
    author = edit(nvim, broker)
    nvim.feed("ga")
    broker.expect("edit.accept")
    nvim.command("silent write")
    broker.send("task.apply", id=author.id, file=1, round=1)
    ready = broker.expect("edit.ready")
    assert (ready["fits"], ready["modified"]) == (True, False)


def test_what_was_typed_and_undone_was_never_there(nvim: Nvim, broker: FakeBroker) -> None:
    author = edit(nvim, broker)
    nvim.feed("gha")
    nvim.wait_screen("1/2 ✓ accepted")
    nvim.settle()
    nvim.feed("ggA # mine<Esc>")
    tick = broker.expect("edit.rebase")["buffer"]["changedtick"]
    author.patch(LAST, conflicts=[FIRST], changedtick=tick, note="1 of 2 does not fit any more.")
    nvim.wait_screen("Zeke 1/1")
    nvim.feed(":ZekeReview<CR>")
    nvim.wait_screen("1 of it does not fit the text as it is now")
    nvim.feed("qu")
    tick = broker.expect("edit.rebase")["buffer"]["changedtick"]
    author.patch(FIRST, LAST, changedtick=tick)
    nvim.wait_screen("Zeke 1/2 +1 −1 ✓ accepted")


def test_a_file_of_which_nothing_fits_waits(nvim: Nvim, broker: FakeBroker) -> None:
    author = edit(nvim, broker)
    nvim.feed("ggA # mine<Esc>GA # too<Esc>")
    tick = broker.expect("edit.rebase")["buffer"]["changedtick"]
    while broker.seen("edit.rebase"):
        tick = broker.expect("edit.rebase")["buffer"]["changedtick"]
    tick = nvim.lua("return vim.b.changedtick")
    author.patch(conflicts=[FIRST, LAST], changedtick=tick, note="Nothing fits.")
    nvim.wait_screen("Nothing fits.")
    for keys in ("ga", "gha", "]h"):
        nvim.feed(f":ZekeReview<CR>q{keys}")
        nvim.wait_screen("Nothing of the change fits the text as it is now")
    assert not broker.seen("edit.accept")
    assert not broker.seen("edit.reject")
    nvim.feed(":Zeke review text<CR>")
    nvim.wait_screen("What does not fit the text as it is now:")
    assert "+ def total(numbers):" in nvim.lines()
    nvim.feed("q")
    nvim.wait_gone("What does not fit")
    nvim.feed("gR")
    broker.expect("edit.reject")


def test_the_same_text_read_again_keeps_its_marks(nvim: Nvim, broker: FakeBroker) -> None:
    author = edit(nvim, broker)
    nvim.command("edit!")
    nvim.settle()
    if broker.seen("edit.rebase"):
        tick = broker.expect("edit.rebase")["buffer"]["changedtick"]
        author.patch(FIRST, LAST, changedtick=tick)
    nvim.wait_screen("def total(numbers):")
    nvim.wait_screen("Zeke 1/2")


def test_a_broker_that_hangs_after_a_yes_is_given_up(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = edit(nvim, broker)
    nvim.lua("require('zeke.tasks').cancel_limit_ms = 300")
    nvim.feed("ga")
    broker.expect("edit.accept")
    nvim.feed(":ZekeCancel<CR>")
    nvim.wait_screen("Stopping: 1. What is being written is finished first.")
    broker.expect("task.cancel")
    assert nvim.wait_event("ZekeTaskFailed")["code"] == "broker_silent"
    nvim.wait_screen(SILENT)
    nvim.wait_gone("GhostWarden decides")
    sample.write_text(SAMPLE.replace("values", "numbers"))
    broker.send("task.settled", id=author.id, round=1, file=1, state="written", hunks=[])
    nvim.wait_screen("app.py was written after all: look at it.")
    assert nvim.lines()[0] == "def total(numbers):"


def test_a_cancel_that_the_broker_ends_in_time(nvim: Nvim, broker: FakeBroker) -> None:
    author = edit(nvim, broker)
    nvim.feed("ga")
    broker.expect("edit.accept")
    nvim.feed(":ZekeCancel<CR>")
    broker.expect("task.cancel")
    broker.send("task.failed", id=author.id, code="cancelled", message="Cancelled.")
    nvim.wait_screen("Cancelled: what was accepted last was not written.")


def test_a_broker_that_dies_while_it_writes(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    edit(nvim, broker)
    nvim.feed("ga")
    broker.expect("edit.accept")
    sample.write_text("written\n")
    broker.die()
    nvim.wait_screen("app.py may have been written: look at it.")
    assert nvim.lines() == ["written"]
    assert nvim.lua("return vim.bo.modified") is False


def test_a_broker_that_dies_before_it_writes(nvim: Nvim, broker: FakeBroker) -> None:
    edit(nvim, broker)
    nvim.feed("ga")
    broker.expect("edit.accept")
    broker.die()
    nvim.wait_screen("The broker stopped")
    assert "may have been written" not in nvim.screen.text


def test_a_hidden_unsaved_line_is_what_the_diff_is_for(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    path = sample.with_name("new.py")
    nvim.feed(f":e {path.name}<CR>imy own text<Esc>:hide edit {sample.name}<CR>")
    nvim.settle()
    author = Author(nvim, broker, ":ZekeCreate x<CR>")
    author.files(new_file(path, "x = 1"))
    assert broker.expect("edit.rebase")["buffer"]["text"] == "my own text"
    assert not broker.seen("edit.reject")


def test_an_empty_buffer_is_no_reason_not_to_create(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    path = sample.with_name("new.py")
    nvim.feed(f":e {path.name}<CR>ix<BS><Esc>")
    nvim.wait_for("vim.bo.modified")
    author = Author(nvim, broker, ":ZekeCreate x<CR>")
    author.files(new_file(path, "x = 1"))
    nvim.wait_screen("new.py (new)")
    nvim.feed("ga")
    assert author.consent()["modified"] is False
    path.write_text("x = 1\n")
    author.settle("written")
    author.done(("new.py", "written", ""))
    nvim.wait_for("vim.fn.getline(1) == 'x = 1' and not vim.bo.modified")


def test_a_yes_given_beforehand_waits_for_its_turn(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = edit(nvim, broker)
    second = Author(
        nvim,
        broker,
        ":lua require('zeke.review').propose({ accept = true, buffer = 1, base = 'old',"
        " edits = { { first = 1, last = 1, lines = { 'x' } } } })<CR>",
    )
    assert (second.task["base"], second.task["edits"][0]["lines"]) == ("old", ["x"])
    second.patch(LAST)
    nvim.wait_screen("Another change of this buffer comes first")
    nvim.feed(":ZekeReview<CR>")
    nvim.wait_screen("after the other change of it")
    nvim.feed("jjjjga")
    nvim.wait_screen("Another change of this buffer comes first")
    nvim.feed("q")
    nvim.wait_gone("after the other change of it")
    assert not broker.seen("edit.accept")
    nvim.feed("gR")
    assert broker.expect("edit.reject")["id"] == author.id
    assert broker.expect("edit.accept")["id"] == second.id


def test_a_yes_given_beforehand_is_not_for_half_of_it(nvim: Nvim, broker: FakeBroker) -> None:
    author = Author(
        nvim,
        broker,
        ":lua require('zeke.review').propose({ accept = true, buffer = 1, new_text = 'x' })<CR>",
    )
    author.patch(FIRST, conflicts=[LAST])
    nvim.wait_screen("Zeke 1/1")
    nvim.settle()
    assert not broker.seen("edit.accept")


def test_a_session_brings_back_nothing_of_ours(
    nvim: Nvim,
    broker: FakeBroker,
    sample: Path,
    open_nvim: Callable[..., Nvim],
) -> None:
    other = sample.with_name("b.py")
    other.write_text(SAMPLE)
    author = Author(nvim, broker, ":ZekeCreate things<CR>")
    author.files(old_file(other, SAMPLE, FIRST), new_file(sample.with_name("new.py"), "x"))
    nvim.wait_screen("b.py")
    session = sample.with_name("s.vim")
    nvim.command(f"mksession {session}")
    nvim.close()
    # Silent, since Neovim itself names each buffer that comes back.
    fresh = open_nvim("-c", f"silent source {session}", cwd=sample.parent)
    fresh.wait_for("#vim.api.nvim_list_tabpages() == 1")
    names = "vim.tbl_map(vim.api.nvim_buf_get_name, vim.api.nvim_list_bufs())"
    assert not [name for name in fresh.lua(f"return {names}") if "zeke" in name]
    assert fresh.lua("return vim.fn.expand('%:t')") == "app.py"
    assert fresh.quit(":wqa<CR>") == 0


@pytest.mark.parametrize("name", ["review/all/files", "chat/1"])
def test_a_name_that_a_session_left_is_taken_over(nvim: Nvim, name: str) -> None:
    nvim.command(f"noautocmd badd zeke://{name}")
    nvim.lua("vim.bo[vim.fn.bufnr('$')].swapfile = false")
    code = "local b = require('zeke.scratch').buffer(..., '') return vim.api.nvim_buf_get_name(b)"
    assert nvim.lua(code, name) == f"zeke://{name}"


RENAMED = "The buffer of app.py is copy.py now. Nothing was written."


def test_another_name_for_the_buffer_ends_the_change(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    edit(nvim, broker)
    nvim.command("saveas copy.py")
    refused = broker.expect("edit.reject")
    assert (refused["problem"], refused.get("reason")) == (RENAMED, None)
    nvim.wait_for(f"not ({OPEN})")
    assert sample.with_name("copy.py").read_text() == SAMPLE


def test_another_name_that_nobody_was_told_of_ends_it_at_the_yes(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    edit(nvim, broker)
    nvim.command("noautocmd saveas copy.py")
    nvim.feed("ga")
    assert broker.expect("edit.reject")["problem"] == RENAMED
    assert not broker.seen("edit.accept")


def test_another_name_under_the_yes_ends_it(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    author = edit(nvim, broker)
    nvim.feed("ga")
    broker.expect("edit.accept")
    nvim.command("noautocmd saveas copy.py")
    broker.send("task.apply", id=author.id, file=1, round=1)
    assert not broker.expect("edit.ready")["fits"]
    assert broker.expect("edit.reject")["problem"] == RENAMED


def test_what_was_written_is_not_shown_in_a_buffer_of_another_name(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = edit(nvim, broker)
    nvim.feed("ga")
    assert author.consent()["fits"]
    nvim.command("noautocmd saveas copy.py")
    author.settle("written", FIRST, LAST)
    assert "\n".join(nvim.lines()) + "\n" == SAMPLE


def test_a_file_that_was_moved_away_under_the_yes_has_failed(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = edit(nvim, broker)
    nvim.feed("ga")
    broker.expect("edit.accept")
    sample.rename(sample.with_name("moved.py"))
    message = "The file was removed meanwhile."
    broker.send("task.changed", id=author.id, file=1, round=1, message=message)
    assert broker.expect("edit.reject")["problem"] == f"{message} Nothing was written."


def test_another_name_while_the_model_is_at_it_ends_it(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = Author(nvim, broker, ":1,8ZekeEdit better<CR>")
    nvim.command("saveas copy.py")
    author.patch(FIRST, LAST)
    assert broker.expect("edit.reject")["problem"] == RENAMED


def test_a_buffer_that_is_behind_its_file_is_not_written_into(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = Author(nvim, broker, ":ZekeCreate better<CR>")
    author.files(old_file(sample, SAMPLE, FIRST))
    nvim.wait_screen("1/1 +1 −1")
    nvim.settle()
    author.files(old_file(sample, "theirs\n" + SAMPLE, hunk(1, ["theirs"], ["ours"])))
    nvim.wait_screen("The buffer of app.py is not as its file is")
    nvim.feed(":ZekeReview<CR>")
    nvim.wait_screen("1 undecided +1 −1")
    nvim.feed("<CR>")
    nvim.wait_screen("ours")
    lines = nvim.lua("return vim.api.nvim_buf_get_lines(vim.fn.bufnr(...), 0, -1, false)", "app.py")
    assert "\n".join(lines) + "\n" == SAMPLE
