"""What a person is working on is not passed over, whatever keeps their editor from telling it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.reviewer import AUTO
from zeke_bridge.agents.effects import FileText
from zeke_bridge.broker.agents.reading import unsaved
from zeke_bridge.broker.asking import Asking
from zeke_bridge.broker.attachments import Part
from zeke_bridge.model.errors import ChangedError, InputError, TimedOutError
from zeke_bridge.model.task import Attachment

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]


async def test_an_unsaved_buffer_comes_first(bench: Make) -> None:
    one = bench()
    one.texts[str(one.street.project / "a.py")] = "typed\n"
    assert await one.hands.read("a.py") == "typed\n"
    assert one.lines()[0]["result"] == "shown to the agent"


async def test_what_became_a_link_while_the_editor_was_asked_is_not_told(bench: Make) -> None:
    one = bench()
    asked, secret, place = one._asked, one.street.project / ".env", one.street.project / "a.py"
    one.texts[str(secret)] = "KEY=typed\n"

    def swapped(payload: Any) -> None:
        place.unlink()
        place.symlink_to(secret)
        asked(payload)

    one._asked = swapped
    with pytest.raises(ChangedError, match="while it was read"):
        await one.hands.read("a.py")
    assert one.lines()[0]["result"] == "changed_since"


async def test_unsaved_work_is_reviewed_whatever_a_rule_says(bench: Make) -> None:
    one = bench(settings=AUTO)
    one.texts[str(one.street.project / "a.py")] = "typed\n"
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "new\n")]))
    await one.patch()
    one.say("edit.reject")
    assert (await writing)[0].state == "rejected"
    assert (one.street.project / "a.py").read_text() == "old\n"


async def test_unsaved_work_that_cannot_be_told_is_not_passed_over(bench: Make) -> None:
    """What is on disk is neither shown for it nor written over below it."""
    one = bench(settings=AUTO)
    one.untold = "It is over 1 MiB."
    with pytest.raises(InputError, match=r"a.py has changes .* not saved.* It is over 1 MiB"):
        await one.hands.read("a.py")
    assert one.lines()[0]["result"] == "bad_input"
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "new\n")]))
    await one.patch()
    one.say("edit.reject")
    assert (await writing)[0].state == "rejected"
    assert (one.street.project / "a.py").read_text() == "old\n"


async def test_an_editor_that_waits_for_a_key_is_not_passed_over(bench: Make) -> None:
    one = bench(settings=AUTO)
    one.silent, one.session.asking = True, Asking(one.session.sink, limit=0.01)
    with pytest.raises(TimedOutError, match="may wait for a key"):
        await one.hands.read("a.py")
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "new\n")]))
    await one.patch()
    one.say("edit.reject")
    assert (await writing)[0].state == "rejected"


async def test_what_is_not_among_those_told_is_what_is_on_disk(bench: Make) -> None:
    """Neovim is not waited for a second time, until something comes from it."""
    one = bench(settings=AUTO)
    one.silent, one.session.asking = True, Asking(one.session.sink, limit=0.01)
    one.session.asking.unsaved = frozenset({str(one.street.project / "b.py")})
    assert await one.hands.read("a.py") == "old\n"
    assert one.lines()[0]["result"] == "shown to the agent"
    (written,) = await one.hands.write([FileText("a.py", "new\n")])
    assert written.state == "written"
    assert len(one.sink.named("editor.asked")) == 1
    one.session.asking.heard()
    assert await one.hands.read("a.py") == "new\n"
    assert len(one.sink.named("editor.asked")) == 2


async def test_what_is_among_those_told_is_not_passed_over(bench: Make) -> None:
    one = bench(settings=AUTO)
    project = one.street.project
    (project / "link.py").symlink_to("a.py")
    one.silent, one.session.asking = True, Asking(one.session.sink, limit=0.01)
    one.session.asking.unsaved = frozenset({str(project / "a.py")})
    for path in ("a.py", "link.py", "./gone/../a.py"):
        with pytest.raises(TimedOutError, match="may wait for a key"):
            await unsaved(one.owner, path)
    assert await unsaved(one.owner, "b.py") is None
    assert await unsaved(one.owner, "a\0.py") is None
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "new\n")]))
    await one.patch()
    one.say("edit.reject")
    assert (await writing)[0].state == "rejected"
    assert (project / "a.py").read_text() == "old\n"


async def test_an_answer_counts_whatever_was_told(bench: Make) -> None:
    one = bench(unsaved=frozenset())
    one.texts[str(one.street.project / "a.py")] = "typed\n"
    assert await one.hands.read("a.py") == "typed\n"


async def test_a_change_of_unsaved_text_that_is_not_known_any_more(bench: Make) -> None:
    one = bench(settings=AUTO)
    one.texts[str(one.street.project / "a.py")] = "typed\n"
    await one.hands.read("a.py")
    one.silent, one.session.asking = True, Asking(one.session.sink, limit=0.01)
    (written,) = await one.hands.write([FileText("a.py", "new\n")])
    assert written.state == "failed"
    assert "may wait for a key" in written.words
    assert (one.street.project / "a.py").read_text() == "old\n"


async def test_without_an_editor_the_disk_is_what_there_is(bench: Make) -> None:
    one = bench(settings=AUTO, reviews=False)
    assert await one.hands.read("a.py") == "old\n"
    (written,) = await one.hands.write([FileText("a.py", "new\n")])
    assert written.state == "written"


async def test_what_a_plugin_decrypted_is_not_taken_for_the_file(bench: Make) -> None:
    one = bench()
    path = str(one.street.project / "a.py")
    for is_file in (False, True):
        given = Attachment("buffer", "@buffer", path, text="plain\n", is_file=is_file)
        one.hands.mentioned([(given, Part("buffer", "@buffer", "sent", text="plain\n"))])
        assert (one.owner.seen.text(path) is not None) == is_file
