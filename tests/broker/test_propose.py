"""A change that the editor brings: reviewed as any other, and no model is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.reviewer import AUTO, Reviewer
from tests.fakes.street import Street
from zeke_bridge.model.task import Buffer, TaskKind, TaskRequest

pytestmark = pytest.mark.anyio


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path)


@pytest.fixture
def person(street: Street) -> Reviewer:
    return Reviewer(street, settings=AUTO)


def request(street: Street, text: str, path: str = "", buffer: Buffer | None = None) -> TaskRequest:
    cwd = str(street.project)
    return TaskRequest(
        "1", TaskKind.PROPOSE, cwd, instruction="from a chat", path=path, text=text, buffer=buffer
    )


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


async def test_nothing_to_change(person: Reviewer, street: Street) -> None:
    person.submit(request(street, "old", buffer=Buffer("old", str(street.project / "a.py"))))
    done = await person.done()
    assert (done["files"][0]["state"], done["written"]) == ("same", False)
