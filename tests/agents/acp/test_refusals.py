"""A tool call that failed because somebody did not want it says so, and no other one does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agents.acp.around import Around
from zeke_bridge.agents.acp.calls import Calls
from zeke_bridge.agents.acp.refusals import Need, Refusals
from zeke_bridge.agents.agent import Prompt
from zeke_bridge.agents.effects import FileText, Written
from zeke_bridge.agents.refusal import Refusal

pytestmark = pytest.mark.anyio

GO = Prompt("go")
NO = Refusal("rejected", "zero is right")
FILE = Need(path="/p/new.py")


def call(name: str, **more: Any) -> dict[str, Any]:
    return {"sessionUpdate": "tool_call", "toolCallId": name, "title": "t", **more}


def fails(name: str, **more: Any) -> dict[str, Any]:
    return {"toolCallId": name, "status": "failed", **more}


class Heard:
    """Calls and their refusals, as a desk has them."""

    def __init__(self, *begun: dict[str, Any]) -> None:
        self.calls = Calls()
        self.refusals = Refusals(self.calls)
        for one in begun:
            self.calls.hear(one)

    def of(self, update: dict[str, Any]) -> Refusal | None:
        self.calls.hear(update)
        return self.refusals.of(update)


DIFF = [{"type": "diff", "path": "/p/new.py", "oldText": None, "newText": "x"}]


@pytest.mark.parametrize(
    "said",
    [
        {"locations": [{"path": "/p/new.py"}]},
        {"content": DIFF},
        {"rawInput": {"file_path": "/p/new.py", "content": "x"}},
        {},
    ],
)
async def test_the_call_that_names_the_file(said: dict[str, Any]) -> None:
    heard = Heard(call("1", status="in_progress", **said))
    heard.refusals.add(FILE, NO)
    assert heard.of({"toolCallId": "1", "status": "in_progress"}) is None
    assert heard.of(fails("1")) == NO
    assert heard.of(fails("1")) is None


async def test_another_call_that_fails_is_not_meant() -> None:
    other = call("1", status="pending", locations=[{"path": "/p/other.py"}])
    mine = call("2", status="pending", locations=[{"path": "/p/new.py"}])
    heard = Heard(other, mine, call("3", status="pending"))
    heard.refusals.add(FILE, NO)
    assert heard.of(fails("1")) is None
    assert heard.of(fails("3")) is None
    assert heard.of(fails("2")) == NO


async def test_the_only_one_that_is_open_may_name_another_file() -> None:
    heard = Heard(call("1", locations=[{"path": "/p/other.py"}]))
    heard.refusals.add(FILE, NO)
    assert heard.of(fails("1")) is None


async def test_a_call_that_is_told_afterwards() -> None:
    heard = Heard()
    heard.refusals.add(FILE, NO)
    assert heard.of(fails("1", content=DIFF)) == NO
    assert heard.of(fails("2", content=DIFF)) is None


async def test_the_next_turn_knows_nothing_of_it() -> None:
    heard = Heard(call("1"))
    heard.refusals.add(FILE, NO)
    heard.refusals.add(FILE, NO)
    heard.refusals.turn_begins()
    assert heard.of(fails("1")) is None
    assert heard.of(fails("2", content=DIFF)) is None


async def test_what_was_allowed_after_all_failed_by_itself() -> None:
    heard = Heard(call("1"))
    heard.refusals.decided("1", NO)
    heard.refusals.decided("1", None)
    assert heard.of(fails("1")) is None


@pytest.mark.parametrize(
    ("raw", "argv", "is_it"),
    [
        ({"command": "npm test"}, ("sh", "-c", "npm test"), True),
        ({"command": "npm test"}, ("/bin/bash", "-lc", "npm test"), True),
        ({"command": "npm test"}, ("npm", "test"), True),
        ({"command": ["npm", "test"]}, ("npm", "test"), True),
        ({"command": "npm test"}, ("npm", "run"), False),
    ],
)
async def test_the_call_that_names_the_command(
    raw: Any, argv: tuple[str, ...], is_it: bool
) -> None:
    heard = Heard(call("1", kind="execute", rawInput=raw), call("2", kind="execute"))
    heard.refusals.add(Need(argv=argv), NO)
    assert heard.of(fails("1")) == (NO if is_it else None)


def last(around: Around, name: str) -> Any:
    return [one for one in around.says if one.get("toolCallId") == name][-1]


def update(**fields: Any) -> dict[str, Any]:
    return {"update": {"sessionUpdate": "tool_call_update", "toolCallId": "c", **fields}}


BEGUN = {"update": call("c", status="pending", rawInput={"path": "{cwd}/new.py"})}
LIE = {"zeke": {"state": "rejected", "reason": "a lie"}}


@pytest.mark.parametrize(
    ("steps", "meta"),
    [
        ([{"write": "new.py", "text": "x"}], {"state": "rejected", "reason": "zero is right"}),
        ([{"read": "new.py"}], {"state": "denied", "reason": "The person said no."}),
        ([{"run": ["ls"]}], {"state": "denied", "reason": "The person said no."}),
        ([{"permit": {"toolCallId": "c"}}], {"state": "denied", "reason": ""}),
        ([], None),
    ],
)
async def test_an_agent_whose_call_failed_by_us(
    around: Around, steps: list[Any], meta: Any
) -> None:
    def rejected(file: FileText) -> Written:
        return Written("new.py", "rejected", "All of it was rejected.", reason="zero is right")

    around.effects.written, around.effects.allows = rejected, False
    around.effects.deny = any("read" in step or "run" in step for step in steps)
    ended = update(status="failed", _meta=LIE)
    agent = await around.actor({"prompts": [[BEGUN, *steps, ended], [ended]]})
    await agent.prompt(GO)
    assert last(around, "c")["status"] == "failed"
    assert last(around, "c").get("_meta") == (meta and {"zeke": meta})
    await agent.prompt(GO)
    assert "_meta" not in last(around, "c")
