"""Agents in a real Neovim with a real broker: from `:ZekeAgent` to reviewed hunks.

The agents are real programs that speak ACP and do what a script says, and the built-in one with a
provider that says what a test wants.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import screens
from tests.e2e.conftest import Acting, Opener
from tests.e2e.loop import never_stalls
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer, done, run, shows
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")

MASK = {r"\S*/python\S*": "PYTHON", r"a\d+": "aN"}
ON_CHANGE = "require('zeke.review').of(vim.api.nvim_get_current_buf()) ~= nil"
COME = """vim.iter(require('zeke.review').list()):all(function(change)
  return #change:known() > 0
end)"""
IN_CHAT = "vim.b.zeke_chat ~= nil"

Step = dict[str, Any]


def ask(nvim: Nvim, line: str) -> None:
    """Ask an agent that has to be started; GhostWarden asks first."""
    run(nvim, line)
    answer(nvim, "1")


def take(nvim: Nvim, name: str) -> None:
    """Take all of the change of a file that is before the person, and let it be written."""
    nvim.wait_for(f"{ON_CHANGE} and require('zeke.review').of(vim.fn.bufnr()).name == ...", name)
    nvim.feed("ga")
    answer(nvim, "1")


def turn_done(nvim: Nvim) -> dict[str, Any]:
    """Wait for the end of an agent's turn."""
    while (ended := done(nvim))["kind"] != "agent":
        pass
    return ended


def test_an_agent_edits_ten_files_and_runs_the_tests(acting: Acting, house: House) -> None:
    paths = [f"part{number}.py" for number in range(9)]
    for path in paths:
        (house.project / path).write_text("value = 0\nother = 0\n")
    steps: list[Step] = [{"plan": [["Change ten files", "in_progress"], ["Test", "pending"]]}]
    steps += [{"edit": path, "old": "value = 0", "new": "value = 1"} for path in paths]
    steps += [
        {"edit": "app.py", "old": "result = 0", "new": "result = 1"},
        {"plan": [["Change ten files", "completed"], ["Test", "in_progress"]]},
        {"run": ["grep", "-c", "value = 1", *paths]},
        {"plan": [["Change ten files", "completed"], ["Test", "completed"]]},
        {"say": "All ten are changed."},
    ]
    nvim = acting(actor=[steps])
    ask(nvim, "ZekeAgent actor change them")
    for path in [*paths, "app.py"]:
        take(nvim, path)
    answer(nvim, "1")
    assert turn_done(nvim)["stop_reason"] == "end_turn"
    nvim.wait_for(IN_CHAT)
    assert all((house.project / path).read_text() == "value = 1\nother = 0\n" for path in paths)
    assert "result = 1" in (house.project / "app.py").read_text()
    nvim.wait_screen("done · exit 0 · za")
    nvim.wait_screen("All ten are changed.")
    nvim.feed("gg")
    nvim.wait_screen("Plan: 2 of 2 done")
    nvim.wait_screen("Files: 10 written")
    nvim.feed("gl")
    nvim.wait_screen("part8.py  +1 −1  written")


def test_a_rejected_change_and_its_reason_reach_the_agent(acting: Acting, house: House) -> None:
    nvim = acting(
        actor=[[{"edit": "app.py", "old": "result = 0", "new": "result = 1", "as": "it"}]]
    )
    ask(nvim, "ZekeAgent actor change it")
    nvim.wait_for(ON_CHANGE)
    nvim.feed("ghw")
    nvim.wait_screen("Why not?")
    nvim.feed("zero is right<CR>")
    turn_done(nvim)
    shows(nvim, "zero is right")
    nvim.wait_screen("Files: 1 rejected")
    assert "result = 0" in (house.project / "app.py").read_text()


def test_who_types_is_not_disturbed(acting: Acting) -> None:
    nvim = acting(actor=[[{"edit": "a.py", "old": "return 1", "new": "return 2"}]])
    run(nvim, "ZekeAgent actor change it")
    nvim.wait_screen("Esc denies")
    nvim.feed("1Gia longer draft")  # before anything can come
    nvim.wait_screen("actor wants to change a.py: `:ZekeReview` shows it.")
    nvim.feed(" of mine")
    nvim.wait_for("vim.api.nvim_get_current_line() == 'a longer draft of mine'")


