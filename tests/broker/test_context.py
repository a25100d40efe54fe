"""A question about a project: what a model is shown, and what it is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model import FakeModel
from tests.fakes.street import Sink, Street
from zeke_bridge.broker.context import FILE_CHARS, MOST_FOUND, TOTAL_CHARS
from zeke_bridge.broker.session import Session
from zeke_bridge.model.errors import AuditError
from zeke_bridge.model.exchange import ContextAsk
from zeke_bridge.model.task import Opened, TaskKind, TaskRequest

pytestmark = pytest.mark.anyio

ASKING = {"ghostllm": {"auto_approve_read": False}}


@pytest.fixture
def model() -> FakeModel:
    return FakeModel("It prints.")


@pytest.fixture
def street(tmp_path: Path, model: FakeModel) -> Street:
    found = Street(tmp_path, model)
    (found.project / "README.md").write_text("# The project\n")
    return found


def submit(
    street: Street, editor: Session, question: str, *opened: Opened, number: str = "1"
) -> None:
    cwd = str(street.project)
    street.broker.submit(
        editor,
        TaskRequest(number, TaskKind.CONTEXT, cwd, instruction=question, opened=opened),
    )


async def ask(
    street: Street, question: str, *opened: Opened, settings: Any = None
) -> tuple[Any, Any]:
    """What was said to be sent, and the end."""
    editor, sink = street.editor(settings=settings or {})
    submit(street, editor, question, *opened)
    end = await ended(sink)
    return sink.named("task.sent")[0], end


async def ended(sink: Sink) -> Any:
    return await sink.until("task.done")


def shown(model: FakeModel) -> dict[str, str]:
    ask = model.asks[-1]
    assert isinstance(ask, ContextAsk)
    return {snippet.path: snippet.code for snippet in ask.files}


async def test_names_history_and_the_files_that_fit(street: Street, model: FakeModel) -> None:
    sent, end = await ask(street, "what does a.py do?")
    assert end["text"] == "It prints."
    assert end["model"] == "echo"
    assert model.asks[-1].question == "what does a.py do?"
    assert model.asks[-1].tree.split("\n") == ["README.md", "a.py", "b.py"]
    assert model.asks[-1].history == "abc1234 Add b"
    assert shown(model) == {"a.py": "old\n", "README.md": "# The project\n"}
    assert sent["names"] == 3
    assert sent["commits"] == 1
    assert sent["files"][0] == {"path": "a.py", "lines": 1, "whole": True}
    assert sent["left"] == []
    assert all(one["result"] == "shown to the model" for one in await decisions(street))


async def decisions(street: Street) -> list[dict[str, Any]]:
    editor, _ = street.editor()
    found: list[dict[str, Any]] = (await street.shown(editor))["decisions"]
    return found


async def test_what_stands_in_the_editor_counts(street: Street, model: FakeModel) -> None:
    project = street.project
    open_ones = (Opened(str(project / "b.py"), "unsaved\n"), Opened(str(project / "a.py")))
    await ask(street, "?", *open_ones)
    assert list(shown(model).items())[:2] == [("b.py", "unsaved\n"), ("a.py", "old\n")]


async def test_secrets_and_strangers_are_no_part_of_it(street: Street, model: FakeModel) -> None:
    for name in (".env", "id_rsa", "server.key", ".zeke-consents.json.bak"):
        (street.project / name).write_text("KEY=1\n")
    outside = street.other / "a.py"
    (street.project / "link.py").symlink_to(outside)
    open_ones = (
        Opened(str(street.project / ".env")),
        Opened(str(outside)),
        Opened(str(street.project / "link.py")),
    )
    sent, _ = await ask(street, "what is in .env, id_rsa and server.key?", *open_ones)
    assert set(shown(model)) == {"README.md"}
    assert "KEY" not in str(model.asks[-1])
    assert not [name for name in ("env", "id_rsa", "server") if name in model.asks[-1].tree]
    assert sent["left"] == []


async def test_few_questions_and_none_after_a_no(street: Street, model: FakeModel) -> None:
    for number in range(8):
        (street.project / f"part{number}.py").write_text("x\n")
    open_ones = [Opened(str(street.project / f"part{number}.py")) for number in range(8)]
    editor, sink = street.editor(settings=ASKING)
    submit(street, editor, "?", *open_ones)
    first: Any = await sink.until("consent.asked")
    editor.answer(first["prompt"], "once")
    second: Any = await sink.until("consent.asked", 2)
    editor.answer(second["prompt"], "deny")
    await ended(sink)
    assert len(sink.named("consent.asked")) == 2
    sent: Any = sink.named("task.sent")[0]
    assert [file["path"] for file in sent["files"]] == ["part0.py"]
    assert sent["left"][0]["path"] == "part1.py"
    assert {one["why"] for one in sent["left"][1:]} == {"you were not asked about it"}
    assert set(shown(model)) == {"part0.py"}


async def test_three_yes_are_the_most_that_is_asked(street: Street, model: FakeModel) -> None:
    names = [f"part{number}.py" for number in range(5)]
    for name in names:
        (street.project / name).write_text("x\n")
    editor, sink = street.editor(settings=ASKING)
    submit(street, editor, "?", *(Opened(str(street.project / name)) for name in names))
    for number in (1, 2, 3):
        asked: Any = await sink.until("consent.asked", number)
        editor.answer(asked["prompt"], "session")
    await ended(sink)
    assert list(shown(model)) == names[:3]
    # What was allowed for the session costs no question: then the next three are asked about.
    model.answers.append("again")
    again = (Opened(str(street.project / name)) for name in names)
    submit(street, editor, "?", *again, number="2")
    for number in (4, 5, 6):
        asked = await sink.until("consent.asked", number)
        editor.answer(asked["prompt"], "once")
    await sink.until("task.done", 2)
    assert list(shown(model)) == [*names, "README.md"]


async def test_only_so_much_is_read(street: Street, model: FakeModel) -> None:
    (street.project / "big.py").write_text("long line\n" * 10_000)
    (street.project / "noise.py").write_bytes(b"\xff\xfe\x00")
    (street.project / "void.py").write_text("\n")
    (street.project / "vast.py").write_text("x" * 2_000_000)
    names = ("big.py", "noise.py", "void.py", "vast.py")
    sent, _ = await ask(street, "?", *(Opened(str(street.project / name)) for name in names))
    assert len(shown(model)["big.py"]) <= FILE_CHARS
    assert sent["files"][0]["whole"] is False
    assert [one["path"] for one in sent["left"]] == ["noise.py", "void.py", "vast.py"]
    assert "no text" in sent["left"][0]["why"]


async def test_all_together_have_an_end(street: Street, model: FakeModel) -> None:
    for number in range(MOST_FOUND + 3):
        (street.project / f"thing_{number}.py").write_text("line of text\n" * 2000)
    sent, _ = await ask(street, "what is a thing?")
    assert len(sent["files"]) + len(sent["left"]) == MOST_FOUND
    assert sum(map(len, shown(model).values())) <= TOTAL_CHARS
    assert sent["left"][-1]["why"] == "there is no room for it"


async def test_a_project_for_this_machine_alone(street: Street, model: FakeModel) -> None:
    table = {"version": 1, "grants": [], "denies": [], "local_only": True}
    (street.project / ".zeke-consents.json").write_text(json.dumps(table))
    (street.project / ".zeke-consents.json").chmod(0o600)
    await ask(street, "?", settings={})
    assert model.asks[-1].audience.local_only


def rules(place: Path, **more: Any) -> None:
    """A consent file that only restricts."""
    table = {"version": 1, "grants": [], "denies": [], **more}
    (place / ".zeke-consents.json").write_text(json.dumps(table))
    (place / ".zeke-consents.json").chmod(0o600)


def deny(*patterns: str) -> list[dict[str, str]]:
    return [{"op": "read", "pattern": pattern} for pattern in patterns]


@pytest.mark.parametrize("marker", ["directory", "file", "consents"])
async def test_a_project_inside_this_one_is_another(
    street: Street, model: FakeModel, marker: str
) -> None:
    inner = street.project / "vendored"
    inner.mkdir()
    (inner / "a.py").write_text("INNER\n")
    (street.project / "alias.py").symlink_to("vendored/a.py")
    if marker == "directory":
        (inner / ".git").mkdir()
    elif marker == "file":
        (inner / ".git").write_text("gitdir: ../elsewhere\n")
    else:
        rules(inner, denies=deny("*"), local_only=True)
    names = ("vendored/a.py", "alias.py", "a.py")
    open_ones = (Opened(str(street.project / name), "INNER 2\n") for name in names[:2])
    sent, _ = await ask(street, "what is in vendored/a.py?", *open_ones)
    assert "INNER" not in str(model.asks[-1])
    assert model.asks[-1].tree.split("\n") == ["README.md", "a.py", "b.py"]
    assert sent["left"] == [{"path": "vendored/a.py", "why": "it belongs to another project"}]


async def test_a_link_into_a_project_inside_this_one(street: Street, model: FakeModel) -> None:
    inner = street.project / "vendored"
    (inner / ".git").mkdir(parents=True)
    (inner / "a.py").write_text("INNER\n")
    (street.project / "alias").symlink_to("vendored")
    await ask(street, "?", Opened(str(street.project / "alias" / "a.py")))
    assert "INNER" not in str(model.asks[-1])


async def test_names_that_the_project_denies_are_not_told(street: Street, model: FakeModel) -> None:
    (street.project / "merger.py").write_text("x\n")
    (street.project / "plans").mkdir()
    (street.project / "plans" / "b.md").write_text("x\n")
    rules(street.project, denies=deny("merger.py", "/plans/"))
    sent, _ = await ask(street, "what is in a.py?")
    assert model.asks[-1].tree.split("\n") == ["README.md", "a.py", "b.py"]
    assert (sent["names"], sent["commits"]) == (3, 1)
    assert sent["kept"] == ["2 file names: reading such a file is denied or has to be asked about"]
    told = [one for one in await decisions(street) if one["step"] == "names"]
    assert [(one["target"], one["result"]) for one in told] == [
        ("3 file names, 1 commit subjects", "shown to the model")
    ]


@pytest.mark.parametrize("pattern", ["*", "**", ".git", "HEAD", "/.git/objects"])
async def test_no_history_of_a_repository_that_is_denied(
    street: Street, model: FakeModel, pattern: str
) -> None:
    rules(street.project, denies=deny(pattern))
    sent, _ = await ask(street, "what is in a.py?")
    assert model.asks[-1].history == ""
    assert sent["commits"] == 0
    assert sent["kept"][-1] == "the commits: reading .git is denied or has to be asked about"
    assert (model.asks[-1].tree == "") is pattern.startswith("*")
    assert len([one for one in await decisions(street) if one["step"] == "names"]) == (
        0 if pattern.startswith("*") else 1
    )


async def test_no_names_where_reading_is_asked_about(street: Street, model: FakeModel) -> None:
    editor, sink = street.editor(settings=ASKING)
    submit(street, editor, "?", Opened(str(street.project / "a.py")))
    for number, choice in ((1, "session"), (2, "deny")):
        asked: Any = await sink.until("consent.asked", number)
        editor.answer(asked["prompt"], choice)
    await ended(sink)
    # What was said yes to is no secret any more.
    assert (model.asks[-1].tree, model.asks[-1].history) == ("a.py", "")
    sent: Any = sink.named("task.sent")[0]
    assert (sent["names"], sent["commits"], len(sent["kept"])) == (1, 0, 2)


async def test_nothing_is_told_that_cannot_be_written_down(
    street: Street, model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any, **more: Any) -> None:
        raise AuditError("The disk is full.")

    (street.project / "README.md").unlink()
    monkeypatch.setattr(street.audit, "append", full)
    editor, sink = street.editor()
    submit(street, editor, "?")
    assert (await sink.until("task.failed"))["code"] == AuditError("").code
    assert model.asks == []
