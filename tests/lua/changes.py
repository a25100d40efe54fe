"""A task that proposes a change, by script: the broker's side of a review, in its own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

Hunk = dict[str, Any]


def hunk(start_line: int, old: list[str], new: list[str]) -> Hunk:
    """One hunk as it goes over the wire."""
    return {"start_line": start_line, "old": old, "new": new}


class Author:
    """One task at the broker, as the editor sees it."""

    def __init__(self, nvim: Nvim, broker: FakeBroker, keys: str) -> None:
        self.nvim, self.broker = nvim, broker
        nvim.feed(keys)
        self.task = broker.expect("task.submit")
        self.id = str(self.task["id"])
        self.version = 0
        self.round = 1
        broker.send("task.started", id=self.id, kind=self.task["kind"])

    def patch(self, *hunks: Hunk, wait: bool = True, **fields: Any) -> None:
        """Propose a file; for the buffer that was submitted unless fields say otherwise."""
        self.version += 1
        buffer = self.task.get("buffer") or {}
        given: dict[str, Any] = {
            "id": self.id,
            "round": self.round,
            "version": self.version,
            "file": 1,
            "files": 1,
            "path": buffer.get("path", ""),
            "name": buffer.get("name", ""),
            "kind": "change",
            "title": self.task.get("instruction", ""),
            "eol": "\n",
            "hunks": list(hunks),
            "note": "",
            "problem": "",
        }
        if "base" not in fields:
            given["changedtick"] = buffer.get("changedtick")
        self.broker.send("task.patch", **(given | fields))
        if wait:
            self.nvim.wait_event("ZekeTaskPatch")

    def files(self, *files: dict[str, Any]) -> None:
        """Propose a change of files that are on disk, or shall be."""
        for number, file in enumerate(files, 1):
            self.patch(*file.pop("hunks"), file=number, files=len(files), **({"base": ""} | file))

    def consent(self, file: int = 1) -> dict[str, Any]:
        """Have it accepted and allowed; what the editor says when it is to be applied."""
        self.broker.expect("edit.accept")
        self.broker.send("task.apply", id=self.id, file=file, round=self.round)
        return self.broker.expect("edit.ready")

    def settle(self, state: str, *hunks: Hunk, file: int = 1, message: str = "") -> None:
        """Say what became of a file."""
        self.broker.send(
            "task.settled",
            id=self.id,
            round=self.round,
            file=file,
            state=state,
            hunks=list(hunks),
            message=message,
            accepted=len(hunks),
            hunks_total=len(hunks),
        )
        self.nvim.wait_event("ZekeTaskSettled")

    def done(self, *rows: tuple[str, str, str]) -> None:
        """End the task; each row is a name, its state, and what is said of it."""
        files = [
            {"round": 1, "file": number, "path": name, "name": name, "state": state}
            | {"message": message, "accepted": 1, "hunks_total": 1}
            for number, (name, state, message) in enumerate(rows, 1)
        ]
        written = any(state == "written" for _, state, _ in rows)
        kind = self.task["kind"]
        self.broker.send("task.done", id=self.id, kind=kind, written=written, files=files)
        self.nvim.wait_event("ZekeTaskDone")


def new_file(path: Path, *lines: str) -> dict[str, Any]:
    """A file that is not there yet, for `Author.files`."""
    return {
        "path": str(path),
        "name": path.name,
        "kind": "create",
        "hunks": [hunk(1, [], list(lines))],
    }


def old_file(path: Path, base: str, *hunks: Hunk) -> dict[str, Any]:
    """A file that is on disk, for `Author.files`."""
    text = base.removesuffix("\n")
    return {"path": str(path), "name": path.name, "base": text, "hunks": list(hunks)}
