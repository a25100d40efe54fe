"""Reading and writing files for an agent, over a real gate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.reviewer import AUTO
from zeke_bridge.agents.effects import FileText
from zeke_bridge.broker.attachments import Part
from zeke_bridge.model.errors import ConsentError, DeniedError, InputError, StoreError
from zeke_bridge.model.task import Attachment

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]


async def test_it_reads_what_is_on_disk(bench: Make) -> None:
    one = bench()
    assert await one.hands.read("a.py") == "old\n"
    assert await one.hands.read(str(one.street.project / "a.py")) == "old\n"
    assert {line["subject"] for line in one.lines()} == {f"agent:codex:{'f' * 64}"}
    assert [line["result"] for line in one.lines()] == ["shown to the agent"] * 2


async def test_without_an_editor_that_answers_it_reads_the_disk(bench: Make) -> None:
    assert await bench(reviews=False).hands.read("a.py") == "old\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe", "a.py cannot be read: It is not UTF-8"), (b"x" * (1024 * 1024 + 1), "1 MiB")],
)
async def test_what_is_no_short_text_is_told(bench: Make, content: bytes, said: str) -> None:
    one = bench()
    (one.street.project / "a.py").write_bytes(content)
    with pytest.raises(InputError, match=said):
        await one.hands.read("a.py")


async def test_it_cannot_read_what_the_person_denies(bench: Make) -> None:
    one = bench()
    (one.street.project / ".env").write_text("KEY=1\n")
    reading = asyncio.create_task(one.hands.read(".env"))
    asked = await one.answer("deny")
    assert (asked["target"], asked["subject"]) == (".env", "codex (agent)")
    with pytest.raises(DeniedError):
        await reading
    with pytest.raises(StoreError):
        await one.hands.read("nothing.py")
    for path in ("", "a\0b", "/proc/self/environ", "."):
        with pytest.raises(ConsentError):
            await one.hands.read(path)


async def test_a_rule_writes_at_once(bench: Make) -> None:
    one = bench(settings=AUTO)
    wanted = [FileText("a.py", "new\nmore\n"), FileText("new/c.py", "c")]
    first, second = await one.hands.write(wanted)
    assert (first.path, first.state, first.added, first.removed) == ("a.py", "written", 2, 1)
    assert (second.path, second.state) == ("new/c.py", "written")
    assert (one.street.project / "a.py").read_text() == "new\nmore\n"
    assert (one.street.project / "new" / "c.py").read_text() == "c"
    assert one.files() == [("a.py", "written", 2, 1), ("new/c.py", "written", 1, 0)]
    assert one.sink.named("task.started") == []
    assert (await one.hands.write([FileText("a.py", "new\nmore\n")]))[0].state == "same"
    assert len(one.files()) == 2
    there, new = one.sink.named("file.written")
    assert there["path"] == str(one.street.project / "a.py")
    assert (there["name"], there["agent"], there["session"]) == ("a.py", "codex", "a1")
    assert new["path"] == str(one.street.project / "new" / "c.py")


async def test_what_cannot_be_any_more_is_not_a_no(bench: Make) -> None:
    one = bench()
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "new\n")]))
    await one.patch()
    problem = "The file was removed meanwhile. Nothing was written."
    one.say("edit.reject", problem=problem)
    (written,) = await writing
    assert (written.state, written.reason) == ("failed", problem)
    assert problem in written.words
    assert "rejected" not in written.words


async def test_what_a_person_would_be_asked_is_reviewed(bench: Make) -> None:
    one = bench()
    wanted = [FileText("a.py", "new\n"), FileText("c.py", "c\n")]
    writing = asyncio.create_task(one.hands.write(wanted))
    await one.patch(2)
    started = one.sink.named("task.started")[0]
    assert started == {
        "id": one.task, "kind": "review", "agent": "codex", "session": "a1", "task": "",
        "title": "2 files",
    }  # fmt: skip
    assert one.task.startswith("review-")
    assert (one.street.project / "a.py").read_text() == "old\n"
    one.say("edit.accept", file=1)
    asked = await one.answer("once")
    assert (asked["subject"], asked["verb"]) == ("codex (agent)", "write")
    await one.apply()
    one.say("edit.reject", file=2, reason="no c please")
    first, second = await writing
    assert (first.state, second.state) == ("written", "rejected")
    assert "no c please" in second.words
    assert (first.reason, second.reason) == ("", "no c please")
    assert (one.street.project / "a.py").read_text() == "new\n"
    assert not (one.street.project / "c.py").exists()
    assert sorted(one.files()) == [("a.py", "written", 1, 1), ("c.py", "rejected", 0, 0)]
    told = [update for update in one.said if update["sessionUpdate"] == "_zeke/file"]
    assert {update["path"]: update.get("reason") for update in told} == {
        "a.py": None,
        "c.py": "no c please",
    }
    assert (await one.done())["kind"] == "review"


async def test_part_of_a_change_is_told_as_such(bench: Make) -> None:
    one = bench()
    old = "".join(f"{number}\n" for number in range(20))
    (one.street.project / "a.py").write_text(old)
    wanted = old.replace("1\n", "one\n", 1).replace("18\n", "eighteen\n")
    writing = asyncio.create_task(one.hands.write([FileText("a.py", wanted)]))
    await one.patch()
    one.say("edit.accept", hunks=[2], reason="one is 1")
    await one.answer("once")
    await one.apply()
    (written,) = await writing
    assert (written.state, written.added, written.removed) == ("partly", 1, 1)
    assert "1 of 2 changes were accepted" in written.words
    assert "one is 1" in written.words
    assert one.files() == [("a.py", "partly", 1, 1)]


async def test_cancelled_it_withdraws_the_review_and_its_question(bench: Make) -> None:
    one = bench()
    wanted = [FileText("a.py", "new\n"), FileText("b.py", "new\n")]
    writing = asyncio.create_task(one.hands.write(wanted))
    await one.patch(2)
    one.say("edit.accept", file=1)
    await one.answer("once")
    await one.apply()
    await one.settled()
    one.say("edit.accept", file=2)
    await one.sink.until("consent.asked", 2)
    writing.cancel()
    failed = await one.failed()
    await asyncio.gather(writing, return_exceptions=True)
    assert writing.cancelled()
    assert failed["code"] == "cancelled"
    assert [entry["state"] for entry in failed["settled"]] == ["written"]
    assert one.session.waiting == 0
    assert (one.street.project / "a.py").read_text() == "new\n"
    assert (one.street.project / "b.py").read_text() == "old\n"
    assert one.files() == [("a.py", "written", 1, 1), ("b.py", "undecided", 0, 0)]


async def test_an_editor_that_is_gone_has_rejected_it(bench: Make) -> None:
    one = bench()
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "new\n")]))
    await one.patch()
    one.street.broker.close(one.session)
    assert (await writing)[0].state == "rejected"


async def test_an_editor_that_shows_no_changes_is_asked_with_the_diff(bench: Make) -> None:
    one = bench(reviews=False)
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "new\n")]))
    asked = await one.answer("deny")
    assert (asked["added"], asked["removed"]) == (1, 1)
    assert "+new" in asked["diff"]
    (written,) = await writing
    assert written.state == "denied"
    assert one.files() == [("a.py", "denied", 0, 0)]


async def test_nothing_writes_what_is_out_of_bounds(bench: Make) -> None:
    one = bench(settings=AUTO)
    wanted = [FileText(path, "x\n") for path in (".zeke-consents.json", "/proc/x", "", "a\0")]
    assert {written.state for written in await one.hands.write(wanted)} == {"denied"}


async def test_a_project_inside_is_judged_as_itself(bench: Make) -> None:
    one = bench(settings=AUTO)
    inner = one.street.project / "inner"
    (inner / ".git").mkdir(parents=True)
    (inner / "x.py").write_text("x\n")
    (inner / ".zeke-consents.json").write_text(
        '{"version": 1, "grants": [], "denies": [{"op": "read", "pattern": "x.py"}],'
        ' "local_only": false}'
    )
    with pytest.raises(DeniedError, match="consent file denies"):
        await one.hands.read("inner/x.py")


async def test_a_flood_of_reviews_has_to_wait(bench: Make) -> None:
    one = bench()
    tasks = [
        asyncio.create_task(one.hands.write([FileText(f"f{number}.py", "x\n")]))
        for number in range(9)
    ]
    await one.patch(8)
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result()[0].state for task in done] == ["denied"]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


LINES = "".join(f"line{number} = {number}\n" for number in range(20))
TYPED = LINES.replace("line5 = 5\n", "line5 = 5  # mine\n")


def typed(one: Any, text: str = TYPED) -> None:
    """The person has typed in a.py and not saved it."""
    (one.street.project / "a.py").write_text(LINES)
    one.texts[str(one.street.project / "a.py")] = text


async def begun(one: Any, text: str, count: int = 1) -> tuple[asyncio.Task[Any], Any]:
    """The agent writes a.py; what the editor is shown."""
    writing = asyncio.create_task(one.hands.write([FileText("a.py", text)]))
    return writing, await one.patch(count)


async def taken(one: Any, writing: asyncio.Task[Any], count: int = 1, **how: Any) -> Any:
    """Accepted, and applied to the buffer."""
    one.say("edit.accept", **how)
    await one.answer("once", count)
    await one.apply(count, modified=True)
    (written,) = await writing
    return written


async def test_a_change_is_one_of_the_unsaved_text_that_was_read(bench: Make) -> None:
    one = bench()
    typed(one, TYPED + "mine = 1\n")
    text = await one.hands.read("./a.py")
    writing, patch = await begun(one, text.replace("line5 = 5 ", "line5 = 55 "))
    old, new = "line5 = 5  # mine", "line5 = 55  # mine"
    assert patch["hunks"] == [{"start_line": 6, "old": [old], "new": [new]}]
    assert (patch["conflicts"], patch["note"]) == ([], "")
    assert (patch["modified"], patch["changedtick"]) == (True, 7)
    written = await taken(one, writing)
    assert (written.state, written.added, written.removed) == ("written", 1, 1)
    assert "mine = 1" not in written.words
    assert "Not taken" not in written.words
    assert (one.street.project / "a.py").read_text() == LINES
    assert one.lines()[0]["result"] == "applied to the buffer, unsaved"


async def test_a_mention_of_what_is_unsaved_is_a_reading_of_it(bench: Make) -> None:
    one = bench()
    typed(one)
    given = Attachment("buffer", "@buffer", str(one.street.project / "a.py"), text=TYPED[:-1])
    part = Part("buffer", "@buffer", "sent")
    one.hands.mentioned([(given, part), (replace(given, text="x"), replace(part, state="denied"))])
    writing, patch = await begun(one, TYPED.replace("5  # mine", "55"))
    assert [hunk["old"] for hunk in patch["hunks"]] == [["line5 = 5  # mine"]]
    assert (await taken(one, writing)).state == "written"


async def test_what_is_typed_after_it_was_read_stays(bench: Make) -> None:
    one = bench()
    typed(one)
    text = await one.hands.read("a.py")
    typed(one, TYPED + "mine = 1\n")
    writing, patch = await begun(one, text.replace("5  # mine", "55"))
    old, new = ["line5 = 5  # mine"], ["line5 = 55"]
    assert patch["hunks"] == [{"start_line": 6, "old": old, "new": new}]
    assert "mine = 1" not in (await taken(one, writing)).words


async def test_what_landed_unsaved_is_what_the_next_change_is_one_of(bench: Make) -> None:
    one = bench()
    typed(one)
    await one.hands.read("a.py")
    first = TYPED.replace("5  # mine", "55").replace("line15 = 15", "line15 = 0")
    writing, _ = await begun(one, first)
    assert (await taken(one, writing, hunks=[1])).state == "partly"
    now = TYPED.replace("5  # mine", "55")
    typed(one, now)
    writing, patch = await begun(one, now.replace("line1 = 1\n", "line1 = 0\n"), 2)
    assert [hunk["new"] for hunk in patch["hunks"]] == [["line1 = 0"]]
    await taken(one, writing, 2)
    typed(one, now.replace("line1 = 1\n", "line1 = 0\n"))
    writing, patch = await begun(one, now, 3)
    assert [hunk["new"] for hunk in patch["hunks"]] == [["line1 = 1"]]
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


async def test_what_is_saved_or_was_not_read_is_as_on_disk(bench: Make) -> None:
    one = bench()
    typed(one)
    writing, patch = await begun(one, LINES.replace("line15 = 15", "line15 = 0"))
    assert [hunk["new"] for hunk in patch["hunks"]] == [["line15 = 0"]]
    assert "base" in patch
    one.say("edit.reject")
    await writing
    await one.hands.read("a.py")
    one.texts.clear()
    (one.street.project / "a.py").write_text(TYPED)
    writing, patch = await begun(one, TYPED.replace("5  # mine", "55"), 2)
    assert [hunk["new"] for hunk in patch["hunks"]] == [["line5 = 55"]]
    assert "base" in patch
    one.say("edit.reject")
    await writing


async def test_what_it_did_not_read_is_not_told_by_a_rejected_write(bench: Make) -> None:
    one = bench()
    secret = one.street.project / "a.py"
    secret.write_text("password = 1\nkept = 2\n")
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "mine = 3\nkept = 2\n")]))
    await one.patch()
    one.say("edit.reject", reason="leave it")
    (written,) = await writing
    assert written.state == "rejected"
    assert "+mine = 3" in written.words
    assert "leave it" in written.words
    assert "password" not in written.words
    assert "kept" not in written.words
