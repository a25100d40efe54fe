"""How lines end: an agent neither sees it nor changes it, and is not told that it did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.reviewer import AUTO
from zeke_bridge.agents.effects import Declared, FileText

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]
STAY = "they stay as the file has them"
MIXED = b"a\r\nb\nkeep\r\nc\n"


def holding(one: Any, content: bytes, name: str = "a.py") -> Any:
    """The path of a file that holds just that."""
    path = one.street.project / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\xef\xbb\xbfa\r\nc\r\n", b"\xef\xbb\xbfa\r\nd\r\n"),
        (MIXED, b"a\r\nb\nkeep\r\nd\n"),
        (b"map y a\rb\nc\n", b"map y a\rb\nd\n"),
        (b"a\r\r\nc\n", b"a\r\r\nd\n"),
        (b"a\nc", b"a\nd"),
    ],
)
async def test_only_the_line_that_is_meant_is_another(bench: Make, old: bytes, new: bytes) -> None:
    one = bench(settings=AUTO)
    path = holding(one, old)
    text = await one.hands.read("a.py")
    (written,) = await one.hands.write([FileText("a.py", text.replace("c", "d"))])
    assert (written.state, written.added, written.removed) == ("written", 1, 1)
    assert path.read_bytes() == new


async def test_an_unsaved_text_and_what_landed_in_it(bench: Make) -> None:
    one = bench()
    path = str(holding(one, b"old\n"))
    one.texts[path] = MIXED.decode()
    assert await one.hands.read("a.py") == "a\nb\nkeep\nc\n"
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "a\nb\nkeep\nd\n")]))
    patch = await one.patch()
    assert patch["hunks"] == [{"start_line": 4, "old": ["c"], "new": ["d"]}]
    one.say("edit.accept")
    await one.answer("once")
    await one.apply(modified=True)
    assert (await writing)[0].state == "written"
    one.texts[path] = "a\r\nb\nkeep\r\nd\n"
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "z\nb\nkeep\nd\n")]))
    patch = await one.patch(2)
    assert patch["hunks"] == [{"start_line": 1, "old": ["a\r"], "new": ["z\r"]}]
    assert patch["conflicts"] == []
    one.say("edit.reject")
    await writing


@pytest.mark.parametrize("settings", [AUTO, {}])
@pytest.mark.parametrize(("there", "text"), [(b"a = 1", "a = 1\n"), (b"a\r\nb\r\n", "a\nb\n")])
async def test_what_stays_is_not_said_to_be_written(
    bench: Make, settings: Any, there: bytes, text: str
) -> None:
    one = bench(settings=settings)
    path = holding(one, there)
    (written,) = await one.hands.write([FileText("a.py", text)])
    assert written.state == "failed"
    assert STAY in written.words
    assert STAY in written.reason
    assert path.read_bytes() == there


async def test_nor_in_an_unsaved_text(bench: Make) -> None:
    one = bench()
    one.texts[str(holding(one, b"old\n"))] = "typed\n"
    assert await one.hands.read("a.py") == "typed\n"
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "typed")]))
    (written,) = await writing
    assert (written.path, written.state) == ("a.py", "failed")
    assert STAY in written.words


async def test_a_declared_edit_is_of_what_was_read(bench: Make) -> None:
    one = bench()
    path = holding(one, MIXED)
    edit = Declared("Change c", "edit", edits=(("a.py", "a\nb\nkeep\nc\n", "a\nb\nkeep\nd\n"),))
    asking = asyncio.create_task(one.hands.declared(edit))
    asked = await one.answer("once")
    assert (asked["verb"], asked["added"], asked["removed"]) == ("write", 1, 1)
    assert await asking
    (written,) = await one.hands.write([FileText("a.py", "a\nb\nkeep\nd\n")])
    assert written.state == "written"
    assert path.read_bytes() == b"a\r\nb\nkeep\r\nd\n"
