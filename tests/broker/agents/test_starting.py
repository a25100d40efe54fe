"""Starting an agent's own program: what stands in the question, and what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from zeke_bridge.agents.child import Launch
from zeke_bridge.broker.agents.starting import Starting
from zeke_bridge.model.action import Action
from zeke_bridge.model.errors import DeniedError
from zeke_bridge.model.permit import Permit

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]
ENVIRON = {"OPENAI_API_KEY": "k", "OTHER": "o"}


class Opened:
    """Stands for ``Processes``; remembers what was opened."""

    def __init__(self) -> None:
        self.calls: list[tuple[Action, Mapping[str, str], Any]] = []

    async def open(
        self, permit: Permit, action: Action, environment: Mapping[str, str], *, contain: Any
    ) -> Any:
        permit.take(action).close()
        self.calls.append((action, environment, contain))
        return self


def starting(one: Any, **settings: Any) -> tuple[Starting, Opened]:
    opened = Opened()
    one.session.services = replace(one.session.services, processes=opened)
    root = str(one.street.project)
    return Starting(one.session, root, one.owner.subject, ENVIRON), opened


def launch(one: Any) -> Launch:
    return Launch(
        ("echo", "agent"),
        str(one.street.project),
        pass_on=("OPENAI_API_KEY", "MISSING"),
        env=(("MODE", "acp"),),
        note="The agent Codex.",
    )


@pytest.mark.parametrize(("contain", "bounds"), [(False, "your own rights"), (True, "project")])
async def test_it_is_asked_about_as_itself(bench: Make, contain: bool, bounds: str) -> None:
    one = bench(settings={"agents": {"contain": contain}})
    start, opened = starting(one)
    task = asyncio.create_task(start(launch(one)))
    asked = await one.answer("once")
    child: Any = await task
    assert child is opened
    assert asked["subject"] == "codex (agent)"
    assert asked["note"].endswith("It gets OPENAI_API_KEY of your environment. The agent Codex.")
    assert bounds in asked["note"]
    assert any("MODE" in line for line in asked["diff"])
    ((action, environment, kept),) = opened.calls
    assert action.argv == ("echo", "agent")
    assert environment == {"OPENAI_API_KEY": "k"}
    assert (kept is not None) is contain
    assert one.lines()[0]["result"] == "started"


async def test_it_is_not_started_when_denied(bench: Make) -> None:
    one = bench()
    start, opened = starting(one)
    task = asyncio.create_task(start(launch(one)))
    await one.answer("deny")
    with pytest.raises(DeniedError):
        await task
    assert opened.calls == []
