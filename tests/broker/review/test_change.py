"""Several files at once, and round after round while the person gives reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.fakes.reviewer import Reviewer
from tests.fakes.street import Street
from zeke_bridge.broker.review import Base, Patched, Proposed, Settled, Whole
from zeke_bridge.broker.review import change as changing
from zeke_bridge.broker.review.base import of_buffer
from zeke_bridge.model.errors import NoModelError
from zeke_bridge.model.task import Buffer
from zeke_bridge.workspace.patch import Hunk, Patch

pytestmark = pytest.mark.anyio

TWO = [Whole("x/c.py", "c\n"), Whole("x/d.py", "d\n")]


class Author:
    """Proposes again by script, and keeps what it was told."""

    def __init__(self, *rounds: Sequence[Proposed] | Exception) -> None:
        self.rounds = list(rounds)
        self.told: list[Sequence[Settled]] = []
        self.texts: list[Mapping[int, Base]] = []

    async def again(
        self, settled: Sequence[Settled], texts: Mapping[int, Base]
    ) -> Sequence[Proposed]:
        self.told.append(settled)
        self.texts.append(texts)
        proposed = self.rounds.pop(0)
        if isinstance(proposed, Exception):
            raise proposed
        return proposed


def states(done: Any) -> list[tuple[int, int, str]]:
    return [(one["round"], one["file"], one["state"]) for one in done["files"]]


def patched(street: Street, text: str = "old") -> Patched:
    path = str(street.project / "a.py")
    base = of_buffer(Buffer(text, path, changedtick=1))
    return Patched(path, base, Patch((Hunk(1, (text,), ("new",)),)))


async def test_all_are_shown_before_anything_is_waited_for(person: Reviewer) -> None:
    person.review([*TWO, Whole("a.py", "new\n")])
    await person.patch(3)
    patches: Any = person.sink.named("task.patch")
    seen = [(one["file"], one["files"], one["version"], one["kind"]) for one in patches]
    assert seen == [(1, 3, 1, "create"), (2, 3, 2, "create"), (3, 3, 3, "change")]
    assert [one["name"] for one in patches] == ["x/c.py", "x/d.py", "a.py"]


async def test_files_do_not_wait_for_each_other(person: Reviewer, street: Street) -> None:
    person.review(TWO)
    await person.patch(2)
    person.say("edit.accept", file=1)
    person.say("edit.accept", file=2)
    # Both wait for GhostWarden; the second one's yes finds the directory that the first made.
    assert (await person.answer("once"))["target"] == "x/c.py"
    assert (await person.answer("once", 2))["target"] == "x/d.py"
    assert {(await person.apply())["file"], (await person.apply(2))["file"]} == {1, 2}
    done = await person.done()
    assert states(done) == [(1, 1, "written"), (1, 2, "written")]
    assert "hunks" not in done
    assert (street.project / "x" / "d.py").read_text() == "d\n"


async def test_one_no_leaves_the_others(person: Reviewer, street: Street) -> None:
    person.review([*TWO, Whole(".git/hooks/post-commit", "evil\n")])
    await person.patch(3)
    person.say("edit.accept", file=3)
    await person.answer("deny")
    await person.settled()
    person.say("edit.reject", file=2)
    await person.settled(2)
    person.say("edit.accept", file=1)
    await person.answer("once", 2)
    await person.apply()
    done = await person.done()
    assert states(done) == [(1, 1, "written"), (1, 2, "rejected"), (1, 3, "denied")]
    assert (done["written"], done["rejected"], done["message"]) == (True, False, "")
    assert not (street.project / ".git" / "hooks").exists()


async def test_what_leaves_the_project_is_not_written_without_a_yes(
    trusting: Reviewer, street: Street
) -> None:
    trusting.review([Whole("../other/c.py", "evil\n"), TWO[0]])
    await trusting.patch(2)
    trusting.say("edit.accept", file=1)
    trusting.say("edit.accept", file=2)
    await trusting.answer("deny")
    await trusting.apply()
    assert states(await trusting.done()) == [(1, 1, "denied"), (1, 2, "written")]
    assert not (street.other / "c.py").exists()


@pytest.mark.parametrize("second", ["x/c.py", "x/../x/c.py", "./x//c.py"])
async def test_a_path_counts_once(trusting: Reviewer, street: Street, second: str) -> None:
    trusting.review([TWO[0], Whole(second, "other\n")])
    assert "twice" in (await trusting.patch(2))["problem"]
    trusting.say("edit.accept", file=1)
    await trusting.apply()
    assert states(await trusting.done()) == [(1, 1, "written"), (1, 2, "failed")]
    assert (street.project / "x" / "c.py").read_text() == "c\n"


async def test_mail_for_nobody_is_dropped(trusting: Reviewer) -> None:
    trusting.review(TWO[:1])
    await trusting.patch()
    for fields in ({"file": 0}, {"file": 2}, {"file": -1}, {"round": 2}, {"file": 1, "round": 9}):
        trusting.say("edit.reject", **fields)
    trusting.say("edit.ready", fits=True)
    trusting.say("edit.text")
    trusting.say("edit.accept", file=1, round=1)
    await trusting.apply()
    assert (await trusting.done())["written"]


async def test_reasons_go_back_once_all_are_settled(trusting: Reviewer, street: Street) -> None:
    author = Author([Whole("x/d.py", "better\n")], [Whole("x/d.py", "best\n")])
    trusting.review(TWO, author.again)
    await trusting.patch(2)
    trusting.say("edit.reject", file=2, reason="  make it better ")
    await trusting.settled()
    assert author.told == []
    trusting.say("edit.accept", file=1)
    await trusting.apply()
    again = await trusting.patch(3)
    assert (again["round"], again["file"], again["files"], again["version"]) == (2, 1, 1, 3)
    assert [(one.state, one.reason) for one in author.told[0]] == [
        ("written", ""),
        ("rejected", "make it better"),
    ]
    trusting.say("edit.reject", round=1, file=1)  # late
    trusting.say("edit.reject", round=2, file=1, reason="and again")
    assert (await trusting.patch(4))["round"] == 3
    trusting.say("edit.accept", round=3)
    await trusting.apply(2)
    done = await trusting.done()
    assert done["round"] == 3
    assert states(done) == [
        (1, 1, "written"),
        (1, 2, "rejected"),
        (2, 1, "rejected"),
        (3, 1, "written"),
    ]
    assert (street.project / "x" / "d.py").read_text() == "best\n"


async def test_what_was_taken_in_part_is_what_the_author_hears(
    trusting: Reviewer, street: Street
) -> None:
    (street.project / "a.py").write_text("1\n2\n3\n4\n5\n")
    author = Author([Whole("a.py", "1\nx\n3\n4\nz\n")])
    trusting.review([Whole("a.py", "1\nx\n3\n4\ny\n")], author.again)
    await trusting.patch()
    trusting.say("edit.accept", hunks=[1], reason="not y")
    await trusting.apply()
    again = await trusting.patch(2)
    # What is there now has the first hunk in it.
    assert again["hunks"] == [{"start_line": 5, "old": ["5"], "new": ["z"]}]
    (one,) = author.told[0]
    assert [hunk.new for hunk in one.accepted.hunks] == [("x",)]
    assert [hunk.new for hunk in one.rejected.hunks] == [("y",)]
    assert trusting.sink.named("task.text") == []


async def test_a_reason_that_nobody_waits_for_ends_it(person: Reviewer) -> None:
    person.review(TWO[:1])
    await person.patch()
    person.say("edit.reject", reason="no")
    assert (await person.done())["round"] == 1


async def test_the_text_of_a_buffer_is_asked_for_afterwards(
    trusting: Reviewer, street: Street
) -> None:
    author = Author([patched(street, "mine")])
    trusting.review([patched(street), TWO[0]], author.again)
    await trusting.patch(2)
    trusting.say("edit.reject", file=1, reason="no")
    trusting.say("edit.reject", file=2)
    wanted: Any = await trusting.sink.until("task.text")
    assert wanted == {"id": "1", "round": 1, "file": 1}
    trusting.say("edit.text", file=2, buffer={"text": "of another"})
    trusting.say("edit.text", file=1, buffer={"text": "mine", "changedtick": 8, "modified": True})
    await trusting.patch(3)
    assert author.texts[0][1].lines == ("mine",)
    assert author.texts[0].keys() == {1}


async def test_a_file_that_a_buffer_has_is_compared_with_that(
    trusting: Reviewer, street: Street
) -> None:
    author = Author([Whole(str(street.project / "a.py"), "mine\nnew\n")])
    trusting.review([patched(street)], author.again)
    await trusting.patch()
    trusting.say("edit.reject", reason="no")
    await trusting.sink.until("task.text")
    trusting.say("edit.text", buffer={"text": "mine", "changedtick": 8, "modified": True})
    again = await trusting.patch(2)
    assert again["changedtick"] == 8
    assert again["hunks"] == [{"start_line": 2, "old": [], "new": ["new"]}]


async def test_where_the_buffer_is_gone_the_file_is_read(
    trusting: Reviewer, street: Street
) -> None:
    author = Author([patched(street)])
    trusting.review([patched(street)], author.again)
    await trusting.patch()
    trusting.say("edit.reject", reason="no")
    await trusting.sink.until("task.text")
    trusting.say("edit.text")
    await trusting.patch(2)
    assert author.texts[0][1].lines == ("old",)
    assert author.texts[0][1].changedtick is None


async def test_a_buffer_without_a_file_that_is_gone_is_a_sentence(trusting: Reviewer) -> None:
    base = of_buffer(Buffer("old", changedtick=1))
    one = Patched("", base, Patch((Hunk(1, ("old",), ("new",)),)))
    trusting.review([one], Author().again)
    await trusting.patch()
    trusting.say("edit.reject", reason="no")
    await trusting.sink.until("task.text")
    trusting.say("edit.text")
    assert "The buffer is gone" in (await trusting.failed())["message"]


async def test_an_editor_that_does_not_send_its_text(
    trusting: Reviewer, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "READY_LIMIT_S", 0.0)
    trusting.review([patched(street)], Author().again)
    await trusting.patch()
    trusting.say("edit.reject", reason="no")
    failed = await trusting.failed()
    assert failed["code"] == "timed_out"
    assert [one["state"] for one in failed["settled"]] == ["rejected"]


async def test_a_model_that_fails_says_what_stays(trusting: Reviewer, street: Street) -> None:
    trusting.review(TWO, Author(NoModelError("Nothing is there.")).again)
    await trusting.patch(2)
    trusting.say("edit.accept", file=1)
    await trusting.apply()
    trusting.say("edit.reject", file=2, reason="no")
    failed = await trusting.failed()
    assert (failed["code"], failed["message"]) == ("no_model", "Nothing is there.")
    assert [(one["name"], one["state"]) for one in failed["settled"]] == [
        ("x/c.py", "written"),
        ("x/d.py", "rejected"),
    ]
    assert (street.project / "x" / "c.py").exists()


async def test_a_cancel_in_the_middle_keeps_what_was_written(
    person: Reviewer, street: Street
) -> None:
    person.review(TWO)
    await person.patch(2)
    person.say("edit.accept", file=1)
    await person.answer("once")
    await person.apply()
    await person.settled()
    person.say("edit.accept", file=2)
    await person.sink.until("consent.asked", 2)
    person.session.tasks.cancel("1")
    failed = await person.failed()
    assert failed["code"] == "cancelled"
    assert [(one["file"], one["state"]) for one in failed["settled"]] == [(1, "written")]
    assert await person.sink.until("consent.closed", 2)
    assert (street.project / "x" / "c.py").exists()
    assert not (street.project / "x" / "d.py").exists()


async def test_a_name_that_hides_something_is_shown_escaped(person: Reviewer) -> None:
    person.review([Whole("a\u202eb.py", "x\n")])
    patch = await person.patch()
    assert patch["name"] == "a\\u{202e}b.py"
    assert patch["path"].endswith("a\u202eb.py")
