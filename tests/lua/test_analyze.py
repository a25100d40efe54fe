"""``:ZekeAnalyze``: diagnostics by kind, one quickfix list for a buffer, the cursor in peace."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.analysis import COUNT, analyze, changed, finding, on, open_findings, stamp


def test_findings_become_diagnostics_and_a_list(nvim: Nvim, broker: FakeBroker) -> None:
    task = analyze(
        nvim,
        broker,
        "ZekeAnalyze security quality",
        finding("security", 4, "Unchecked sum", suggestion="Check it"),
        finding("quality", 2, "Poor name", severity="hint"),
        finding("quality", 999, "Beyond the end", severity="error"),
    )
    assert task["kinds"] == ["security", "quality"]
    text = nvim.wait_screen("Found 3 things in app.py (security 1, quality 2).")
    assert "warning  app.py:4  Unchecked sum" in text
    assert "→ Check it" in text
    assert nvim.lua(f"return {COUNT}", "zeke-analyze-quality") == 2
    assert nvim.lua("return vim.fn.expand('%:t')") == "app.py"
    assert nvim.lua("return vim.fn.getqflist({ title = 1 }).title") == "Zeke findings"
    assert [entry["lnum"] for entry in nvim.lua("return vim.fn.getqflist()")] == [2, 4, 8]


def test_a_new_run_replaces_its_own_kind_only(nvim: Nvim, broker: FakeBroker) -> None:
    analyze(nvim, broker, "ZekeAnalyze security", finding("security", 1, "one"))
    analyze(nvim, broker, "ZekeAnalyze quality", finding("quality", 1, "two"))
    assert nvim.lua("return #vim.fn.getqflist()") == 2
    analyze(nvim, broker, "ZekeAnalyze security")
    nvim.wait_screen("Found 0 things")
    assert nvim.lua(f"return {COUNT}", "zeke-analyze-security") == 0
    assert nvim.lua(f"return {COUNT}", "zeke-analyze-quality") == 1
    assert nvim.lua("return #vim.fn.getqflist()") == 1
    assert nvim.lua("return vim.fn.getqflist({ nr = '$' }).nr") == 1


def test_a_kind_without_an_answer_keeps_what_it_had(nvim: Nvim, broker: FakeBroker) -> None:
    analyze(nvim, broker, "ZekeAnalyze security", finding("security", 1, "one"))
    nvim.feed(":ZekeAnalyze security quality<CR>")
    task = broker.expect("task.submit")["id"]
    message = "No sensible answer for security: ask again."
    broker.send("task.done", id=task, kinds=["quality"], findings=[], message=message)
    nvim.wait_screen(message)
    assert nvim.lua(f"return {COUNT}", "zeke-analyze-security") == 1


def test_all_kinds_when_none_is_named(nvim: Nvim, broker: FakeBroker) -> None:
    task = analyze(nvim, broker, "2,3ZekeAnalyze")
    assert task["kinds"] == ["quality", "security", "performance"]
    assert task["buffer"]["start_line"] == 2


def test_three_at_once(nvim: Nvim, broker: FakeBroker) -> None:
    for kind in ("quality", "security", "performance"):
        nvim.feed(f":ZekeAnalyze {kind}<CR>")
    tasks = [broker.expect("task.submit") for _ in range(3)]
    for task in tasks:
        found = [finding(task["kinds"][0], 1, "x")]
        broker.send("task.done", id=task["id"], kind="analyze", model="m", findings=found)
    nvim.wait_for("#vim.fn.getqflist() == 3")
    text = nvim.wait_screen("performance (1)")
    assert "quality (1)" in text


def test_no_window_opens_under_someone_who_types(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeAnalyze quality<CR>")
    task = broker.expect("task.submit")["id"]
    nvim.feed("Gotyping")
    broker.send("task.done", id=task, kind="analyze", findings=[finding("quality", 1, "x")])
    nvim.wait_screen("Found 1 thing in app.py (quality 1).")
    nvim.feed(" on<Esc>")
    nvim.settle()
    assert nvim.lines()[-1] == "typing on"
    assert nvim.lua("return #vim.fn.getqflist()") == 1
    assert nvim.lua("return vim.fn.bufwinid('zeke://findings')") == -1


def test_a_buffer_closed_meanwhile(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeAnalyze quality<CR>")
    task = broker.expect("task.submit")["id"]
    nvim.feed(":bwipeout<CR>")
    nvim.settle()
    broker.send("task.done", id=task, kind="analyze", findings=[finding("quality", 1, "x")])
    nvim.wait_screen("Its buffer was closed before the analysis")


def test_findings_stand_by_kind_and_severity(nvim: Nvim, broker: FakeBroker) -> None:
    open_findings(
        nvim,
        broker,
        finding("quality", 2, "Second", severity="hint"),
        finding("quality", 7, "First", severity="error"),
        finding("security", 1, "Other"),
    )
    text = nvim.wait_screen("3 findings in 1 file")
    assert text.index("quality (2)") < text.index("First") < text.index("Second")
    assert text.index("Second") < text.index("security (1)") < text.index("Other")


def test_going_to_a_finding_that_has_moved(nvim: Nvim, broker: FakeBroker) -> None:
    open_findings(nvim, broker, finding("quality", 4, "Here"))
    nvim.feed("<C-w>pggOone<CR>two<Esc>")
    nvim.feed("G")
    nvim.feed(":ZekeFindings<CR>")
    nvim.wait_screen("app.py:6")
    on(nvim, "Here")
    nvim.feed("<CR>")
    assert nvim.lua("return { vim.fn.expand('%:t'), vim.fn.line('.') }") == ["app.py", 6]
    # And the way back is there.
    nvim.feed("<C-o>")
    assert nvim.lua("return vim.fn.line('.')") == 10


def test_a_dismissed_finding_stays_away_until_it_is_called_back(
    nvim: Nvim, broker: FakeBroker
) -> None:
    two = (finding("quality", 2, "Keep"), finding("quality", 4, "Drop"))
    open_findings(nvim, broker, *two)
    on(nvim, "Drop")
    nvim.feed("x")
    nvim.wait_screen("1 finding in 1 file (1 dismissed)")
    assert nvim.lua("return #vim.fn.getqflist()") == 1
    nvim.feed("<C-w>p")
    assert nvim.lua(f"return {COUNT}", "zeke-analyze-quality") == 1
    analyze(nvim, broker, "ZekeAnalyze quality", *two)
    nvim.wait_screen("1 finding in 1 file (1 dismissed)")
    nvim.feed(":ZekeFindings<CR>u")
    nvim.wait_screen("2 findings in 1 file")
    assert nvim.lua("return #vim.fn.getqflist()") == 2


def test_only_what_changed_is_looked_at_again(nvim: Nvim, broker: FakeBroker) -> None:
    open_findings(nvim, broker, finding("quality", 2, "Here"))
    nvim.feed("r")
    nvim.wait_screen("Nothing has changed since it was looked at")
    nvim.feed("<C-w>pGonew line<Esc>")
    nvim.feed(":ZekeFindings<CR>")
    nvim.wait_screen("1 changed since")
    nvim.feed("r")
    task = broker.expect("task.submit")
    assert task["buffer"]["text"].endswith("new line")
    assert task["kinds"] == ["quality", "security", "performance"]
    broker.send("task.done", id=task["id"], kind="analyze", findings=[])
    nvim.wait_screen("0 findings in 1 file")


def test_a_suggestion_is_mended_as_a_diff(nvim: Nvim, broker: FakeBroker) -> None:
    open_findings(nvim, broker, finding("quality", 2, "Poor name", suggestion="Call it total"))
    on(nvim, "Poor name")
    nvim.feed("a")
    task = broker.expect("task.submit")
    assert (task["kind"], task["buffer"]["name"]) == ("edit", "app.py")
    assert task["instruction"] == "Mend this at line 2: Poor name\nLike this: Call it total"


def test_the_changed_files_of_the_project(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    other = sample.with_name("other.py")
    other.write_text("x = 1\n")
    tasks = changed(nvim, broker, [sample, other])
    assert tasks[0]["buffer"]["name"] == "app.py"
    assert (tasks[1].get("buffer"), tasks[1]["path"]) == (None, str(other))
    nvim.wait_screen("Looking … 0 of 2 files done")
    found = [finding("quality", 1, "Odd")]
    mark = stamp("x = 1\n")
    broker.send("task.done", id=tasks[1]["id"], kind="analyze", findings=found, stamp=mark)
    nvim.wait_screen("Looking … 1 of 2 files done")
    broker.send("task.failed", id=tasks[0]["id"], code="denied", message="No.")
    nvim.wait_screen("Found 1 thing in 1 of 2 files (quality 1); 1 denied.")
    # Nobody is asked a second time for what they said no to.
    nvim.feed(":ZekeFindings<CR>r")
    nvim.wait_screen("Nothing has changed since it was looked at")
    # A file that nobody opened is open now no more than before.
    assert nvim.lua("return vim.fn.bufloaded(...)", str(other)) == 0


def test_nothing_changed(nvim: Nvim, broker: FakeBroker) -> None:
    assert changed(nvim, broker, []) == []
    nvim.wait_screen("No file that may be looked at has changed since the last commit.")
