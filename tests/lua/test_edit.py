"""``:ZekeEdit``: shown in the buffer, changed only after a yes, one undo step, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, Hunk, hunk
from tests.lua.conftest import SAMPLE
from tests.lua.prompts import ASK

OLD = SAMPLE.rstrip("\n").split("\n")
HUNK = hunk(2, OLD[1:5], ["    return sum(values)"])
NEW = [OLD[0], "    return sum(values)", *OLD[5:]]


def propose(nvim: Nvim, broker: FakeBroker, *hunks: Hunk, keys: str = "") -> Author:
    author = Author(nvim, broker, keys or ":1,5ZekeEdit use sum()<CR>")
    author.patch(*(hunks or (HUNK,)))
    return author


def finish(author: Author, state: str, *hunks: Hunk, message: str = "") -> None:
    author.settle(state, *(hunks or (HUNK,)), message=message)
    author.done(("app.py", state, message))


def test_what_is_submitted(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.feed(':2,3ZekeEdit "use sum()"<CR>')
    task = broker.expect("task.submit")
    assert task["instruction"] == "use sum()"
    assert task["cwd"] == str(sample.parent)
    buffer = task["buffer"]
    assert buffer["path"] == str(sample)
    assert buffer["text"] == SAMPLE.removesuffix("\n")
    assert (buffer["start_line"], buffer["end_line"]) == (2, 3)
    assert (buffer["eol"], buffer["final_eol"], buffer["bom"]) == ("\n", True, False)
    assert buffer["modified"] is False
    nvim.wait_screen("Zeke is writing a change")


def test_the_diff_is_shown_and_nothing_changes(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    propose(nvim, broker)
    text = nvim.wait_screen("return sum(values)")
    assert "Zeke 1/1 +1 −4" in text
    assert "ga accept  gR reject" in text
    assert "Zeke is writing" not in text
    nvim.wait_screen(lambda screen: "DiffDelete" in screen.groups_at("result = 0"))
    assert "DiffAdd" in nvim.screen.groups_at("return sum(values)")
    assert nvim.lines() == OLD
    assert nvim.lua("return vim.bo.modified") is False
    nvim.feed(":w<CR>")
    nvim.settle()
    assert sample.read_text() == SAMPLE
    assert not broker.seen("edit.accept")


def test_accepted_and_written_by_the_broker(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    author = propose(nvim, broker)
    nvim.feed("7Gma8Gga")
    assert author.consent() == {
        "id": author.id,
        "file": 1,
        "round": 1,
        "fits": True,
        "modified": False,
    }
    nvim.wait_screen("GhostWarden decides")
    sample.write_text("\n".join(NEW) + "\n")
    finish(author, "written")
    nvim.wait_for("vim.api.nvim_buf_line_count(0) == 5")
    assert nvim.lines() == NEW
    state = "return { vim.bo.modified, vim.fn.line('.'), vim.fn.line(\"'a\") }"
    assert nvim.lua(state) == [False, 5, 4]
    assert nvim.lua("return vim.fn.maparg('ga', 'n')") == ""
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == OLD
    assert nvim.lua("return vim.bo.modified") is True
    nvim.feed("<C-r>:w<CR>")
    nvim.wait_for("not vim.bo.modified")
    assert sample.read_text() == "\n".join(NEW) + "\n"
    assert "WARNING" not in nvim.screen.text


@pytest.mark.parametrize("autoread", ["autoread", "noautoread"])
def test_reloading_asks_nothing(
    nvim: Nvim, broker: FakeBroker, sample: Path, autoread: str
) -> None:
    nvim.command(f"set {autoread}")
    author = propose(nvim, broker)
    nvim.feed("ga")
    author.consent()
    sample.write_text("\n".join(NEW) + "\n")
    finish(author, "written")
    nvim.wait_for("vim.api.nvim_buf_line_count(0) == 5")
    assert nvim.lua("return vim.api.nvim_get_mode()") == {"mode": "n", "blocking": False}


def test_neovim_may_have_read_the_file_already(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = propose(nvim, broker)
    nvim.feed("ga")
    author.consent()
    sample.write_text("\n".join(NEW) + "\n")
    nvim.command("checktime")
    nvim.wait_for("vim.api.nvim_buf_line_count(0) == 5")
    finish(author, "written")
    assert nvim.lines() == NEW
    assert "was not reloaded" not in nvim.screen.text


def test_the_prompt_that_follows_the_yes_is_focused(nvim: Nvim, broker: FakeBroker) -> None:
    propose(nvim, broker)
    nvim.feed("ga")
    broker.expect("edit.accept")
    broker.send("consent.asked", **ASK)
    nvim.wait_screen("Esc denies")
    nvim.feed("3")
    assert broker.expect("consent.answer")["choice"] == "project"


def test_applied_to_a_modified_buffer_as_one_undo_step(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed("Gomine<Esc>")
    nvim.settle()
    second = hunk(8, ["print(total([1, 2, 3]))"], ["print(6)", "# six"])
    author = propose(nvim, broker, HUNK, second)
    nvim.feed("ga")
    assert author.consent()["modified"] is True
    sentence = "Applied to the buffer, which has unsaved changes; save it with :w."
    finish(author, "applied", HUNK, second, message=sentence)
    nvim.wait_screen("Applied to the buffer")
    assert nvim.lines() == [OLD[0], "    return sum(values)", "", "", "print(6)", "# six", "mine"]
    assert sample.read_text() == SAMPLE
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == [*OLD, "mine"]
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == OLD


def test_inserting_before_the_first_line(nvim: Nvim, broker: FakeBroker) -> None:
    heading = hunk(1, [], ["# a heading"])
    author = propose(nvim, broker, heading)
    nvim.wait_screen("# a heading")
    nvim.wait_screen("ga accept")
    nvim.feed("ga")
    author.consent()
    finish(author, "applied", heading)
    nvim.wait_for("vim.fn.getline(1) == '# a heading'")
    assert nvim.lines()[1:] == OLD


def test_inserting_after_the_last_line(nvim: Nvim, broker: FakeBroker) -> None:
    heading = hunk(9, [], ["# the end"])
    author = propose(nvim, broker, heading)
    nvim.wait_screen("# the end")
    nvim.feed("ga")
    author.consent()
    finish(author, "applied", heading)
    nvim.wait_for("vim.fn.getline('$') == '# the end'")
    assert nvim.lines()[:-1] == OLD


def test_reject(nvim: Nvim, broker: FakeBroker) -> None:
    author = propose(nvim, broker)
    nvim.feed(":Zeke reject too clever<CR>")
    said = broker.expect("edit.reject")
    assert (said["id"], said["file"], said["reason"]) == (author.id, 1, "too clever")
    nvim.wait_gone("return sum(values)")
    author.settle("rejected")
    author.done(("app.py", "rejected", ""))
    assert nvim.lines() == OLD
    propose(nvim, broker)
    nvim.feed("gR")
    broker.expect("edit.reject")


def test_a_map_of_the_persons_own_comes_back(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.command("nnoremap <buffer> ga :let g:mine = 1<CR>")
    propose(nvim, broker)
    nvim.wait_screen("ga accept")
    nvim.feed("gR")
    broker.expect("edit.reject")
    nvim.feed("ga")
    nvim.wait_for("vim.g.mine == 1")


def test_the_keys_are_the_persons_choice(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ keymaps = { accept = '<leader>y' } })")
    propose(nvim, broker)
    nvim.wait_screen("<leader>y accept")
    nvim.feed("\\y")
    broker.expect("edit.accept")


def test_a_buffer_changed_before_the_patch_gets_a_new_one(nvim: Nvim, broker: FakeBroker) -> None:
    author = Author(nvim, broker, ":1,5ZekeEdit use sum()<CR>")
    nvim.feed("Onew first line<Esc>")
    nvim.settle()
    author.patch(HUNK)
    fresh = broker.expect("edit.rebase")["buffer"]
    assert fresh["text"].startswith("new first line\n")
    note = "The buffer changed meanwhile; this is the new diff."
    author.patch({**HUNK, "start_line": 3}, changedtick=fresh["changedtick"], note=note)
    nvim.wait_screen("this is the new diff")
    nvim.wait_screen("return sum(values)")


def test_a_buffer_changed_under_the_diff_gets_a_new_one(nvim: Nvim, broker: FakeBroker) -> None:
    author = propose(nvim, broker)
    nvim.wait_screen("ga accept")
    nvim.feed("Goextra<Esc>ga")
    fresh = broker.expect("edit.rebase")["buffer"]
    assert "extra" in fresh["text"]
    nvim.wait_screen("The buffer changed since")
    nvim.wait_gone("ga accept")
    assert not broker.seen("edit.accept")
    author.patch(HUNK, changedtick=fresh["changedtick"], note="This is the new diff.")
    nvim.wait_screen("ga accept")
    nvim.feed("ga")
    assert broker.expect("edit.accept")["version"] == 2


def test_a_buffer_that_never_rests_is_given_up(nvim: Nvim, broker: FakeBroker) -> None:
    author = Author(nvim, broker, ":1,5ZekeEdit use sum()<CR>")
    for _ in range(3):
        nvim.feed("Goextra<Esc>")
        nvim.settle()
        author.patch(HUNK)
        broker.expect("edit.rebase")
    author.patch(HUNK)
    problem = broker.expect("edit.reject")["problem"]
    assert problem == "The buffer of app.py keeps changing. Nothing was written."


def test_a_buffer_changed_after_the_yes_is_not_touched(nvim: Nvim, broker: FakeBroker) -> None:
    author = propose(nvim, broker)
    nvim.feed("ga")
    broker.expect("edit.accept")
    nvim.feed("Goextra<Esc>")
    nvim.settle()
    broker.send("task.apply", id=author.id, file=1, round=1)
    ready = broker.expect("edit.ready")
    assert (ready["fits"], ready["modified"]) == (False, True)
    broker.expect("edit.rebase")
    assert nvim.lines() == [*OLD, "extra"]


def test_a_modified_buffer_is_never_reloaded(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    author = propose(nvim, broker)
    nvim.feed("ga")
    author.consent()
    nvim.feed("Gounsaved<Esc>")
    nvim.settle()
    sample.write_text("\n".join(NEW) + "\n")
    finish(author, "written")
    nvim.wait_screen("The file was written, and this buffer has changed")
    assert nvim.lines() == [*OLD, "unsaved"]


def test_a_denial_changes_nothing(nvim: Nvim, broker: FakeBroker) -> None:
    author = propose(nvim, broker)
    nvim.feed("ga")
    broker.expect("edit.accept")
    finish(author, "denied", message="You denied it.")
    nvim.wait_screen("You denied it.")
    nvim.wait_gone("return sum(values)")
    assert nvim.lines() == OLD


@pytest.mark.parametrize("line", ["bwipeout!", "bdelete!"])
def test_a_closed_buffer_is_a_no(nvim: Nvim, broker: FakeBroker, line: str) -> None:
    author = propose(nvim, broker)
    nvim.feed(f":{line}<CR>")
    assert broker.expect("edit.reject")["id"] == author.id
    nvim.wait_screen("The change of app.py was rejected: its buffer was closed.")
    assert nvim.lua("return vim.v.errmsg") == ""


def test_a_buffer_closed_before_the_answer_ends_the_edit(nvim: Nvim, broker: FakeBroker) -> None:
    author = Author(nvim, broker, ":1,5ZekeEdit use sum()<CR>")
    nvim.feed(":bwipeout!<CR>")
    assert broker.expect("task.cancel") == {"id": author.id}


def test_one_edit_of_a_buffer_at_a_time(nvim: Nvim, broker: FakeBroker) -> None:
    propose(nvim, broker)
    nvim.feed(":ZekeEdit again<CR>")
    nvim.wait_screen("An edit of this buffer is open")
    assert not broker.seen("task.submit")


def test_no_change_is_said(nvim: Nvim, broker: FakeBroker) -> None:
    author = Author(nvim, broker, ":ZekeEdit nothing<CR>")
    author.patch()
    nvim.wait_screen("The model proposes no change.")
    broker.expect("edit.reject")


def test_cancel_while_the_model_writes(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeEdit nothing<CR>")
    task = broker.expect("task.submit")["id"]
    nvim.feed(":ZekeCancel<CR>")
    assert broker.expect("task.cancel") == {"id": task}
    nvim.wait_screen("Cancelled: 1.")
    nvim.wait_gone("Zeke is writing")


def test_a_change_out_of_sight_is_announced(nvim: Nvim, broker: FakeBroker) -> None:
    filler = [f"x{number} = {number}" for number in range(100)]
    nvim.lua("vim.api.nvim_buf_set_lines(0, -1, -1, false, ...)", filler)
    nvim.feed("G")
    propose(nvim, broker)
    nvim.wait_screen("A change of app.py is proposed at line 2.")
    assert nvim.lua("return vim.fn.line('.')") == 108


@pytest.mark.parametrize(
    ("text", "options", "eol", "final"),
    [
        ("a\r\nb\r\n", "", "\r\n", True),
        ("a\nb", "", "\n", False),
        ("\ufeffa\nb\n", "", "\n", True),
    ],
)
def test_how_the_file_ends_its_lines_is_told(
    nvim: Nvim, broker: FakeBroker, sample: Path, text: str, options: str, eol: str, final: bool
) -> None:
    other = sample.with_name("other.txt")
    other.write_bytes(text.encode())
    nvim.edit(other)
    nvim.feed(":ZekeEdit improve<CR>")
    buffer = broker.expect("task.submit")["buffer"]
    assert (buffer["eol"], buffer["final_eol"]) == (eol, final)
    assert buffer["bom"] is text.startswith("\ufeff")
    assert buffer["text"] == "a\nb"


def test_a_file_that_changed_since_the_yes_is_read_again(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = propose(nvim, broker)
    nvim.feed("ga")
    author.consent()
    sample.write_text(f"{SAMPLE}theirs = 1\n")
    broker.send("task.changed", id=author.id, message="It changed since you approved it.")
    again = broker.expect("edit.rebase")
    assert again["buffer"]["text"] == f"{SAMPLE}theirs = 1"
    assert nvim.lines()[-1] == "theirs = 1"
    nvim.wait_screen("Here comes a new diff")


def test_a_file_that_is_gone_since_the_yes_ends_the_edit(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = propose(nvim, broker)
    nvim.feed("ga")
    author.consent()
    sample.unlink()
    broker.send("task.changed", id=author.id, message="It was removed since you approved it.")
    problem = broker.expect("edit.reject")["problem"]
    assert problem == "It was removed since you approved it. Nothing was written."
    assert nvim.lines() == SAMPLE.rstrip("\n").split("\n")
