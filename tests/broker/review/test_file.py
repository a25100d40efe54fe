"""One file of a change: nothing is written but what was seen, chosen and allowed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.fakes.reviewer import Reviewer
from tests.fakes.street import Street
from zeke_bridge.broker.review import Patched, Whole
from zeke_bridge.broker.review import file as reviewing
from zeke_bridge.broker.review.base import of_buffer
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.task import Buffer
from zeke_bridge.workspace.files import Files
from zeke_bridge.workspace.patch import Patch, hunks

pytestmark = pytest.mark.anyio

OLD, NEW = "1\n2\n3\n4\n5", "1\nx\n3\n4\ny"


@pytest.fixture(autouse=True)
def five(street: Street) -> None:
    (street.project / "a.py").write_text(f"{OLD}\n")


def buffer(street: Street, text: str = OLD, **more: Any) -> Buffer:
    return Buffer(text, str(street.project / "a.py"), changedtick=3, **more)


def patched(street: Street, **more: Any) -> Patched:
    one = buffer(street, **more)
    patch = Patch(hunks(OLD.split("\n"), NEW.split("\n")))
    return Patched(one.path, of_buffer(one), patch)


def on_disk(street: Street) -> str:
    return (street.project / "a.py").read_text()


def audited(street: Street) -> list[Any]:
    lines = street.audit.recent(str(street.project), 50)
    return [(line["op"], line["verdict"], line.get("result")) for line in reversed(lines)]


def table(text: str, tick: int = 4, **more: Any) -> dict[str, Any]:
    return {"text": text, "changedtick": tick, **more}


async def test_the_diff_says_all_about_itself(person: Reviewer, street: Street) -> None:
    person.review([patched(street)])
    patch = await person.patch()
    assert patch == {
        "id": "1",
        "round": 1,
        "version": 1,
        "file": 1,
        "files": 1,
        "path": str(street.project / "a.py"),
        "name": "a.py",
        "kind": "change",
        "title": "title",
        "changedtick": 3,
        "modified": False,
        "eol": "\n",
        "hunks": [
            {"start_line": 2, "old": ["2"], "new": ["x"]},
            {"start_line": 5, "old": ["5"], "new": ["y"]},
        ],
        "conflicts": [],
        "note": "",
        "caution": "",
        "warning": "",
        "problem": "",
    }


async def test_what_is_chosen_is_asked_about_and_written(person: Reviewer, street: Street) -> None:
    person.review([patched(street)])
    await person.patch()
    person.say("edit.accept", hunks=[2], version=1, round=1)
    asked = await person.answer("once")
    assert (asked["verb"], asked["target"]) == ("write", "a.py")
    assert "-5" in asked["diff"]
    assert "-2" not in asked["diff"]
    assert on_disk(street) == f"{OLD}\n"
    assert (await person.apply())["file"] == 1
    settled = await person.settled()
    assert settled["hunks"] == [{"start_line": 5, "old": ["5"], "new": ["y"]}]
    assert (settled["state"], settled["accepted"], settled["hunks_total"]) == ("written", 1, 2)
    done = await person.done()
    assert done["written"]
    assert not done["rejected"]
    assert done["hunks"] == settled["hunks"]
    assert on_disk(street) == "1\n2\n3\n4\ny\n"


async def test_a_no_is_a_settled_file_and_no_failed_task(person: Reviewer, street: Street) -> None:
    person.review([patched(street)])
    await person.patch()
    person.say("edit.accept")
    await person.answer("deny")
    done = await person.done()
    assert [one["state"] for one in done["files"]] == ["denied"]
    assert (done["written"], done["message"], done["hunks"]) == (False, "You said no.", [])
    assert on_disk(street) == f"{OLD}\n"


@pytest.mark.parametrize("mail", ["edit.reject", "edit.accept"])
async def test_nothing_chosen_is_a_reject(person: Reviewer, street: Street, mail: str) -> None:
    person.review([patched(street)])
    await person.patch()
    person.say(mail, hunks=[])
    done = await person.done()
    assert (done["rejected"], done["written"], done["message"]) == (True, False, "Rejected.")
    assert person.sink.named("consent.asked") == []


async def test_a_hunk_that_is_not_there_ends_it(person: Reviewer, street: Street) -> None:
    person.review([patched(street)])
    await person.patch()
    person.say("edit.accept", hunks=[1, 7])
    assert "no such hunk" in (await person.done())["message"]
    assert on_disk(street) == f"{OLD}\n"


async def test_a_yes_to_an_older_diff_does_not_count(trusting: Reviewer, street: Street) -> None:
    trusting.review([patched(street)])
    await trusting.patch()
    trusting.say("edit.rebase", buffer=table(f"0\n{OLD}", modified=True))
    trusting.say("edit.accept", version=1)
    assert (await trusting.patch(2))["version"] == 2
    trusting.say("edit.accept", version=2, hunks=[1])
    await trusting.apply(modified=True)
    assert (await trusting.done())["hunks"][0]["start_line"] == 3


async def test_a_modified_buffer_is_applied_to_and_not_written(
    trusting: Reviewer, street: Street
) -> None:
    trusting.review([patched(street, modified=True)])
    assert (await trusting.patch())["modified"]
    trusting.say("edit.accept")
    await trusting.apply(modified=True)
    done = await trusting.done()
    assert (done["files"][0]["state"], done["written"]) == ("applied", False)
    assert len(done["hunks"]) == 2
    assert on_disk(street) == f"{OLD}\n"
    assert audited(street)[-1][-1] == "applied to the buffer, unsaved"


async def test_a_buffer_that_was_saved_under_the_yes_is_written(
    trusting: Reviewer, street: Street
) -> None:
    trusting.review([patched(street, modified=True)])
    await trusting.patch()
    trusting.say("edit.accept")
    await trusting.apply(modified=False)
    assert (await trusting.done())["written"]
    assert on_disk(street) == f"{NEW}\n"


async def test_a_modified_buffer_that_was_never_saved(trusting: Reviewer, street: Street) -> None:
    (street.project / "a.py").unlink()
    trusting.review([patched(street, modified=True)])
    await trusting.patch()
    trusting.say("edit.accept")
    await trusting.apply(modified=True)
    assert (await trusting.done())["files"][0]["state"] == "applied"


async def test_a_buffer_that_is_not_what_was_saved_is_looked_at_again(
    trusting: Reviewer, street: Street
) -> None:
    (street.project / "a.py").write_text("somebody else\n")
    trusting.review([patched(street, modified=True)])
    await trusting.patch()
    trusting.say("edit.accept")
    await trusting.apply(modified=False)
    changed: Any = await trusting.sink.until("task.changed")
    assert (changed["file"], changed["round"]) == (1, 1)
    (street.project / "a.py").write_text(f"{OLD}\n")
    trusting.say("edit.rebase", buffer=table(OLD))
    await trusting.patch(2)
    trusting.say("edit.accept")
    await trusting.apply(2)
    assert (await trusting.done())["written"]


async def test_a_buffer_without_a_file(person: Reviewer) -> None:
    base = of_buffer(Buffer(OLD, changedtick=1))
    person.review([Patched("", base, Patch(hunks(OLD.split("\n"), NEW.split("\n"))))])
    patch = await person.patch()
    assert (patch["path"], patch["name"]) == ("", "")
    person.say("edit.accept")
    await person.apply()
    done = await person.done()
    assert done["files"][0]["state"] == "applied"
    assert "it is no file's" in done["message"]
    assert person.sink.named("consent.asked") == []


async def test_a_buffer_that_does_not_fit_gets_a_new_diff(
    trusting: Reviewer, street: Street
) -> None:
    trusting.review([patched(street)])
    await trusting.patch()
    trusting.say("edit.accept")
    await trusting.apply(fits=False)
    trusting.say("edit.rebase", buffer=table(f"{OLD}\nmine", modified=True))
    patch = await trusting.patch(2)
    assert patch["changedtick"] == 4
    assert "changed" in patch["note"]
    assert len(patch["hunks"]) == 2
    assert on_disk(street) == f"{OLD}\n"
    assert audited(street)[-1][-1] == "not used, the buffer changed"
    trusting.say("edit.reject")
    assert (await trusting.done())["rejected"]


async def test_what_does_not_fit_waits_until_it_does_again(
    trusting: Reviewer, street: Street
) -> None:
    trusting.review([patched(street)])
    await trusting.patch()
    trusting.say("edit.rebase", buffer=table("1\nmine\n3\n4\n5", modified=True))
    patch = await trusting.patch(2)
    assert [hunk["start_line"] for hunk in patch["hunks"]] == [5]
    assert "1 of 2" in patch["note"]
    assert patch["conflicts"] == [{"start_line": 2, "old": ["2"], "new": ["x"]}]
    trusting.say("edit.rebase", buffer=table("all of it mine", 5, modified=True))
    patch = await trusting.patch(3)
    assert (patch["hunks"], len(patch["conflicts"]), patch["problem"]) == ([], 2, "")
    trusting.say("edit.accept")
    trusting.say("edit.rebase", buffer=table(OLD, 6))
    patch = await trusting.patch(4)
    assert (len(patch["hunks"]), patch["conflicts"]) == (2, [])
    trusting.say("edit.accept")
    await trusting.apply()
    await trusting.done()
    assert on_disk(street) == f"{NEW}\n"


async def test_what_did_not_fit_counts_as_not_taken(trusting: Reviewer, street: Street) -> None:
    trusting.review([patched(street)])
    await trusting.patch()
    trusting.say("edit.rebase", buffer=table("1\nmine\n3\n4\n5", modified=True))
    await trusting.patch(2)
    trusting.say("edit.accept")
    await trusting.apply(modified=True)
    [file] = (await trusting.done())["files"]
    assert (file["state"], file["accepted"], file["hunks_total"]) == ("applied", 1, 2)


@pytest.mark.parametrize("how", ["edit.reject", "edit.rebase"])
async def test_a_second_thought_withdraws_the_question(
    person: Reviewer, street: Street, how: str
) -> None:
    person.review([patched(street)])
    await person.patch()
    person.say("edit.accept")
    await person.sink.until("consent.asked")
    person.say(how, buffer=table(f"0\n{OLD}"), reason="")
    await person.sink.until("consent.closed")
    if how == "edit.rebase":
        assert (await person.patch(2))["hunks"][0]["start_line"] == 3
        person.say("edit.reject")
    assert (await person.done())["rejected"]
    assert person.sink.named("task.apply") == []
    assert on_disk(street) == f"{OLD}\n"


@pytest.mark.parametrize("how", ["edit.reject", "edit.rebase"])
async def test_a_second_thought_before_the_editor_is_ready_counts(
    trusting: Reviewer, street: Street, how: str
) -> None:
    trusting.review([patched(street)])
    await trusting.patch()
    trusting.say("edit.accept")
    await trusting.sink.until("task.apply")
    trusting.say(how, buffer=table(f"0\n{OLD}"))
    trusting.say("edit.ready", fits=True, modified=False)
    if how == "edit.rebase":
        await trusting.patch(2)
        trusting.say("edit.reject")
    assert (await trusting.done())["rejected"]
    assert on_disk(street) == f"{OLD}\n"


async def test_an_editor_that_does_not_answer(
    trusting: Reviewer, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "READY_LIMIT_S", 0.0)
    trusting.review([patched(street)])
    await trusting.patch()
    trusting.say("edit.accept")
    done = await trusting.done()
    assert done["files"][0]["state"] == "failed"
    assert "did not answer" in done["message"]
    assert on_disk(street) == f"{OLD}\n"


async def test_a_cancel_while_it_is_written_says_what_became_of_it(
    trusting: Reviewer, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "WRITING_LIMIT_S", 60.0)
    loop, started = asyncio.get_running_loop(), asyncio.Event()
    write = Files.write

    def slowly(self: Files, permit: Permit, content: bytes) -> None:
        asyncio.run_coroutine_threadsafe(cancelled(), loop).result(30)
        write(self, permit, content)

    async def cancelled() -> None:
        started.set()
        trusting.session.tasks.cancel("1")

    monkeypatch.setattr(Files, "write", slowly)
    trusting.review([patched(street)])
    await trusting.patch()
    trusting.say("edit.accept")
    await trusting.apply()
    failed = await trusting.failed()
    assert started.is_set()
    assert failed["code"] == "cancelled"
    assert [one["state"] for one in failed["settled"]] == ["written"]
    assert (await trusting.settled())["state"] == "written"
    assert on_disk(street) == f"{NEW}\n"


async def test_what_ghostwarden_will_say_of_a_file_comes_with_its_diff(person: Reviewer) -> None:
    project = person.street.project
    (project / "two.py").hardlink_to(project / "a.py")
    (project / "b.py").write_text("b\n")
    wanted = ["b.py", ".envrc", "../far.py", "a.py", ".git/hooks/post-merge", "new.py", "id_rsa"]
    person.review([Whole(path, "new\n") for path in wanted])
    await person.patch(len(wanted))
    patches = person.sink.named("task.patch")
    assert [one["caution"] for one in patches] == [
        "",
        "protected",
        "outside the project",
        "hard links",
        "protected",
        "",
        "secret",
    ]
    assert patches[2]["warning"] == "It is outside the project."
    assert patches[5]["warning"] == ""


async def test_what_it_would_deny_is_not_marked(person: Reviewer) -> None:
    person.review([Whole(".zeke-consents.json", "{}")])
    assert (await person.patch())["caution"] == ""
