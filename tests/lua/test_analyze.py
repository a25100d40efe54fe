"""``:ZekeAnalyze``: diagnostics by kind, one quickfix list for a buffer, the cursor in peace."""

from __future__ import annotations

from typing import Any

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

COUNT = "#vim.diagnostic.get(0, { namespace = vim.api.nvim_create_namespace(...) })"


def finding(kind: str, line: int, message: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "line": line, "severity": "warning", "message": message, **more}


def analyze(
    nvim: Nvim, broker: FakeBroker, command: str, *findings: dict[str, Any]
) -> dict[str, Any]:
    nvim.feed(f":{command}<CR>")
    task = broker.expect("task.submit")
    broker.send("task.done", id=task["id"], kind="analyze", model="m", findings=list(findings))
    nvim.wait_event("ZekeTaskDone")
    return task


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
    assert "app.py|4 col 1 warning| security: Unchecked sum Check it" in text
    assert nvim.lua(f"return {COUNT}", "zeke-analyze-quality") == 2
    assert nvim.lua("return vim.fn.expand('%:t')") == "app.py"
    assert nvim.lua("return vim.fn.getqflist({ title = 1 }).title") == "Zeke: app.py"
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
    nvim.wait_screen("performance: x")


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
    assert nvim.lua("return vim.fn.getqflist({ winid = 1 }).winid") == 0


def test_a_buffer_closed_meanwhile(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeAnalyze quality<CR>")
    task = broker.expect("task.submit")["id"]
    nvim.feed(":bwipeout<CR>")
    nvim.settle()
    broker.send("task.done", id=task, kind="analyze", findings=[finding("quality", 1, "x")])
    nvim.wait_screen("app.py was closed before its analysis")