def test_a_program_is_seen_while_it_runs_and_stopped(acting: Acting, house: House) -> None:
    mark = house.base / "mark"
    loop = f"echo begun; while [ ! -e {mark} ]; do sleep 0.05; done"
    nvim = acting(actor=[[{"run": ["sh", "-c", loop]}], [{"say": "again"}]])
    ask(nvim, "ZekeAgent actor run it")
    answer(nvim, "1")
    nvim.wait_screen("│ begun")
    nvim.press("<C-c>")
    nvim.wait_screen("failed")
    assert nvim.wait_event("ZekeTaskFailed")["code"] == "cancelled"
    nvim.feed("Gimore<Esc><CR>")
    turn_done(nvim)
    nvim.wait_screen("again")


def test_a_dead_agent_is_told_and_started_again(acting: Acting) -> None:
    can = {"loadSession": True}
    nvim = acting(actor={"prompts": [[{"say": "bye"}, {"die": 3}]], "capabilities": can})
    ask(nvim, "ZekeAgent actor die")
    shows(nvim, "actor has ended: your next question starts it again.")
    nvim.wait_event("ZekeTaskFailed")
    nvim.wait_screen("## You")
    nvim.feed("Gigo on<Esc><CR>")
    answer(nvim, "1")
    assert nvim.wait_event("ZekeTaskFailed")["code"] == "agent_failed"
    nvim.wait_for("vim.iter(vim.api.nvim_buf_get_lines(0, 0, -1, true)):join('|'):find('bye.*bye')")


def test_two_agents_work_at_once_and_are_told_apart(acting: Acting) -> None:
    edit = [[{"edit": "a.py", "old": "return 1", "new": "return 2"}, {"say": "one is done"}]]
    other = [[{"edit": "app.py", "old": "result = 0", "new": "result = 1"}, {"say": "two is done"}]]
    nvim = acting(one=edit, two=other)
    for name in ("one", "two"):
        run(nvim, f"ZekeAgent {name} go")
        nvim.wait_screen("Esc denies")
        nvim.feed("1k")
        nvim.wait_screen(f"{name} wants to change")
    nvim.wait_for(f"#require('zeke.review').list() == 2 and {COME}")
    run(nvim, "ZekeReview")
    nvim.wait_screen("╭ Zeke: proposed changes")
    text = "\n".join(nvim.lines())
    assert "one wants to change\n  a.py" in text
    assert "two wants to change\n  app.py" in text
    assert nvim.lua("return require('zeke').statusline()").startswith("zeke: one, two work")


