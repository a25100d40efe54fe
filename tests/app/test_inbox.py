"""Consent as editors meet it over the wire: a real broker process, several connections."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.fakes.editor import Editor

pytestmark = pytest.mark.anyio


def _secret(editor: Editor, broker: Any, task: str, name: str, kind: str = "explain") -> None:
    """Want a file to be shown to the model that is asked about each time."""
    path = str(broker.project / name)
    buffer = {"text": f"hunter2 {name}", "path": path, "start_line": 1, "end_line": 1}
    editor.submit(task, kind, kinds=["quality"], buffer=buffer)


async def _asked(editor: Editor, broker: Any, *names: str) -> Any:
    """Want these; the first prompt."""
    for name in names:
        _secret(editor, broker, name, name)
    return await editor.until("consent.asked")


async def _waiting(editor: Editor, count: int) -> Any:
    """The list, once it has ``count`` entries."""
    while True:
        news = len(editor.named("consent.changed"))
        if len(found := (await editor.consents())["waiting"]) == count:
            return found
        # What came while it was asked for may not be in it.
        if len(editor.named("consent.changed")) == news:
            await editor.until("consent.changed")


async def test_several_are_answered_from_the_list(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project) as editor:
        await _asked(editor, broker, "a.pem", "b.pem", "c.pem")
        waiting = await _waiting(editor, 3)
        assert [one["target"] for one in waiting] == ["a.pem", "b.pem", "c.pem"]
        assert [one["shown"] for one in waiting] == [True, False, False]
        ids = [one["prompt"] for one in waiting]
        editor.notify("consent.answer", prompts=[*ids[:2], "unknown"], choice="deny")
        assert (await editor.until("consent.closed"))["prompt"] == ids[0]
        assert "ended already" in (await editor.until("notice"))["message"]
        for name in ("a.pem", "b.pem"):
            assert (await editor.ended(name))["code"] == "denied"
        shown = editor.named("consent.asked")
        assert [one["target"] for one in shown] == ["a.pem", "c.pem"]
        # Told again, told for something that was not offered, told nonsense.
        editor.notify("consent.answer", prompts=ids[:2], choice="once")
        editor.notify("consent.answer", prompts=ids[2:], choice="project")
        editor.notify("consent.answer", prompts=ids[2:], choice="yes")
        editor.notify("consent.answer", prompt=ids[0], choice="once")
        assert [one["prompt"] for one in await _waiting(editor, 1)] == ids[2:]
        editor.notify("consent.answer", prompts=ids[2:], choice="once")
        assert (await editor.ended("c.pem"))["event"] == "task.done"
        state = await editor.consents()
        assert [one["verdict"] for one in state["decisions"]] == ["allow", "deny", "deny"]
        assert state["decisions"][0]["why"]
        assert state["decisions"][0]["result"]
    assert "hunter2 a.pem" not in json.dumps(broker.provider.requests)


async def test_denied_from_another_editor_of_the_project(broker: Any) -> None:
    async with (
        Editor(broker.runtime, broker.project) as one,
        Editor(broker.runtime, broker.project) as two,
    ):
        asked = await _asked(one, broker, "a.pem")
        (waiting,) = await _waiting(two, 1)
        assert (waiting["prompt"], waiting["here"]) == (asked["prompt"], False)
        two.notify("consent.answer", prompts=[asked["prompt"]], choice="once")
        assert "another Neovim" in (await two.until("notice"))["message"]
        two.notify("consent.answer", prompt=asked["prompt"], choice="once")
        two.notify("consent.answer", prompts=[asked["prompt"]], choice="deny")
        assert (await one.ended("a.pem"))["code"] == "denied"
        assert [one["outcome"] for one in one.named("consent.closed")] == ["deny"]
        assert one.named("status.changed")[-1]["waiting"] == 0
        assert await _waiting(two, 0) == []


async def test_a_script_asks_in_the_editor_of_its_project(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project, ui=False) as script:
        _secret(script, broker, "1", "a.pem")
        assert "nobody to ask" in (await script.ended("1"))["message"]
        async with Editor(broker.runtime, broker.project) as editor:
            _secret(script, broker, "2", "a.pem")
            asked = await editor.until("consent.asked")
            script.notify("consent.answer", prompt=asked["prompt"], choice="once")
            script.notify("consent.answer", prompts=[asked["prompt"]], choice="once")
            await script.until("notice")
            editor.notify("consent.answer", prompt=asked["prompt"], choice="once")
            assert (await script.ended("2"))["event"] == "task.done"
            _secret(script, broker, "3", "a.pem")
            await editor.until("consent.asked")
        assert (await script.ended("3"))["code"] == "denied"
        assert script.named("consent.asked") == []


async def test_three_hundred_requests_in_a_second(broker: Any) -> None:
    async with (
        Editor(broker.runtime, broker.project) as wild,
        Editor(broker.runtime, broker.project) as calm,
    ):
        for number in range(300):
            _secret(wild, broker, str(number), f"{number}.pem")
        asked = await _asked(calm, broker, "calm.pem")
        calm.notify("consent.answer", prompt=asked["prompt"], choice="once")
        assert (await calm.ended("calm.pem"))["event"] == "task.done"
        refused = [await wild.ended(str(number)) for number in range(8, 300)]
        assert {one["code"] for one in refused} <= {"busy", "bad_input"}
        assert len(await _waiting(wild, 8)) == 8
        assert len(wild.named("consent.asked")) == 1
        ids = [one["prompt"] for one in (await wild.consents())["waiting"]]
        wild.notify("consent.answer", prompts=ids, choice="deny")
        for number in range(8):
            assert (await wild.ended(str(number)))["code"] == "denied"
        assert len(wild.named("consent.asked")) == 1


async def test_an_editor_that_leaves_with_its_question(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project) as near:
        async with Editor(broker.runtime, broker.project) as editor:
            await _asked(editor, broker, "a.pem", "b.pem")
            await _waiting(near, 2)
        await _waiting(near, 0)
        decisions = (await near.consents())["decisions"]
        assert {(one["verdict"], one["target"]) for one in decisions} == {
            ("deny", "a.pem"),
            ("deny", "b.pem"),
        }


async def test_a_project_closed_while_the_prompt_is_open(broker: Any) -> None:
    table = {"version": 1, "grants": [], "denies": [], "local_only": True}
    async with Editor(broker.runtime, broker.project) as editor:
        for kind in ("explain", "analyze"):
            (broker.project / ".zeke-consents.json").unlink(missing_ok=True)
            _secret(editor, broker, kind, "a.pem", kind)
            asked = await editor.until("consent.asked")
            (broker.project / ".zeke-consents.json").write_text(json.dumps(table))
            editor.notify("consent.answer", prompt=asked["prompt"], choice="once")
            assert (await editor.ended(kind))["event"] == "task.failed"
    assert "hunter2" not in json.dumps(broker.provider.requests)


async def _edit(editor: Editor, broker: Any, task: str) -> None:
    path = broker.project / "a.py"
    editor.submit(task, "edit", instruction="change it", buffer=editor.buffer(path))
    await editor.until("task.patch", id=task)
    editor.notify("edit.accept", id=task)


async def _written(editor: Editor, task: str) -> None:
    await editor.until("task.apply", id=task)
    editor.notify("edit.ready", id=task, fits=True, modified=False)
    assert (await editor.ended(task))["written"]


async def test_git_and_the_projects_file(broker: Any) -> None:
    file = broker.project / ".zeke-consents.json"
    async with Editor(broker.runtime, broker.project) as editor:
        assert (await editor.consents())["git"] == "untracked"
        await _edit(editor, broker, "1")
        asked = await editor.until("consent.asked")
        editor.notify("consent.answer", prompt=asked["prompt"], choice="project")
        notice = await editor.until("notice")
        assert (notice["level"], "`:ZekeConsents`, key `e`" in notice["message"]) == ("info", True)
        await _written(editor, "1")
        editor.notify("consent.exclude", cwd=str(broker.project))
        assert "info/exclude" in (await editor.until("notice"))["message"]
        assert (await editor.consents())["git"] == "ignored"
        exclude = (broker.project / ".git" / "info" / "exclude").read_text()
        assert "/.zeke-consents.json" in exclude.splitlines()
        subprocess.run(["git", "add", "-f", file.name], cwd=broker.project, check=True)
        (grant,) = (await editor.consents())["project"]
        editor.notify("consent.revoke", ids=[grant["id"]], cwd=str(broker.project))
        await editor.until("consent.changed")
        await _edit(editor, broker, "2")
        asked = await editor.until("consent.asked")
        editor.notify("consent.answer", prompt=asked["prompt"], choice="project")
        assert "git tracks" in (await editor.until("notice"))["message"]
        await _written(editor, "2")
        assert (await editor.consents())["git"] == "tracked"
        editor.notify("consent.exclude", cwd=str(broker.project))
        assert "git rm --cached" in (await editor.until("notice"))["message"]


async def test_without_consent(broker: Any) -> None:
    off = {"ghostllm": {"enable_consent": False}}
    async with Editor(broker.runtime, broker.project, off) as editor:
        await _edit(editor, broker, "1")
        await _written(editor, "1")
        assert editor.named("consent.asked") == []
        asked = await _asked(editor, broker, ".env")
        assert asked["choices"] == ["once", "deny"]
        (decision,) = (await editor.consents())["decisions"][-1:]
        assert decision["step"] == "consent_off"
        editor.notify("settings.update", settings={})
        editor.notify("consent.answer", prompt=asked["prompt"], choice="deny")
        assert (await editor.ended(".env"))["code"] == "denied"
        await _edit(editor, broker, "2")
        assert (await editor.until("consent.asked"))["target"] == "a.py"


async def test_three_refusals_are_listed_and_taken_back(broker: Any) -> None:
    async with Editor(broker.runtime, broker.project) as editor:
        for number in range(3):
            _secret(editor, broker, str(number), "a.pem")
            asked = await editor.until("consent.asked")
            editor.notify("consent.answer", prompt=asked["prompt"], choice="deny")
            await editor.ended(str(number))
        _secret(editor, broker, "4", "a.pem")
        assert "refused" in (await editor.ended("4"))["message"]
        (refused,) = (await editor.consents())["refused"]
        editor.notify("consent.revoke", ids=[refused["id"]], cwd=str(broker.project))
        _secret(editor, broker, "5", "a.pem")
        await editor.until("consent.asked")
        assert (await editor.consents())["refused"] == []
