"""What the broker says is a ``User`` event with its data, whatever it is; ``zeke-events-list``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

ROOT = Path(__file__).resolve().parents[2]
LISTED = re.findall(
    r'\{ "([a-z.]+)", "[^"]*", "([^"]*)" \}', (ROOT / "tools/help/events.lua").read_text()
)
# Said by the front itself: its own tests hear them.
OURS = {"model.changed"}
# Of the right type where ours would stumble over another one; the rest is just a number.
WHATEVER = {"ready": True, "message": "It is so.", "level": "info", "text": "abc", "tasks": 0}


def pattern(name: str) -> str:
    return "Zeke" + re.sub("[^A-Za-z]", "", re.sub(r"\b[a-z]", lambda one: one[0].upper(), name))


def task(nvim: Nvim, broker: FakeBroker) -> str:
    nvim.feed(":ZekeExplain<CR>")
    return str(broker.expect("task.submit")["id"])


@pytest.mark.parametrize(("name", "fields"), [one for one in LISTED if one[0] not in OURS])
def test_each_event_comes_with_its_data(
    nvim: Nvim, broker: FakeBroker, name: str, fields: str
) -> None:
    running = task(nvim, broker)
    words = re.findall(r"[a-z_]+", fields.split(", and ", maxsplit=1)[0])
    data: dict[str, Any] = {word: WHATEVER.get(word, 1) for word in words}
    data |= {"more": {"kept": [1, 2]}}
    if name.startswith("task."):
        data["id"] = running
    broker.send(name, **data)
    heard = nvim.wait_event(pattern(name))
    while "more" not in heard:  # of its own greeting, not of this
        heard = nvim.wait_event(pattern(name))
    assert heard == data


def test_there_are_as_many_as_the_help_lists() -> None:
    text = (ROOT / "doc/zeke.txt").read_text()
    part = text.partition("*zeke-events-list*")[2].partition("*zeke-")[0]
    assert set(re.findall(r"^    (Zeke\w+)", part, re.M)) >= {pattern(name) for name, _ in LISTED}
    assert len(LISTED) > 20


def test_null_is_nothing(nvim: Nvim, broker: FakeBroker) -> None:
    task(nvim, broker)
    broker.send("notice", level="info", message="It is so.", reason=None, more=[{"x": None}])
    heard = nvim.wait_event("ZekeNotice")
    assert heard["message"] == "It is so."
    assert "reason" not in heard
    assert not heard["more"][0]


def test_of_a_task_that_has_ended_nothing_is_heard(nvim: Nvim, broker: FakeBroker) -> None:
    running = task(nvim, broker)
    broker.send("task.done", id=running, kind="explain", text="x")
    nvim.wait_event("ZekeTaskDone")
    broker.send("task.delta", id=running, text="late")
    broker.send("notice", level="info", message="It is so.")
    nvim.wait_event("ZekeNotice")
    assert not [name for name, _ in nvim.events if name == "ZekeTaskDelta"]


def test_an_autocommand_of_the_person_that_fails_breaks_nothing(
    nvim: Nvim, broker: FakeBroker
) -> None:
    running = task(nvim, broker)
    nvim.lua(
        "vim.api.nvim_create_autocmd('User', { pattern = 'ZekeTaskDelta',"
        " callback = function() error('mine') end })"
    )
    broker.send("task.delta", id=running, text="Hello there.")
    broker.send("task.done", id=running, kind="explain", text="Hello there.")
    nvim.wait_screen("Press ENTER")  # Neovim's own words about it
    nvim.feed("<CR>")
    nvim.wait_event("ZekeTaskDone")
    nvim.wait_screen("Hello there.")


def test_what_the_front_says_itself(nvim: Nvim, broker: FakeBroker) -> None:
    task(nvim, broker)
    broker.states["models"] = {"models": [{"id": "openai:m-1", "provider": "openai"}]}
    nvim.feed(":ZekeSetModel openai:m-1<CR>")
    assert nvim.wait_event("ZekeModelChanged")["model"] == "openai:m-1"
