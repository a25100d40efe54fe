"""Files of an agent whose turn is stopped in the middle."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.agents.acp.around import RecordingEffects
from zeke_bridge.agents.acp.calls import Calls
from zeke_bridge.agents.acp.files import Files
from zeke_bridge.agents.acp.refusals import Refusals
from zeke_bridge.agents.acp.sdk import RequestError, schema
from zeke_bridge.agents.acp.work import StoppedError, Work
from zeke_bridge.agents.effects import Written

pytestmark = pytest.mark.anyio


async def stopped(known: Written | None) -> Any:
    """What an agent is told of a write that is stopped, when that is ``known`` of it."""
    effects, work = RecordingEffects(), Work()
    effects.hold, effects.stopped = asyncio.Event(), known
    files = Files(effects, work, Refusals(Calls()))
    wanted = schema.WriteTextFileRequest(session_id="s", path="/a", content="x")
    writing = asyncio.create_task(files.write(wanted))
    await effects.begun.wait()
    work.stop()
    return await writing


async def test_what_was_written_is_told_as_written() -> None:
    assert await stopped(Written("a", "written", "Written.")) == {}


async def test_what_was_not_is_told_as_that() -> None:
    with pytest.raises(RequestError, match="Nobody decided") as told:
        await stopped(Written("a", "undecided", "Nobody decided on it."))
    assert told.value.data == {"state": "undecided"}


async def test_where_nothing_is_known_it_was_stopped() -> None:
    with pytest.raises(StoppedError):
        await stopped(None)
