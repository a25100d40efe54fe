"""A tool call that ended because somebody did not want it, beside one that broke."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import asked, call, ended, text, update


def over(broker: FakeBroker, task: str, state: str, reason: str = "", **fields: Any) -> None:
    """The first call has ended so."""
    update(
        broker,
        task,
        "tool_call_update",
        toolCallId="c1",
        _meta={"zeke": {"state": state, "reason": reason}},
        **{"status": "failed", "content": [text("Error: -32001")], **fields},
    )


@pytest.mark.parametrize(
    ("state", "word"),
    [("rejected", "rejected"), ("denied", "not allowed"), ("partly", "partly taken")],
)
def test_it_reads_as_it_was(nvim: Nvim, broker: FakeBroker, state: str, word: str) -> None:
    task = asked(nvim, broker)
    call(broker, task, 1, "Write new.py")
    over(broker, task, state, "zero\x1b is right")
    nvim.wait_screen(f"▸ Write new.py  {word} · za")
    nvim.wait_screen("│ The reason: zero^[ is right")
    nvim.wait_gone("failed")
    nvim.wait_gone("-32001")
    ended(nvim, broker, task)
    nvim.feed("/Write new<CR>za")
    nvim.wait_screen("│ Error: -32001")
    nvim.wait_screen(f"▸ Write new.py  {word}")


def test_without_a_reason_there_is_none(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    call(broker, task, 1, "Write new.py")
    over(broker, task, "rejected")
    nvim.wait_screen("▸ Write new.py  rejected")
    nvim.wait_gone("│")


def test_what_goes_on_after_all_is_forgotten(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    call(broker, task, 1, "Write new.py")
    over(broker, task, "denied", "You said no.")
    nvim.wait_screen("▸ Write new.py  not allowed")
    update(broker, task, "tool_call_update", toolCallId="c1", status="in_progress")
    nvim.wait_screen("▸ Write new.py  running …")
    update(broker, task, "tool_call_update", toolCallId="c1", status="failed")
    nvim.wait_screen("▸ Write new.py  failed")


def test_a_state_of_no_known_name_is_a_failure(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    call(broker, task, 1, "Write new.py")
    over(broker, task, "other", "because")
    nvim.wait_screen("▸ Write new.py  failed")


def test_the_files_say_why(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    fields: dict[str, Any] = {"added": 0, "removed": 0}
    why = "zero is right"
    update(broker, task, "_zeke/file", path="new.py", state="rejected", reason=why, **fields)
    update(broker, task, "_zeke/file", path="b.py", state="denied", **fields)
    nvim.wait_screen("Files: 1 rejected, 1 not allowed")
    nvim.feed("gl")
    nvim.wait_screen("new.py  +0 −0  rejected: zero is right")
    nvim.wait_screen("b.py  +0 −0  not allowed")


def test_where_a_screen_reader_reads(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ ui = { plain = true } })")
    task = asked(nvim, broker)
    call(broker, task, 1, "Write new.py")
    over(broker, task, "rejected", "zero is right")
    nvim.wait_screen("> Rejected: Write new.py: zero is right")


@pytest.mark.parametrize("plain", [False, True])
def test_what_became_of_it_is_heard_after_a_stop(
    nvim: Nvim, broker: FakeBroker, plain: bool
) -> None:
    if plain:
        nvim.lua("require('zeke').setup({ ui = { plain = true } })")
    task = asked(nvim, broker)
    names = ("a.py", "b.py", "c.py")
    for number, name in enumerate(names, 1):
        call(broker, task, number, f"Edit {name}")
        nvim.wait_screen(f"Edit {name}")
    nvim.press("<C-c>")
    nvim.wait_screen("Cancelled.")
    broker.expect("task.cancel")
    update(broker, task, "tool_call_update", toolCallId="c1", status="completed")
    undecided = {"state": "undecided", "reason": ""}
    fields: dict[str, Any] = {"toolCallId": "c2", "status": "failed", "_meta": {"zeke": undecided}}
    update(broker, task, "tool_call_update", **fields)
    for name, state in (("a.py", "written"), ("b.py", "undecided")):
        update(broker, task, "_zeke/file", path=name, state=state, added=1, removed=1)
    if plain:
        nvim.wait_screen("File: b.py +1 −1 not written")
        assert not any(line.startswith(("> Done", "> Not written")) for line in nvim.lines())
        nvim.feed(":Zeke messages<CR>")
        nvim.wait_screen("Done: Edit a.py")
        nvim.wait_screen("Not written: Edit b.py")
        return
    nvim.wait_screen("▸ Edit a.py  done")
    nvim.wait_screen("▸ Edit b.py  not written")
    nvim.wait_screen("▸ Edit c.py  failed · stopped")
    nvim.wait_screen("Files: 1 written, 1 not written")
    nvim.wait_gone("done · stopped")