def test_a_session_is_resumed_from_the_history(acting: Acting, house: House) -> None:
    replay = [
        {"sessionUpdate": "user_message_chunk", "content": {"type": "text", "text": "first"}},
        {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": "hello"}},
    ]
    script = {"prompts": [[{"say": "hello"}]], "capabilities": {"loadSession": True}}
    nvim = acting(actor={**script, "replay": replay})
    ask(nvim, "ZekeAgent actor first")
    turn_done(nvim)
    while "hello" not in Path(nvim.wait_event("ZekeChatSaved")["path"]).read_text():
        pass
    nvim.feed(":bwipeout!<CR>")
    run(nvim, "ZekeChat history")
    nvim.wait_screen("actor: first")
    nvim.feed("1<CR>")
    nvim.wait_screen("Zeke: actor · <CR> sends")
    nvim.feed("Gisecond<Esc><CR>")
    answer(nvim, "1")
    turn_done(nvim)
    assert sum(line == "first" for line in nvim.lines()) == 1
    assert [line for line in nvim.lines() if line in ("first", "second", "hello")] == [
        "first",
        "hello",
        "second",
        "hello",
    ]


def test_sessions_modes_models_and_commands_of_a_real_agent(acting: Acting, house: House) -> None:
    modes = {
        "currentModeId": "ask",
        "availableModes": [{"id": "ask", "name": "Ask"}, {"id": "code", "name": "Code"}],
    }
    script = {
        "prompts": [[{"commands": [["compact", "Forget most"]]}, {"say": "hi"}]],
        "modes": modes,
        "capabilities": {"loadSession": True, "sessionCapabilities": {"list": {}}},
        "sessions": [[{"sessionId": "old-1", "cwd": str(house.project), "title": "The old one"}]],
        "replay": [
            {"sessionUpdate": "user_message_chunk", "content": {"type": "text", "text": "before"}}
        ],
    }
    nvim = acting(actor=script)
    ask(nvim, "ZekeAgent actor hello")
    turn_done(nvim)
    nvim.wait_screen("Zeke: actor · Ask")
    nvim.feed("gm")
    nvim.wait_screen("2: Code")
    nvim.feed("2<CR>")
    nvim.wait_screen("Zeke: actor · Code")
    nvim.feed("g/")
    nvim.wait_screen("1: /compact · Forget most")
    nvim.feed("<Esc>gs")
    nvim.wait_screen("1: The old one")
    nvim.feed("1<CR>")
    answer(nvim, "1")
    nvim.wait_screen("before")
    nvim.wait_screen("Zeke: actor 2 · <CR> sends")


def test_the_built_in_assistant_edits_a_file(house: House, editor: Opener) -> None:
    nvim = editor(settings={"default_model": "openai:echo"})
    edits = [{"old_text": "    result = 0", "new_text": "    result = 1"}]
    house.provider.script.append(called("edit_file", path="app.py", edits=edits))
    house.provider.script.append("It starts with one now.")
    run(nvim, "ZekeAgent zeke start with one")
    take(nvim, "app.py")
    ended = turn_done(nvim)
    assert ended["model"] == "echo"
    nvim.wait_screen("It starts with one now.")
    nvim.wait_screen("▸ Edit app.py  done")
    nvim.wait_screen("Files: 1 written")
    assert "result = 1" in (house.project / "app.py").read_text()


def test_the_built_in_assistant_outlives_the_broker(house: House, editor: Opener) -> None:
    nvim = editor(settings={"default_model": "openai:echo"})
    house.provider.script += ["Noted.", "Apple, and app.py has a sum."]
    run(nvim, "ZekeAgent zeke the word is apple")
    turn_done(nvim)
    house.kill()
    nvim.wait_for("require('zeke.connection').phase() == 'idle'")
    run(nvim, "ZekeAgent zeke which word, and what is in @file:app.py ?")
    turn_done(nvim)
    said = [turn["content"] for turn in house.provider.requests[-1]["messages"][1:]]
    assert said[:2] == ["the word is apple", "Noted."]
    # Under the question that mentions it, which is not the first.
    lines = nvim.wait_screen("app.py (").splitlines()
    asked = next(index for index, line in enumerate(lines) if "which word" in line)
    assert any("app.py (" in line for line in lines[asked + 1 : asked + 3])
    assert not any("new session" in line for line in lines)


def test_a_chat_uses_tools_in_the_same_way(house: House, editor: Opener) -> None:
    nvim = editor(settings={"default_model": "openai:echo"})
    house.provider.script.append(called("read_file", path="a.py"))
    house.provider.script.append("It returns one.")
    run(nvim, "ZekeChat what does a.py do?")
    assert done(nvim)["kind"] == "chat"
    nvim.wait_screen("▸ Read a.py  done")
    nvim.wait_screen("It returns one.")


def called(name: str, **arguments: Any) -> list[dict[str, Any]]:
    """The chunks of an answer that calls a tool."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    made = {"index": 0, "id": "call_1", "type": "function", "function": function}
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "echo"}
    return [
        {**head, "choices": [{"index": 0, "delta": {"role": "assistant", "tool_calls": [made]}}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    ]


def test_a_long_turn_is_quick(acting: Acting) -> None:
    lines = "\n".join(f"line {number} of a long answer" for number in range(5000))
    update = {"sessionUpdate": "tool_call_update", "toolCallId": "c1", "status": "in_progress"}
    call = {**update, "sessionUpdate": "tool_call", "title": "Work"}
    texts = [
        {
            "update": {
                **update,
                "content": [{"type": "content", "content": {"type": "text", "text": f"{n}"}}],
            }
        }
        for n in range(400)
    ]
    nvim = acting(actor=[[{"say": lines}, {"update": call}, *texts, {"say": "the end"}]])
    ask(nvim, "ZekeAgent actor go")
    with never_stalls(nvim):
        turn_done(nvim)
        nvim.wait_screen("the end")


TURN: list[Step] = [
    {"think": "The sum should start at one."},
    {"plan": [["Change the start", "in_progress"], ["Run it", "pending"]]},
    {"say": "I change where it starts, and run it."},
    {"edit": "app.py", "old": "result = 0", "new": "result = 1"},
    {"run": ["sh", "-c", "echo 7; exit 1"]},
    {"plan": [["Change the start", "completed"], ["Run it", "completed"]]},
    {"say": "It prints 7 now."},
]


def test_what_a_turn_looks_like(acting: Acting, house: House) -> None:
    go = house.base / "go"
    os.mkfifo(go)
    nvim = acting(actor=[[*TURN[:3], {"wait": str(go)}, *TURN[3:]]])
    ask(nvim, "ZekeAgent actor start with one")
    # As long as the person is in the chat, it is scrolled.
    nvim.wait_screen(lambda screen: "Thinking: " in screen.text and "I change" in screen.text)
    go.write_text("")
    nvim.wait_for(ON_CHANGE)
    nvim.wait_screen("Zeke: actor · waits for you")
    nvim.feed(":<C-u>echo ''<CR>")
    screens.check(nvim, "agent-review", MASK)
    nvim.feed("ga")
    answer(nvim, "1")
    answer(nvim, "1")
    turn_done(nvim)
    nvim.wait_for(IN_CHAT)
    nvim.feed("<C-w>_gg:<C-u>echo ''<CR>")
    nvim.wait_screen("It prints 7 now.")
    screens.check(nvim, "agent-turn", MASK)
    nvim.feed("/## Zeke<CR>za/sh -c<CR>za:<C-u>echo ''<CR>")
    screens.check(nvim, "agent-unfolded", MASK)


def test_what_a_screen_reader_reads_of_a_turn(acting: Acting) -> None:
    nvim = acting({"ui": {"plain": True, "icons": False}}, actor=[TURN])
    ask(nvim, "ZekeAgent actor start with one")
    nvim.wait_for(f"{ON_CHANGE} and #require('zeke.review').list() == 1")
    assert nvim.lua("return require('zeke.review').list()[1].count") == 1
    nvim.feed("ga")
    answer(nvim, "1")
    answer(nvim, "1")
    turn_done(nvim)
    nvim.wait_for(IN_CHAT)
    nvim.feed("<C-w>_gg:<C-u>echo ''<CR>")
    nvim.wait_screen("It prints 7 now.")
    screens.check(nvim, "plain-agent-turn", MASK)


MINE = "line5 = 5  # mine"


@pytest.fixture
def typed(house: House) -> Callable[[Nvim], Path]:
    """Opens a1.py, which has forty lines on disk; line 6 is another one in the buffer, unsaved."""

    def begin(nvim: Nvim) -> Path:
        path = house.project / "a1.py"
        path.write_text("".join(f"line{number} = {number}\n" for number in range(40)))
        run(nvim, "edit a1.py")
        nvim.feed("6GA  # mine<Esc>")
        nvim.wait_for("vim.fn.getline(6) == ...", MINE)
        return path

    return begin


def test_an_unsaved_line_is_what_an_agent_changes(
    acting: Acting, typed: Callable[[Nvim], Path]
) -> None:
    step = {"edit": "a1.py", "old": MINE, "new": "line5 = 55  # mine", "as": "it"}
    nvim = acting(actor=[[step, {"say": "All is written."}]])
    path = typed(nvim)
    disk = path.read_text()
    ask(nvim, "ZekeAgent actor change it")
    patch = nvim.wait_event("ZekeTaskPatch")
    hunk = {"start_line": 6, "old": [MINE], "new": ["line5 = 55  # mine"]}
    assert (patch["hunks"], patch["conflicts"], patch["note"]) == ([hunk], [], "")
    take(nvim, "a1.py")
    turn_done(nvim)
    buffer = "vim.fn.getbufline('a1.py', 6)[1] == ..."
    nvim.wait_for(buffer, "line5 = 55  # mine")
    assert nvim.lua("return vim.bo[vim.fn.bufnr('a1.py')].modified") is True
    assert path.read_text() == disk
    assert "ZekeTaskPatch" not in [name for name, _ in nvim.events]


def test_unsaved_lines_elsewhere_stay_the_persons(
    acting: Acting, typed: Callable[[Nvim], Path]
) -> None:
    steps = [
        {"edit": "a1.py", "old": "line20 = 20", "new": "line20 = 0", "as": "it"},
        {"edit": "a1.py", "old": "line30 = 30", "new": "line30 = 0", "as": "it"},
    ]
    nvim = acting(actor=[steps])
    path = typed(nvim)
    disk = path.read_text()
    ask(nvim, "ZekeAgent actor change it")
    for number in (20, 30):
        patch = nvim.wait_event("ZekeTaskPatch")
        assert [hunk["new"] for hunk in patch["hunks"]] == [[f"line{number} = 0"]]
        take(nvim, "a1.py")
    turn_done(nvim)
    nvim.wait_for("vim.fn.getbufline('a1.py', 31)[1] == 'line30 = 0'")
    assert nvim.lua("return vim.fn.getbufline('a1.py', 6)[1]") == MINE
    assert path.read_text() == disk
    assert "Not taken" not in "\n".join(nvim.lines())
