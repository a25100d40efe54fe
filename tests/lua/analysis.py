"""What a person and a broker do about analyses, in few words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

COUNT = "#vim.diagnostic.get(0, { namespace = vim.api.nvim_create_namespace(...) })"


def finding(kind: str, line: int, message: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "line": line, "severity": "warning", "message": message, **more}


def stamp(text: str) -> str:
    """As the broker sends it of a file that it has read."""
    return hashlib.sha256(text.removesuffix("\n").encode()).hexdigest()


def analyze(
    nvim: Nvim, broker: FakeBroker, command: str, *findings: dict[str, Any]
) -> dict[str, Any]:
    nvim.feed(f":{command}<CR>")
    task = broker.expect("task.submit")
    broker.send("task.done", id=task["id"], kind="analyze", model="m", findings=list(findings))
    nvim.wait_event("ZekeTaskDone")
    return task


def open_findings(nvim: Nvim, broker: FakeBroker, *findings: dict[str, Any]) -> None:
    analyze(nvim, broker, "ZekeAnalyze", *findings)
    nvim.feed(":ZekeFindings<CR>")
    nvim.wait_for("vim.bo.buftype == 'nofile'")


def on(nvim: Nvim, text: str) -> None:
    nvim.lua("vim.fn.search(...)", text)


def changed(
    nvim: Nvim,
    broker: FakeBroker,
    files: Sequence[Path],
    *,
    left: int = 0,
    whole: bool = True,
    tasks: int | None = None,
) -> list[dict[str, Any]]:
    """Have the changed ``files`` of one directory looked at for quality; what was submitted."""
    nvim.feed(":ZekeAnalyze changed quality<CR>")
    asked = broker.expect("state.get")
    assert asked["what"] == "changed"
    names = [path.name for path in files]
    data = {
        "root": str(files[0].parent) if files else "/p",
        "files": names,
        "left": left,
        "whole": whole,
    }
    broker.send("state", reply=asked["reply"], what="changed", data=data)
    return [broker.expect("task.submit") for _ in range(len(files) if tasks is None else tasks)]
