"""The broker as an editor meets it: a real process, a real core, a fake provider."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.editor import Editor

pytestmark = pytest.mark.anyio


async def _ask(editor: Editor, broker: Any, task: str, kind: str, **fields: Any) -> Any:
    path = broker.project / "a.py"
    editor.submit(task, kind, buffer=editor.buffer(path), **fields)
    return await editor.ended(task)


async def test_an_explanation_streams_and_says_who_gave_it(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project) as editor:
        done = await _ask(editor, broker, "1", "explain")
        assert done["event"] == "task.done", done
        streamed = "".join(one["text"] for one in editor.named("task.delta"))
        assert streamed == done["text"] != ""
        assert (done["provider"], done["model"]) == ("openai", "echo")
        assert done["usage"]["total_tokens"] > 0
        assert done["route"]["tried"]


async def test_a_conversation_keeps_its_turns(broker: Any) -> None:
    turns = [
        {"role": "user", "content": "My name is Ada."},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "ANSWER: Ada"},
    ]
    async with Editor(broker.runtime, broker.project) as editor:
        editor.submit("1", "chat", messages=turns)
        done = await editor.ended("1")
    assert done["text"] == "Ada"
    sent = [turn["content"] for turn in broker.provider.requests[-1]["messages"]]
    assert sent[1:] == [turn["content"] for turn in turns]


async def _questions(editor: Editor, tasks: range, kind: str, **fields: Any) -> None:
    for task in map(str, tasks):
        # Each another one: what is kept already is not asked for.
        turn = {"role": "user", "content": f"Question {task}"}
        editor.submit(task, kind, messages=[turn], **fields)
        done = await editor.ended(task)
        assert done["event"] == "task.done", done


async def test_a_model_that_takes_no_tools_is_offered_them_once(broker: Any) -> None:
    model, asked = "openai:toolless", broker.provider.requests
    settings = {"default_model": model}
    async with Editor(broker.runtime, broker.project, settings) as editor:
        await _questions(editor, range(5), "chat", model=model)
        assert [bool(one.get("tools")) for one in asked] == [True, *[False] * 5]
        broker.provider.script.append('{"tool": "answer", "arguments": {"text": "Ok."}}')
        editor.notify("agent.open", agent="zeke", cwd=str(broker.project), reply=1)
        opened = await editor.until("state", reply=1)
        await _questions(editor, range(5, 6), "agent", session=opened["data"]["session"])
        assert [bool(one.get("tools")) for one in asked[6:]] == [False]
        editor.notify("settings.update", settings=settings)
        await _questions(editor, range(6, 8), "chat", model=model)
        assert [bool(one.get("tools")) for one in asked[7:]] == [True, False, False]


async def test_three_analyses_are_one_call(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project) as editor:
        await _ask(editor, broker, "warm", "explain")
        before = len(broker.provider.requests)
        with broker.still():
            for kind in ("quality", "security", "performance"):
                buffer = editor.buffer(broker.project / "a.py")
                editor.submit(kind, "analyze", kinds=[kind], buffer=buffer)
        ends = [await editor.ended(kind) for kind in ("quality", "security", "performance")]
    assert [end["event"] for end in ends] == ["task.done"] * 3, ends
    assert len(broker.provider.requests) == before + 1
    for kind, end in zip(("quality", "security", "performance"), ends, strict=True):
        assert {finding["kind"] for finding in end["findings"]} == {kind}


async def _accepted(editor: Editor, task: str = "1") -> Any:
    patch = await editor.until("task.patch", id=task)
    editor.notify("edit.accept", id=task)
    return patch


async def test_an_edit_is_written_after_the_person_said_project(broker: Any) -> None:
    path = broker.project / "a.py"
    async with Editor(broker.runtime, broker.project) as editor:
        editor.submit("1", "edit", instruction="change it", buffer=editor.buffer(path))
        patch = await _accepted(editor)
        assert patch["hunks"][0]["new"] == ["# changed by the fake"]
        asked = await editor.until("consent.asked")
        assert path.read_text() == "def f():\n    return 1\n"
        assert asked["verb"] == "write"
        assert asked["target"] == "a.py"
        editor.notify("consent.answer", prompt=asked["prompt"], choice="project")
        await editor.until("task.apply")
        editor.notify("edit.ready", id="1", fits=True, modified=False)
        done = await editor.ended("1")
        assert done["written"], done
        assert path.read_text() == "# changed by the fake\ndef f():\n    return 1\n"
        kept = json.loads((broker.project / ".zeke-consents.json").read_text())
        assert [(one["op"], one["target"]) for one in kept["grants"]] == [("write", "a.py")]

        # The second edit needs no prompt.
        editor.submit("2", "edit", instruction="again", buffer=editor.buffer(path))
        await _accepted(editor, "2")
        await editor.until("task.apply", id="2")
        editor.notify("edit.ready", id="2", fits=True, modified=False)
        assert (await editor.ended("2"))["written"]
        assert len(editor.named("consent.asked")) == 1


async def test_a_denied_edit_changes_nothing(broker: Any) -> None:
    path = broker.project / "a.py"
    before = path.read_bytes()
    async with Editor(broker.runtime, broker.project) as editor:
        editor.submit("1", "edit", instruction="x", buffer=editor.buffer(path))
        await _accepted(editor)
        asked = await editor.until("consent.asked")
        editor.notify("consent.answer", prompt=asked["prompt"], choice="deny")
        done = await editor.ended("1")
    assert [one["state"] for one in done["files"]] == ["denied"]
    assert not done["written"]
    assert path.read_bytes() == before


async def test_a_modified_buffer_is_not_written(broker: Any) -> None:
    path = broker.project / "a.py"
    async with Editor(broker.runtime, broker.project) as editor:
        buffer = editor.buffer(path, text="def f():\n    return 2", modified=True)
        editor.submit("1", "edit", instruction="x", buffer=buffer)
        await _accepted(editor)
        asked = await editor.until("consent.asked")
        editor.notify("consent.answer", prompt=asked["prompt"], choice="once")
        await editor.until("task.apply")
        editor.notify("edit.ready", id="1", fits=True, modified=True)
        done = await editor.ended("1")
    assert not done["written"]
    assert done["hunks"]
    assert path.read_text() == "def f():\n    return 1\n"


async def test_a_file_that_moved_under_the_prompt_is_left_alone(broker: Any) -> None:
    path = broker.project / "a.py"
    async with Editor(broker.runtime, broker.project) as editor:
        editor.submit("1", "edit", instruction="x", buffer=editor.buffer(path))
        await _accepted(editor)
        asked = await editor.until("consent.asked")
        theirs = f"{path.read_text()}theirs = 1\n"
        path.write_text(theirs)
        editor.notify("consent.answer", prompt=asked["prompt"], choice="once")
        await editor.until("task.apply")
        editor.notify("edit.ready", id="1", fits=True, modified=False)
        assert "changed" in (await editor.until("task.changed"))["message"]
        fresh = editor.buffer(path, text=theirs.rstrip("\n"), changedtick=9)
        editor.notify("edit.rebase", id="1", buffer=fresh)
        await _accepted(editor)
        # Another text, another question.
        assert (await editor.until("consent.asked"))["prompt"] != asked["prompt"]
        editor.notify("task.cancel", id="1")
        await editor.ended("1")
    assert path.read_text() == theirs


async def test_a_changed_buffer_gets_a_new_diff(broker: Any) -> None:
    path = broker.project / "a.py"
    async with Editor(broker.runtime, broker.project) as editor:
        editor.submit("1", "edit", instruction="x", buffer=editor.buffer(path))
        await editor.until("task.patch")
        text = "def f():\n    return 1\n\nnew = 2"
        fresh = editor.buffer(path, text=text, changedtick=9, end_line=2, modified=True)
        editor.notify("edit.rebase", id="1", buffer=fresh)
        again = await editor.until("task.patch")
        assert again["changedtick"] == 9
        assert "changed" in again["note"]
        editor.notify("edit.reject", id="1")
        done = await editor.ended("1")
    assert done["rejected"]


async def test_files_are_created_one_by_one(broker: Any) -> None:
    answer = json.dumps(
        {
            "files": [
                {"path": "x/b.py", "content": "b = 1"},
                {"path": ".git/hooks/post-commit", "content": "evil"},
            ]
        }
    )
    async with Editor(broker.runtime, broker.project) as editor:
        editor.submit("1", "create", instruction=f"ANSWER: {answer}")
        for name in ("x/b.py", ".git/hooks/post-commit"):
            assert (await editor.until("task.patch", "task.failed"))["name"] == name
        for file, choice, then in ((1, "once", "task.apply"), (2, "deny", "task.settled")):
            editor.notify("edit.accept", id="1", file=file)
            asked = await editor.until("consent.asked")
            editor.notify("consent.answer", prompt=asked["prompt"], choice=choice)
            await editor.until(then, file=file)
        editor.notify("edit.ready", id="1", file=1, fits=True, modified=False)
        done = await editor.ended("1")
    assert [one["state"] for one in done["files"]] == ["written", "denied"]
    assert (broker.project / "x/b.py").read_text() == "b = 1\n"
    assert not (broker.project / ".git/hooks/post-commit").exists()


async def test_a_reason_is_a_second_round(broker: Any) -> None:
    path = broker.project / "a.py"
    async with Editor(broker.runtime, broker.project) as editor:
        editor.submit("1", "edit", instruction="change it", buffer=editor.buffer(path))
        await editor.until("task.patch")
        editor.notify("edit.reject", id="1", file=1, round=1, reason="not that way")
        await editor.until("task.text")
        editor.notify("edit.text", id="1", file=1, buffer=editor.buffer(path, changedtick=2))
        again = await editor.until("task.patch", "task.failed")
        assert again.get("round") == 2, again
        editor.notify("edit.reject", id="1", round=2)
        assert (await editor.ended("1"))["round"] == 2
    assert "The reason: not that way" in json.dumps(broker.provider.requests[-1])


async def test_the_editors_own_change_asks_no_model(broker: Any) -> None:
    path = broker.project / "a.py"
    async with Editor(broker.runtime, broker.project) as editor:
        before = len(broker.provider.requests)
        editor.submit("1", "propose", text="new = 1\n", path=str(path))
        await _accepted(editor)
        asked = await editor.until("consent.asked")
        editor.notify("consent.answer", prompt=asked["prompt"], choice="once")
        await editor.until("task.apply")
        editor.notify("edit.ready", id="1", fits=True, modified=False)
        assert (await editor.ended("1"))["written"]
    assert path.read_text() == "new = 1\n"
    assert len(broker.provider.requests) == before


async def test_a_secret_is_not_shown_without_a_yes(broker: Any) -> None:
    secret = broker.project / ".env"
    secret.write_text("KEY=hunter2\n")
    async with Editor(broker.runtime, broker.project) as editor:
        editor.submit("1", "explain", buffer=editor.buffer(secret))
        asked = await editor.until("consent.asked")
        assert asked["choices"] == ["once", "deny"]
        editor.notify("consent.answer", prompt=asked["prompt"], choice="deny")
        assert (await editor.ended("1"))["code"] == "denied"
    assert "hunter2" not in json.dumps(broker.provider.requests)


async def test_cancelling_reaches_the_provider(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project) as editor:
        buffer = editor.buffer(broker.project / "a.py")
        editor.submit("1", "explain", model="openai:hang", buffer=buffer)
        await broker.provider.until(broker.provider.held)
        editor.notify("task.cancel", id="1")
        assert (await editor.ended("1"))["code"] == "cancelled"


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("refuse401", "auth_failed"),
        ("limit429", "rate_limited"),
        ("boom500", "provider_failed"),
        ("html", "bad_answer"),
        ("garbage", "bad_answer"),
        ("half", "bad_answer"),
        ("reset", "unreachable"),
    ],
)
async def test_a_failing_provider_is_a_sentence(broker: Any, model: str, code: str) -> None:
    async with Editor(broker.runtime, broker.project) as editor:
        failed = await _ask(editor, broker, "1", "explain", model=f"openai:{model}")
    assert failed["code"] == code, failed
    assert 0 < len(failed["message"]) < 300
    assert "Traceback" not in failed["message"]


async def test_an_unknown_model_is_named(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project) as editor:
        failed = await _ask(editor, broker, "1", "explain", model="openai:nobody")
    assert failed["code"] == "unknown_model"


async def test_nothing_goes_without_the_token(broker: Any) -> None:
    editor = Editor(broker.runtime, broker.project)
    await editor.connect()
    editor.submit("1", "chat", messages=[{"role": "user", "content": "hi"}])
    assert "hello" in (await editor.until("task.failed"))["message"]
    editor.hello(token="0" * 64)
    refused = await editor.until("broker.refused")
    assert not refused["restart"]
    assert broker.provider.requests == []
    await editor.close()


async def test_settings_with_a_mistake_are_refused(broker: Any) -> None:
    editor = Editor(broker.runtime, broker.project, {"default_modle": "x"})
    await editor.connect()
    editor.hello()
    refused = await editor.until("broker.refused")
    assert "default_model" in refused["message"]
    await editor.close()


async def test_a_newer_editor_sends_an_old_broker_home(broker: Any) -> None:
    editor = Editor(broker.runtime, broker.project)
    await editor.connect()
    editor.hello(version="99.0.0")
    assert (await editor.until("broker.refused"))["restart"]
    assert not (broker.runtime / "broker.sock").exists()
    await editor.closed()
    broker.start()


async def test_bytes_that_are_no_rpc_end_the_connection_only(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project) as good:
        bad = Editor(broker.runtime, broker.project)
        await bad.connect()
        bad.send(b"\xc1\xc1\xc1")
        await bad.closed()
        assert (await _ask(good, broker, "1", "explain"))["event"] == "task.done"


async def test_a_killed_broker_is_replaced(broker: Any) -> None:
    first = broker.pid()
    editor = Editor(broker.runtime, broker.project)
    await editor.connect()
    broker.kill(signal.SIGKILL)
    await editor.closed()
    broker.start()
    assert broker.pid() != first
    async with Editor(broker.runtime, broker.project) as again:
        assert (await _ask(again, broker, "1", "explain"))["event"] == "task.done"


async def test_an_editor_that_leaves_frees_the_provider(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project) as editor:
        buffer = editor.buffer(broker.project / "a.py")
        editor.submit("1", "explain", model="openai:hang", buffer=buffer)
        await broker.provider.until(broker.provider.held)
    async with Editor(broker.runtime, broker.project) as editor:
        editor.notify("state.get", what="status", reply=7)
        status = await editor.until("state", reply=7)
        assert status["data"]["broker"]["tasks"] == 0


async def test_the_state_of_everything_can_be_asked(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project) as editor:
        for number, what in enumerate(("status", "models", "consents", "health", "tasks")):
            editor.notify("state.get", what=what, reply=number)
            state = await editor.until("state", reply=number)
            assert state["what"] == what
            assert "error" not in state, state
        editor.notify("state.get", what="weather", reply=99)
        assert "weather" in (await editor.until("state", reply=99))["error"]["message"]


async def test_two_editors_share_one_window(broker: Any) -> None:
    async with (
        Editor(broker.runtime, broker.project) as one,
        Editor(broker.runtime, broker.project) as two,
    ):
        await _ask(one, broker, "warm", "explain")
        before = len(broker.provider.requests)
        with broker.still():
            for editor, kind in ((one, "quality"), (two, "security")):
                buffer = editor.buffer(broker.project / "a.py")
                editor.submit("1", "analyze", kinds=[kind], buffer=buffer)
        ends = await asyncio.gather(one.ended("1"), two.ended("1"))
        assert {end["event"] for end in ends} == {"task.done"}
        assert len(broker.provider.requests) == before + 1


def test_the_command_line_sees_it(broker: Any, tmp_path: Path) -> None:
    status = broker.zeke("broker", "status")
    assert status.returncode == 0, status.stderr
    assert str(broker.runtime / "broker.sock") in status.stdout
    doctor = broker.zeke("doctor")
    assert "openai: healthy" in doctor.stdout, doctor.stdout
    assert broker.zeke("broker", "stop").stdout == "Stopped.\n"
    assert broker.zeke("broker", "status").returncode == 1
    log = [json.loads(line) for line in (broker.state / "broker.log").read_text().splitlines()]
    assert log[-1]["message"] == "stopping"
    assert (broker.state / "broker.log").stat().st_mode & 0o077 == 0
