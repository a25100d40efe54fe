"""A turn of a conversation: what is mentioned is read with consent, and said to both sides."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model import FakeModel
from tests.fakes.street import Street
from zeke_bridge.broker.attachments.part import MOST_BYTES
from zeke_bridge.broker.session import Session
from zeke_bridge.model.exchange import Answer, ChatAsk, Piece, ToolCall
from zeke_bridge.model.task import Attachment, TaskKind, TaskRequest, Turn
from zeke_bridge.workspace import quiet_git

pytestmark = pytest.mark.anyio

ASKING = {"ghostllm": {"auto_approve_read": False}}


@pytest.fixture
def model() -> FakeModel:
    return FakeModel("Said.", "Again.")


@pytest.fixture
def street(tmp_path: Path, model: FakeModel) -> Street:
    return Street(tmp_path, model)


def submit(
    street: Street, editor: Session, *attachments: Attachment, before: tuple[Turn, ...] = ()
) -> None:
    turns = (*before, Turn("user", "What is it?", attachments))
    request = TaskRequest("1", TaskKind.CHAT, str(street.project), messages=turns)
    street.broker.submit(editor, request)


async def ask(street: Street, *attachments: Attachment, **more: Any) -> tuple[Any, Any]:
    """What was said of the mentions, and the end."""
    editor, sink = street.editor(**more)
    submit(street, editor, *attachments)
    end = await sink.until("task.done")
    return sink.named("task.context")[0]["parts"], end


def heard(model: FakeModel) -> str:
    """The last message that the model got."""
    found = model.asks[-1]
    assert isinstance(found, ChatAsk)
    return found.messages[-1].content


def file(street: Street, name: str, text: str | None = None, **more: Any) -> Attachment:
    path = street.project / name
    if text is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Attachment("file", f"@file:{name}", str(path), **more)


def states(parts: Any) -> list[tuple[str, str]]:
    return [(part["state"], part["message"]) for part in parts]


async def test_a_question_alone_is_as_it_was(street: Street, model: FakeModel) -> None:
    editor, sink = street.editor()
    submit(street, editor)
    assert (await sink.until("task.done"))["text"] == "Said."
    assert sink.named("task.context") == []
    assert heard(model) == "What is it?"


async def test_a_file_stands_before_the_question(street: Street, model: FakeModel) -> None:
    parts, end = await ask(street, file(street, "a.py", "x = 1\n", language="python"))
    assert end["text"] == "Said."
    assert heard(model) == "The file a.py (@file:a.py):\n```python\nx = 1\n```\n\nWhat is it?"
    assert parts == [
        {
            "turn": 1,
            "kind": "file",
            "label": "@file:a.py",
            "path": "a.py",
            "state": "sent",
            "tokens": 2,
            "message": "",
        }
    ]


async def test_every_message_brings_its_own(street: Street, model: FakeModel) -> None:
    editor, sink = street.editor()
    before = (Turn("user", "One?", (file(street, "a.py"),)), Turn("assistant", "Yes."))
    (street.project / "a.py").write_text("as it is now\n")
    submit(street, editor, file(street, "b.py"), before=before)
    await sink.until("task.done")
    texts = [message.content for message in model.asks[0].messages[1:]]
    assert "as it is now\n```\n\nOne?" in texts[0]
    assert texts[1] == "Yes."
    assert "The file b.py" in texts[2]
    assert [part["turn"] for part in sink.named("task.context")[0]["parts"]] == [1, 3]


async def test_lines_of_a_file(street: Street, model: FakeModel) -> None:
    file(street, "a.py", "".join(f"{number}\n" for number in range(1, 9)))
    parts, _ = await ask(street, file(street, "a.py", first=3, last=4))
    assert "lines 3-4 (@file:a.py):\n```\n3\n4\n```" in heard(model)
    assert parts[0]["tokens"] == 1


async def test_lines_that_are_not_there(street: Street, model: FakeModel) -> None:
    parts, _ = await ask(street, file(street, "a.py", first=3, last=4))
    assert states(parts) == [("failed", "There is no line 3: it has 1.")]
    assert "not shown to you" in heard(model)


async def test_the_text_of_the_editor_counts(street: Street, model: FakeModel) -> None:
    path = str(street.project / "a.py")
    given = (
        Attachment("selection", "@selection", path, 5, 6, "python", "y\nz"),
        Attachment("buffer", "@buffer", text="typed here"),
    )
    await ask(street, *given)
    said = heard(model)
    assert "The selection of a.py, lines 5-6 (@selection):\n```python\ny\nz\n```" in said
    assert "The buffer without a name (@buffer):\n```\ntyped here\n```" in said
    # What comes from a file is written down, whoever sends it.
    editor, _ = street.editor()
    [line] = (await street.shown(editor))["decisions"]
    assert (line["target"], line["result"]) == ("a.py", "shown to the model")


@pytest.mark.parametrize("text", [None, "KEY=unsaved"])
async def test_a_no_is_said_to_both_and_the_turn_goes_on(
    street: Street, model: FakeModel, text: str | None
) -> None:
    secret = file(street, ".env", "KEY=saved\n")
    kind = "file" if text is None else "buffer"
    editor, sink = street.editor()
    submit(street, editor, Attachment(kind, "@x", secret.path, text=text), file(street, "a.py"))
    asked: Any = await sink.until("consent.asked")
    editor.answer(asked["prompt"], "deny")
    assert (await sink.until("task.done"))["text"] == "Said."
    assert "KEY" not in str(model.asks)
    assert "not shown to you" in heard(model)
    parts = sink.named("task.context")[0]["parts"]
    assert [part["state"] for part in parts] == ["denied", "sent"]
    assert parts[0]["message"]


async def test_a_yes_shows_it_once(street: Street, model: FakeModel) -> None:
    editor, sink = street.editor()
    submit(street, editor, file(street, ".env", "KEY=1\n"))
    asked: Any = await sink.until("consent.asked")
    editor.answer(asked["prompt"], "once")
    await sink.until("task.done")
    assert "KEY=1" in heard(model)


async def test_what_cannot_be_shown_says_why(street: Street, model: FakeModel) -> None:
    (street.project / "noise").write_bytes(b"\xff\xfe\x00")
    (street.project / "binary").write_bytes(b"a\0b")
    big = "x" * 99 + "\n"
    parts, _ = await ask(
        street,
        file(street, "noise"),
        file(street, "binary"),
        file(street, "void", " \n"),
        file(street, "gone"),
        file(street, "big", big * 3000),
        file(street, "big", first=1, last=20),
        Attachment("buffer", "@buffer", text="a\udcff"),
    )
    assert states(parts) == [
        ("failed", "It is not UTF-8 text."),
        ("failed", "It is binary, not text."),
        ("empty", "There is no text in it."),
        ("failed", "There is no such file."),
        ("failed", "It is over 256 KiB: name lines of it, as in @file:src/a.py:1-200."),
        ("sent", ""),
        ("failed", "It is not UTF-8 text."),
    ]
    assert heard(model).count("```") == 2


async def test_a_message_takes_so_much(street: Street, model: FakeModel) -> None:
    text = "x" * MOST_BYTES
    given = [Attachment("buffer", f"@buffer:{number}", text=text) for number in range(5)]
    parts, _ = await ask(street, *given)
    assert [part["state"] for part in parts] == ["sent"] * 4 + ["failed"]
    assert parts[4]["message"] == "There is no room for it: a message takes 1 MiB of attachments."
    assert parts[4]["tokens"] == 0


async def test_few_questions_about_what_stands_in_a_list(street: Street, model: FakeModel) -> None:
    editor, sink = street.editor(settings=ASKING)
    given = []
    for number in range(5):
        path = str(street.project / f"part{number}.py")
        Path(path).write_text("x\n")
        given.append(Attachment("quickfix", "@quickfix", path, text="1: wrong"))
    submit(street, editor, *given)
    for count, choice in ((1, "once"), (2, "deny")):
        asked: Any = await sink.until("consent.asked", count)
        editor.answer(asked["prompt"], choice)
    await sink.until("task.done")
    assert len(sink.named("consent.asked")) == 2
    parts = sink.named("task.context")[0]["parts"]
    assert [part["state"] for part in parts] == ["sent"] + ["denied"] * 4
    assert "You were not asked about it" in parts[2]["message"]


def keep_here(place: Path, **more: Any) -> None:
    table = {"version": 1, "grants": [], "denies": [], "local_only": True, **more}
    (place / ".zeke-consents.json").write_text(json.dumps(table))
    (place / ".zeke-consents.json").chmod(0o600)


@pytest.mark.parametrize("text", [None, "unsaved\n"])
async def test_the_strictest_place_of_all_mentions_counts(
    street: Street, model: FakeModel, text: str | None
) -> None:
    keep_here(street.other)
    editor, sink = street.editor()
    there = Attachment("buffer", "@buffer", str(street.other / "a.py"), text=text)
    before = (Turn("user", "One?", (there,)), Turn("assistant", "Yes."))
    submit(street, editor, file(street, "a.py"), before=before)
    await sink.until("task.done")
    assert model.asks[-1].audience.local_only


async def test_without_such_a_place_it_may_go_anywhere(street: Street, model: FakeModel) -> None:
    await ask(street, file(street, "a.py"))
    assert not model.asks[-1].audience.local_only


class Reader(FakeModel):
    """Reads a file first, then says what stands there."""

    async def chat(self, ask: Any) -> AsyncGenerator[Piece, None]:
        self.asks.append(ask)
        last = ask.messages[-1]
        if last.role == "tool":
            yield Answer(last.content, self.receipt)
        else:
            call = ToolCall("1", "read_file", json.dumps({"path": "sub/x.py"}))
            yield Answer("", self.receipt, calls=(call,))


async def test_what_a_tool_read_in_such_a_place_stays_here_ever_after(tmp_path: Path) -> None:
    model = Reader()
    street = Street(tmp_path, model)
    file(street, "sub/x.py", "private\n")
    keep_here(street.project / "sub")
    editor, sink = street.editor(reviews=False)
    submit(street, editor)
    said = (await sink.until("task.done"))["text"]
    assert "private" in said
    assert [one.audience.local_only for one in model.asks] == [False, True]
    # The editor is told where that was, and says so ever after.
    update = next(one for one in sink.named("agent.update") if one["update"].get("path"))["update"]
    assert update["sessionUpdate"] == "_zeke/kept"
    turns = (Turn("user", "What is it?"), Turn("assistant", said), Turn("user", "And now?"))
    request = TaskRequest(
        "2", TaskKind.CHAT, str(street.project), messages=turns, places=(update["path"],)
    )
    street.broker.submit(editor, request)
    await sink.until("task.done", 2)
    assert all(one.audience.local_only for one in model.asks[1:])
    other = TaskRequest("3", TaskKind.CHAT, str(street.project), messages=(Turn("user", "Hi"),))
    street.broker.submit(editor, other)
    await sink.until("task.done", 3)
    assert not model.asks[4].audience.local_only


class Repository:
    """The project of the street, in a git of its own."""

    def __init__(self, street: Street) -> None:
        self.root = street.project
        shutil.rmtree(self.root / ".git")
        self.git("init", "-q")
        for name in (".env", "plans.md"):
            (self.root / name).write_text("OLD SECRET\n")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "first")

    def git(self, *arguments: str) -> None:
        person = ("-c", "user.name=n", "-c", "user.email=n@example.com")
        subprocess.run(
            ["git", *person, *arguments], cwd=self.root, check=True, capture_output=True, timeout=20
        )

    def change(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)


@pytest.fixture
def repository(street: Street, monkeypatch: pytest.MonkeyPatch) -> Repository:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    monkeypatch.setattr(quiet_git, "LIMIT_S", 30.0)
    return Repository(street)


DIFF = Attachment("diff", "@diff")


async def test_nothing_has_changed(street: Street, repository: Repository) -> None:
    parts, _ = await ask(street, DIFF)
    assert states(parts) == [("empty", "Nothing has changed since the last commit.")]


async def test_a_diff_of_what_may_be_read(
    street: Street, repository: Repository, model: FakeModel
) -> None:
    repository.change("a.py", "new\n")
    (repository.root / "b.py").unlink()
    repository.change("c.py", "one\ntwo\n")
    repository.git("add", "c.py")
    for name in (".env", "plans.md"):
        repository.change(name, "NEW SECRET\n")
    denies = [{"op": "read", "pattern": "plans.md"}]
    keep_here(repository.root, denies=denies, local_only=False)
    parts, _ = await ask(street, DIFF)
    assert heard(model) == (
        "The changes since the last commit (@diff):\n```diff\n"
        "--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,1 @@\n-old\n+new\n"
        "--- a/b.py\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-old\n"
        "--- /dev/null\n+++ b/c.py\n@@ -0,0 +1,2 @@\n+one\n+two\n"
        "```\n\nWhat is it?"
    )
    assert parts[0]["state"] == "sent"
    assert parts[0]["message"] == (
        "plans.md: The project's consent file denies plans.md; "
        "1 file is secret, protected or another project's and left out."
    )
    assert "SECRET" not in str(model.asks)


async def test_a_diff_of_nothing_but_secrets(
    street: Street, repository: Repository, model: FakeModel
) -> None:
    repository.change(".env", "NEW SECRET\n")
    parts, _ = await ask(street, DIFF)
    assert parts[0]["state"] == "failed"
    assert "left out" in parts[0]["message"]
    assert "SECRET" not in str(model.asks)


@pytest.mark.parametrize("pattern", [".git", "*"])
async def test_no_diff_of_a_repository_that_is_denied(
    street: Street, repository: Repository, model: FakeModel, pattern: str
) -> None:
    repository.change("a.py", "new\n")
    keep_here(repository.root, denies=[{"op": "read", "pattern": pattern}])
    parts, _ = await ask(street, DIFF)
    assert parts[0]["state"] == "denied"
    assert "+new" not in heard(model)


async def test_a_diff_that_is_too_long(
    street: Street, repository: Repository, model: FakeModel
) -> None:
    repository.change("a.py", "a line that is new\n" * 20_000)
    repository.change("b.py", "new\n")
    repository.git("rm", "-q", "--cached", "plans.md")
    parts, _ = await ask(street, DIFF)
    assert parts[0]["message"] == "a.py: there is no room for it."
    assert "+++ b/b.py" in heard(model)


async def test_no_repository(street: Street, model: FakeModel) -> None:
    parts, _ = await ask(street, Attachment("diff", "@diff", str(street.other)))
    assert states(parts) == [
        ("failed", "This is no git repository with a commit: there is no diff.")
    ]


async def test_an_editor_without_prompts_still_gets_an_answer(
    street: Street, model: FakeModel
) -> None:
    (street.project / ".env").write_text("KEY=1\n")
    parts, end = await ask(street, file(street, ".env"), ui=False)
    assert (parts[0]["state"], end["text"]) == ("denied", "Said.")


async def test_a_cancelled_question_is_withdrawn(street: Street, model: FakeModel) -> None:
    editor, sink = street.editor()
    submit(street, editor, file(street, ".env", "KEY=1\n"))
    await sink.until("consent.asked")
    editor.tasks.cancel("1")
    assert (await sink.until("task.failed"))["code"] == "cancelled"
    assert model.asks == []
