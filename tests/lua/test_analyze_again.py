"""Findings and the files they are in: opened, changed, analyzed in part, closed, gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.person import says
from tests.fakes.broker import FakeBroker
from tests.lua.analysis import COUNT, analyze, changed, finding, on, open_findings, stamp

TEXT = "one = 1\ntwo = 2\nthree = 3\n"
LINES = """return vim.tbl_map(function(one)
  return one.lnum + 1 end, vim.diagnostic.get(vim.fn.bufnr(...)))"""


@pytest.fixture
def other(sample: Path) -> Path:
    path = sample.parent / "other.py"
    path.write_text(TEXT)
    return path


def looked_at(nvim: Nvim, broker: FakeBroker, path: Path, *findings: dict[str, Any]) -> None:
    """The file was changed and is not open, and this was found in it."""
    [task] = changed(nvim, broker, [path])
    assert task["path"] == str(path)
    mark = stamp(path.read_text())
    broker.send("task.done", id=task["id"], findings=list(findings), stamp=mark)
    nvim.wait_screen("Found ")
    nvim.feed(":ZekeFindings<CR>")
    nvim.wait_for("vim.bo.buftype == 'nofile'")


def test_findings_of_a_file_opened_later_follow_their_lines(
    nvim: Nvim, broker: FakeBroker, other: Path
) -> None:
    looked_at(nvim, broker, other, finding("quality", 2, "Odd", text="two = 2"))
    on(nvim, "Odd")
    nvim.feed("<CR>")
    nvim.wait_for("vim.fn.expand('%:t') == 'other.py'")
    nvim.feed("ggOzero = 0<Esc>:ZekeFindings<CR>")
    nvim.wait_screen("other.py:3")
    on(nvim, "Odd")
    nvim.feed("<CR>")
    assert nvim.lua("return vim.fn.getline('.')") == "two = 2"


def test_a_file_changed_before_it_was_opened_has_its_finding_at_the_line(
    nvim: Nvim, broker: FakeBroker, other: Path
) -> None:
    looked_at(nvim, broker, other, finding("quality", 2, "Odd", text="two = 2"))
    other.write_text("zero = 0\n" + TEXT)
    on(nvim, "Odd")
    nvim.feed("<CR>")
    assert nvim.lua("return vim.fn.getline('.')") == "two = 2"
    assert nvim.lua(LINES, "other.py") == [3]


def test_a_file_read_again_or_closed_keeps_its_findings_at_their_lines(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    analyze(nvim, broker, "ZekeAnalyze", finding("quality", 5, "Here", text="return result"))
    nvim.feed("ggOnew<Esc>:w<CR>")
    nvim.wait_for("not vim.bo.modified")
    sample.write_text("newer\n" + sample.read_text())
    nvim.feed(":e!<CR>")
    nvim.wait_for("vim.fn.getline(1) == 'newer'")
    assert nvim.lua(LINES, "app.py") == [7]
    nvim.feed(":ZekeFindings<CR>")
    nvim.wait_screen("app.py:7")
    nvim.feed("<C-w>p:enew<CR>:bunload app.py<CR>:ZekeFindings<CR>")
    nvim.wait_screen("app.py:7")


def test_going_through_the_list_opens_files_undisturbed(
    nvim: Nvim, broker: FakeBroker, other: Path
) -> None:
    two = (finding("quality", 1, "a", text="one = 1"), finding("quality", 3, "b", text="three = 3"))
    looked_at(nvim, broker, other, *two)
    nvim.feed("<C-w>p:cfirst<CR>:cnext<CR>")
    assert nvim.lua("return { vim.fn.expand('%:t'), vim.fn.line('.') }") == ["other.py", 3]


def test_looking_at_a_range_leaves_the_rest_alone(nvim: Nvim, broker: FakeBroker) -> None:
    all_of_it = (finding("quality", 2, "Above"), finding("quality", 4, "In"))
    analyze(nvim, broker, "ZekeAnalyze quality", *all_of_it)
    analyze(nvim, broker, "3,5ZekeAnalyze quality", finding("quality", 5, "Anew"))
    assert "Above" in nvim.wait_screen("Anew")
    nvim.wait_screen("2 findings in 1 file")
    assert nvim.lua(f"return {COUNT}", "zeke-analyze-quality") == 2


def test_what_moved_out_of_a_range_is_not_of_it(nvim: Nvim, broker: FakeBroker) -> None:
    analyze(nvim, broker, "ZekeAnalyze quality", finding("quality", 4, "Moves"))
    nvim.feed("ggOone<CR>two<Esc>")
    analyze(nvim, broker, "3,5ZekeAnalyze quality")
    nvim.wait_screen("1 finding in 1 file")
    analyze(nvim, broker, "6,6ZekeAnalyze quality")
    nvim.wait_screen("0 findings in 1 file")


def test_a_range_is_looked_at_again_where_it_is_by_now(nvim: Nvim, broker: FakeBroker) -> None:
    analyze(nvim, broker, "2,4ZekeAnalyze quality", finding("quality", 4, "Here"))
    nvim.feed("ggOone<CR>two<Esc>:ZekeFindings<CR>")
    nvim.wait_for("vim.bo.buftype == 'nofile'")
    nvim.feed("r")
    nvim.wait_screen("Nothing has changed since it was looked at")
    nvim.feed("R")
    task = broker.expect("task.submit")
    assert (task["buffer"]["start_line"], task["buffer"]["end_line"]) == (4, 6)
    assert task["kinds"] == ["quality"]


def test_opening_a_file_is_not_changing_it(nvim: Nvim, broker: FakeBroker, other: Path) -> None:
    other.write_bytes(b"\xef\xbb\xbfone = 1\r\ntwo = 2\r\n")
    [task] = changed(nvim, broker, [other])
    found = [finding("quality", 2, "Odd", text="two = 2")]
    mark = stamp("one = 1\ntwo = 2\n")
    broker.send("task.done", id=task["id"], findings=found, stamp=mark)
    assert "changed since" not in nvim.wait_screen("1 finding in 1 file")
    nvim.feed(":edit other.py<CR>:ZekeFindings<CR>")
    nvim.wait_for("vim.bo.buftype == 'nofile'")
    assert "changed since" not in nvim.wait_screen("1 finding in 1 file")
    nvim.feed("<C-w>pGonew<Esc>:ZekeFindings<CR>")
    nvim.wait_screen("1 changed since")
    nvim.feed("<C-w>pu:ZekeFindings<CR>")
    nvim.wait_gone("1 changed since")


def test_a_finding_dismissed_in_a_closed_file_stays_away(
    nvim: Nvim, broker: FakeBroker, other: Path
) -> None:
    found = finding("quality", 2, "Odd", text="two = 2")
    looked_at(nvim, broker, other, found)
    on(nvim, "Odd")
    nvim.feed("x")
    nvim.wait_screen("0 findings in 1 file (1 dismissed)")
    nvim.feed("<C-w>p:edit other.py<CR>")
    analyze(nvim, broker, "ZekeAnalyze quality", found)
    # The sentence and the list say the same.
    nvim.wait_screen("Found 0 things in other.py (quality 0, 1 dismissed before).")
    nvim.wait_screen("0 findings in 1 file (1 dismissed)")


def test_equal_failures_are_one_notice_and_are_tried_again(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    paths = [sample.parent / f"n{number}.py" for number in range(6)]
    for path in paths:
        path.write_text(TEXT)
    tasks = changed(nvim, broker, paths)
    for task in tasks[:2]:
        found = [finding("quality", 1, "Odd", text="one = 1")]
        broker.send("task.done", id=task["id"], findings=found, stamp=stamp(TEXT))
    for task in tasks[2:]:
        broker.send("task.failed", id=task["id"], code="unreachable", message="Nobody answers.")
    text = nvim.wait_screen("4 files: Nobody answers.")
    assert text.count("Nobody answers.") == 1
    says(
        nvim,
        "Found 2 things in 2 of 6 files (quality 2); 4 failed: r in :ZekeFindings looks there "
        "again.",
    )
    nvim.wait_screen("2 findings in 2 files (4 failed: r looks again)")
    nvim.feed(":ZekeFindings<CR>r")
    again = [broker.expect("task.submit")["path"] for _ in range(4)]
    assert again == [str(path) for path in paths[2:]]


def test_what_was_cancelled_is_still_to_be_done(
    nvim: Nvim, broker: FakeBroker, other: Path
) -> None:
    third = other.with_name("third.py")
    third.write_text(TEXT)
    changed(nvim, broker, [other, third])
    nvim.feed(":ZekeCancel<CR>")
    says(nvim, "Nothing was looked at (2 cancelled): r in :ZekeFindings looks again.")
    nvim.feed(":ZekeFindings<CR>r")
    assert [broker.expect("task.submit")["path"] for _ in range(2)] == [str(other), str(third)]


def test_a_kind_without_an_answer_is_asked_for_again(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeAnalyze security quality<CR>")
    task = broker.expect("task.submit")["id"]
    broker.send("task.done", id=task, kinds=["quality"], findings=[], message="None for security.")
    nvim.wait_screen("None for security.")
    nvim.feed(":ZekeFindings<CR>")
    nvim.wait_screen("0 findings in 1 file (1 failed: r looks again)")
    nvim.feed("r")
    assert broker.expect("task.submit")["kinds"] == ["security"]


@pytest.mark.parametrize("key", ["<CR>", "a", "r"])
def test_a_file_that_is_gone_is_not_opened(
    nvim: Nvim, broker: FakeBroker, other: Path, key: str
) -> None:
    looked_at(nvim, broker, other, finding("quality", 2, "Odd", text="two = 2"))
    other.unlink()
    nvim.feed(":ZekeFindings<CR>")
    nvim.wait_screen("other.py:2 (gone)")
    on(nvim, "Odd")
    nvim.feed(key)
    says(nvim, "other.py is gone: its findings are dropped.")
    nvim.wait_screen("0 findings in 0 files")
    assert nvim.lua("return vim.fn.bufloaded('other.py')") == 0
    assert nvim.lua("return #vim.fn.getqflist()") == 0


def test_where_neovim_is_in_no_repository_its_file_may_be(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: Path
) -> None:
    nvim.feed(":ZekeAnalyze changed quality<CR>")
    said = {"code": "bad_input", "message": "This is no git repository."}
    broker.send("state", reply=broker.expect("state.get")["reply"], what="changed", error=said)
    second = broker.expect("state.get")
    assert (second["what"], second["cwd"]) == ("changed", str(sample.parent))
    data = {"root": str(other.parent), "files": [other.name], "left": 0, "whole": True}
    broker.send("state", reply=second["reply"], what="changed", data=data)
    assert broker.expect("task.submit")["path"] == str(other)


def test_what_is_left_out_is_said(nvim: Nvim, broker: FakeBroker, other: Path) -> None:
    changed(nvim, broker, [other], left=3, whole=False)
    left = "3 left out (secrets, links, other projects)."
    says(nvim, f"More have changed than could be listed. {left}")
    changed(nvim, broker, [], left=1)
    text = "No file that may be looked at has changed since the last commit."
    says(nvim, f"{text} 1 left out (secrets, links, other projects).")


def test_a_file_that_cannot_be_looked_at_is_said(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: Path
) -> None:
    nvim.feed(":%d<CR>")
    [task] = changed(nvim, broker, [sample, other], tasks=1)
    broker.send("task.done", id=task["id"], findings=[], stamp=stamp(TEXT))
    says(nvim, "app.py: There is no text here to work on: the buffer is empty.")
    nvim.wait_screen("Found 0 things in 1 of 2 files (quality 0); 1 left out.")


def test_what_holds_no_text_is_left_out_and_not_asked_for_again(
    nvim: Nvim, broker: FakeBroker, other: Path
) -> None:
    empty = other.with_name("__init__.py")
    empty.write_text("")
    tasks = {task["path"]: task["id"] for task in changed(nvim, broker, [other, empty])}
    broker.send("task.done", id=tasks[str(other)], findings=[], stamp=stamp(TEXT))
    broker.send("task.failed", id=tasks[str(empty)], code="bad_input", message="It has no text.")
    says(nvim, "Found 0 things in 1 of 2 files (quality 0); 1 left out.")
    nvim.feed(":ZekeFindings<CR>")
    nvim.wait_screen("0 findings in 1 file")
    nvim.feed("r")
    says(nvim, "Nothing has changed since it was looked at: R looks at all of it again.")


def test_the_list_and_the_sentence_agree(nvim: Nvim, broker: FakeBroker) -> None:
    three = [finding("quality", 2, text, text="result = 0") for text in ("One", "Two", "Three")]
    open_findings(nvim, broker, *three)
    on(nvim, "Two")
    nvim.feed("x<C-w>p")
    analyze(nvim, broker, "ZekeAnalyze quality", *three)
    nvim.wait_screen("Found 2 things in app.py (quality 2, 1 dismissed before).")
    nvim.wait_screen("2 findings in 1 file (1 dismissed)")
