"""A change that the editor brings: reviewed as any other, and no model is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.reviewer import AUTO, Reviewer
from tests.fakes.street import Street
from zeke_bridge.model.task import Buffer, Edit, TaskKind, TaskRequest

pytestmark = pytest.mark.anyio


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path)


@pytest.fixture
def person(street: Street) -> Reviewer:
    return Reviewer(street, settings=AUTO)


def request(street: Street, text: str | None = None, path: str = "", **more: Any) -> TaskRequest:
    cwd, kind = str(street.project), TaskKind.PROPOSE
    return TaskRequest("1", kind, cwd, instruction="from a chat", path=path, text=text, **more)


async def test_for_a_file_on_disk(person: Reviewer, street: Street) -> None:
    path = street.project / "a.py"
    person.submit(request(street, "old\nnew\n", str(path)))
    patch = await person.patch()
    assert (patch["name"], patch["title"]) == ("a.py", "from a chat")
    assert patch["hunks"] == [{"start_line": 2, "old": [], "new": ["new"]}]
    person.say("edit.accept", reason="not heard by anybody")
    await person.apply()
    done = await person.done()
    assert (done["written"], done["round"], "model" in done) == (True, 1, False)
    assert path.read_text() == "old\nnew\n"


async def test_for_a_file_that_is_not_there_yet(person: Reviewer, street: Street) -> None:
    path = street.project / "new" / "c.py"
    person.submit(request(street, "c", str(path)))
    assert (await person.patch())["kind"] == "create"
    person.say("edit.accept")
    await person.apply()
    await person.done()
    assert path.read_text() == "c\n"


async def test_for_a_buffer(person: Reviewer, street: Street) -> None:
    path = street.project / "a.py"
    buffer = Buffer("old\nmine", str(path), changedtick=7, modified=True)
    person.submit(request(street, "old\nyours\n", buffer=buffer))
    patch = await person.patch()
    assert patch["changedtick"] == 7
    assert patch["hunks"] == [{"start_line": 2, "old": ["mine"], "new": ["yours"]}]
    person.say("edit.accept")
    await person.apply(modified=True)
    assert (await person.done())["files"][0]["state"] == "applied"
    assert path.read_text() == "old\n"


async def test_for_a_buffer_without_a_file(person: Reviewer, street: Street) -> None:
    person.submit(request(street, "x", buffer=Buffer("")))
    assert (await person.patch())["hunks"] == [{"start_line": 1, "old": [""], "new": ["x"]}]
    person.say("edit.reject")
    assert (await person.done())["rejected"]


async def test_what_a_plugin_decrypts_is_not_written_over_its_file(
    person: Reviewer, street: Street
) -> None:
    path = street.project / "a.py"
    buffer = Buffer("plain", str(path), changedtick=7, is_file=False)
    person.submit(request(street, "new", buffer=buffer))
    assert (await person.patch())["path"] == ""
    person.say("edit.accept")
    await person.apply()
    done = await person.done()
    assert (done["files"][0]["state"], done["written"]) == ("applied", False)
    assert path.read_text() == "old\n"


async def test_nothing_to_change(person: Reviewer, street: Street) -> None:
    person.submit(request(street, "old", buffer=Buffer("old", str(street.project / "a.py"))))
    done = await person.done()
    assert (done["files"][0]["state"], done["written"]) == ("same", False)


BYTES = [
    (b"\xef\xbb\xbfa\nb\n", b"\xef\xbb\xbfa\nb\nnew\n"),
    (b"a\r\nb\nc\r\n", b"a\r\nb\nc\r\nnew\n"),
    (b"\xef\xbb\xbfa\r\nb\r\n", b"\xef\xbb\xbfa\r\nb\r\nnew\r\n"),
    (b"a\nb", b"a\nb\nnew"),
    (b"", b"new\n"),
]


@pytest.mark.parametrize(("old", "new"), BYTES)
async def test_bytes_that_are_not_meant_stay_as_they_are(
    person: Reviewer, street: Street, old: bytes, new: bytes
) -> None:
    path = street.project / "a.py"
    path.write_bytes(old)
    last = len(old.splitlines())
    edits = (Edit(last + 1, last, ("new",)),)
    person.submit(request(street, path=str(path), base=old.decode(), edits=edits))
    await person.patch()
    person.say("edit.accept")
    await person.apply()
    assert (await person.done())["written"]
    assert path.read_bytes() == new


async def test_a_file_that_was_saved_since_it_was_seen(person: Reviewer, street: Street) -> None:
    path = street.project / "a.py"
    path.write_text("mine\n1\n2\n3\n")
    edits = (Edit(2, 2, ("two",)),)
    person.submit(request(street, path=str(path), base="1\n2\n3\n", edits=edits))
    assert (await person.patch())["hunks"] == [{"start_line": 3, "old": ["2"], "new": ["two"]}]
    person.say("edit.accept")
    await person.apply()
    await person.done()
    assert path.read_text() == "mine\n1\ntwo\n3\n"


async def test_a_buffer_that_was_changed_since_it_was_seen(
    person: Reviewer, street: Street
) -> None:
    buffer = Buffer("mine\nold", str(street.project / "a.py"), changedtick=7, modified=True)
    person.submit(request(street, "code\n", buffer=buffer, base="old"))
    assert (await person.patch())["hunks"] == [{"start_line": 2, "old": ["old"], "new": ["code"]}]


async def test_a_file_that_was_made_since_nothing_was_seen(
    person: Reviewer, street: Street
) -> None:
    path = street.project / "a.py"
    person.submit(request(street, path=str(path), edits=(Edit(1, 0, ("x",)),)))
    done = await person.done()
    assert done["files"][0]["state"] == "failed"
    assert "made by somebody else" in done["message"]
    assert path.read_text() == "old\n"


async def test_what_is_no_utf_8_is_named(person: Reviewer, street: Street) -> None:
    path = street.project / "a.py"
    path.write_bytes(b"\xe9\n")
    edits = (Edit(1, 1, ("x",)),)
    person.submit(request(street, path=str(path), base="e\n", edits=edits))
    assert (await person.done())["message"].startswith("a.py is no UTF-8 text")


async def test_lines_that_are_not_there(person: Reviewer, street: Street) -> None:
    buffer = Buffer("old", str(street.project / "a.py"))
    person.submit(request(street, buffer=buffer, edits=(Edit(5, 6, ("x",)),)))
    assert "outside the text" in (await person.failed())["message"]


DIFF = "@@ -7,3 +7,3 @@\n a\n-b\n+B\n c"
BLOCK = "<<<<<<< SEARCH\nb\n=======\nB\n>>>>>>> REPLACE"


@pytest.mark.parametrize("patch", [DIFF, BLOCK])
@pytest.mark.parametrize("old", [b"a\nb\nc\n", b"\xef\xbb\xbfa\r\nb\r\nc\r\n"])
async def test_a_patch_lands_where_its_text_is(
    person: Reviewer, street: Street, patch: str, old: bytes
) -> None:
    path = street.project / "a.py"
    path.write_bytes(old)
    person.submit(request(street, path=str(path), base=old.decode(), patch=patch))
    assert (await person.patch())["hunks"] == [{"start_line": 2, "old": ["b"], "new": ["B"]}]
    person.say("edit.accept")
    await person.apply()
    assert (await person.done())["written"]
    assert path.read_bytes() == old.replace(b"b", b"B")


async def test_a_patch_of_a_buffer(person: Reviewer, street: Street) -> None:
    buffer = Buffer("mine\na\nb\nc", str(street.project / "a.py"), changedtick=7, modified=True)
    person.submit(request(street, buffer=buffer, base="a\nb\nc", patch=DIFF))
    assert (await person.patch())["hunks"] == [{"start_line": 3, "old": ["b"], "new": ["B"]}]


async def test_a_patch_that_fits_nowhere(person: Reviewer, street: Street) -> None:
    buffer = Buffer("x\ny", str(street.project / "a.py"))
    person.submit(request(street, buffer=buffer, patch=DIFF))
    assert "is not in lines 1 to 2" in (await person.failed())["message"]
