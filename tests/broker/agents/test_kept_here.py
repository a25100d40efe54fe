"""A consent file that keeps text on this machine, wherever it stands, and those who would send it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.street import Street
from zeke_bridge.agents.effects import ToolUse
from zeke_bridge.broker.agents.hands import Hands
from zeke_bridge.broker.agents.opening import Opening
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.agents.serving import Serving
from zeke_bridge.broker.attachments import Part
from zeke_bridge.model.action import ASSISTANT
from zeke_bridge.model.errors import DeniedError
from zeke_bridge.model.task import Attachment, TaskKind, TaskRequest, Turn

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]


def keep(where: Path) -> None:
    (where / ".zeke-consents.json").write_text(json.dumps({"version": 1, "local_only": True}))


@pytest.fixture
def inner(street: Street) -> str:
    """A file below another consent file."""
    (street.project / "sub").mkdir()
    keep(street.project / "sub")
    (street.project / "sub" / "x.py").write_text("private\n")
    return "sub/x.py"


async def test_no_agent_is_told_of_it(bench: Make, street: Street, inner: str) -> None:
    one = bench()
    absolute = str(street.project / inner)
    (street.project / "link.py").symlink_to(absolute)
    for path in (inner, absolute, "sub/../sub/x.py"):
        with pytest.raises(DeniedError, match="keeps its text on this machine"):
            await one.hands.read(path)
        with pytest.raises(DeniedError, match="keeps its text on this machine"):
            await one.hands.diagnostics(path)
    assert one.lines()[0]["result"] == "denied"
    client = Serving(street.broker.editors, str(street.project), "cursor")
    with pytest.raises(DeniedError, match="keeps its text on this machine"):
        await client.text(inner)
    assert await one.hands.read("a.py") == "old\n"


async def test_what_leads_there_by_a_link_is_not_told(
    bench: Make, street: Street, inner: str
) -> None:
    (street.project / "link.py").symlink_to(street.project / inner)
    one = bench(settings={"ghostllm": {"enable_consent": False}})
    with pytest.raises(DeniedError, match="keeps its text on this machine"):
        await one.hands.read("link.py")


async def test_nobody_is_asked_for_a_yes_that_could_not_count(bench: Make, street: Street) -> None:
    keep(street.other)
    one = bench()
    outside = str(street.other / "a.py")
    with pytest.raises(DeniedError, match="keeps its text on this machine"):
        await one.hands.read(outside)
    assert one.sink.named("consent.asked") == []
    assert one.lines()[0]["verdict"] == "deny"


async def test_a_turn_that_mentions_it_does_not_begin(
    bench: Make, street: Street, inner: str
) -> None:
    one = bench()
    opening = Opening(one.session, "")
    opening.check(one.owner.root, one.owner.subject)
    with pytest.raises(DeniedError, match="keeps its text"):
        opening.check(one.owner.root, one.owner.subject, [str(street.project / inner)])


async def test_one_above_the_project_counts(bench: Make, street: Street) -> None:
    keep(street.project.parent)
    one = bench()
    opening = Opening(one.session, "")
    with pytest.raises(DeniedError, match="keeps its text"):
        opening.check(one.owner.root, one.owner.subject)
    with pytest.raises(DeniedError, match="keeps its text"):
        Serving(street.broker.editors, str(street.project), "cursor")
    assert opening._audience(one.owner).local_only


@pytest.mark.parametrize("mentioned", [True, False])
async def test_from_then_on_the_assistant_asks_local_models_only(
    bench: Make, street: Street, inner: str, mentioned: bool
) -> None:
    one = bench()
    owner = Owner(one.session, str(street.project), ASSISTANT, "zeke", "a2", one.said.append)
    hands, opening = Hands(owner), Opening(one.session, "")
    assert await hands.read("a.py") == "old\n"
    assert not opening._audience(owner).local_only
    if mentioned:
        given = Attachment("file", "@file:x.py", str(street.project / inner))
        hands.mentioned([(given, Part("file", given.label, "sent"))])
    else:
        assert await hands.read(inner) == "private\n"
        place = str(street.project / inner)
        assert one.said[-1] == {"sessionUpdate": "_zeke/kept", "path": place}
    assert opening._audience(owner).local_only
    with pytest.raises(DeniedError, match="not called any more"):
        await hands.use_tool(ToolUse("web", "f" * 64, "post", "e" * 64, {}))


async def test_what_a_conversation_mentions_counts_as_before(
    bench: Make, street: Street, inner: str
) -> None:
    one = bench()
    attachment = Attachment("file", "@file:x.py", str(street.project / inner))
    for given, kept in (((), False), ((attachment,), True)):
        request = TaskRequest(
            "1", TaskKind.CHAT, str(street.project), messages=(Turn("user", "?", given),)
        )
        assert one.session.audience(request).local_only is kept


async def test_a_talk_that_comes_from_there_stays_here_under_another_broker(
    bench: Make, street: Street, inner: str
) -> None:
    one = bench()
    owner = Owner(one.session, str(street.project), ASSISTANT, "zeke", "a2", one.said.append)
    hands, opening = Hands(owner), Opening(one.session, "")
    hands.began([str(street.project / "a.py")])
    assert not opening._audience(owner).local_only
    hands.began([str(street.project / inner)])
    assert opening._audience(owner).local_only
