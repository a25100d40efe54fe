"""What a person says no to, or is asked beside that, in a real Neovim with a real broker."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.e2e.conftest import Opener, tidied
from tests.e2e.nvim import REPOSITORY, Nvim
from tests.e2e.person import answer, done, run
from tests.fakes.house import House

ACTOR = REPOSITORY / "tests" / "agents" / "acp" / "actor.py"
ON_CHANGE = "require('zeke.review').of(vim.api.nvim_get_current_buf()) ~= nil"
IN_CHAT = "vim.b.zeke_chat ~= nil"

Step = dict[str, Any]


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def acting(house: House, editor: Opener, *steps: Step) -> Nvim:
    """Start a Neovim, and an agent that does these steps when it is asked to go."""
    path = house.base / "actor.json"
    path.write_text(json.dumps({"prompts": [list(steps)]}))
    actor = {"command": [sys.executable, str(ACTOR), str(path)]}
    nvim = editor(settings={"agents": {"actor": actor}})
    run(nvim, "ZekeAgent actor go")
    answer(nvim, "1")
    return nvim


def call(status: str, **more: Any) -> Step:
    begun = {"title": "Write new.py", "kind": "edit"} if status == "pending" else {}
    kind = "tool_call" if begun else "tool_call_update"
    head = {"sessionUpdate": kind, "toolCallId": "c1", "status": status}
    return {"update": {**head, **begun, **more}}


def turn_done(nvim: Nvim) -> None:
    """Wait for the end of the agent's turn; the chat is before the person."""
    while done(nvim)["kind"] != "agent":
        pass
    nvim.wait_for(IN_CHAT)


PLACE = [{"path": "{cwd}/new.py"}]
WRITE: list[Step] = [
    call("pending", locations=PLACE),
    {"write": "new.py", "text": "result = 1\n", "as": "it"},
    call("failed"),
]


def test_a_rejected_file_reads_as_rejected(house: House, editor: Opener) -> None:
    nvim = acting(house, editor, *WRITE)
    nvim.wait_for(ON_CHANGE)
    nvim.feed("ghw")
    nvim.wait_screen("Why not?")
    nvim.feed("zero is right<CR>")
    turn_done(nvim)
    nvim.wait_screen("▸ Write new.py  rejected")
    nvim.wait_screen("│ The reason: zero is right")
    assert "The reason: zero is right" in "\n".join(nvim.lines())  # the agent says what it was told
    nvim.feed("gg")
    nvim.wait_screen("Files: 1 rejected")
    assert not (house.project / "new.py").exists()


def test_what_ghostwarden_denies_reads_as_not_allowed(house: House, editor: Opener) -> None:
    nvim = acting(house, editor, *WRITE)
    nvim.wait_for(ON_CHANGE)
    nvim.feed("ga")
    answer(nvim, "d")
    turn_done(nvim)
    nvim.wait_screen("▸ Write new.py  not allowed")
    nvim.feed("gg")
    nvim.wait_screen("Files: 1 not allowed")


def test_what_breaks_reads_as_failed(house: House, editor: Opener) -> None:
    text = {"type": "content", "content": {"type": "text", "text": "no room"}}
    nvim = acting(house, editor, call("pending"), call("failed", content=[text]))
    turn_done(nvim)
    nvim.wait_screen("▸ Write new.py  failed · za")
    nvim.wait_screen("│ no room")


TWO = [
    {"optionId": "slow", "name": "Slowly", "kind": "allow_once"},
    {"optionId": "quick", "name": "Quickly", "kind": "allow_once"},
    {"optionId": "no", "name": "No", "kind": "reject_once"},
]
DEPLOY = {"toolCallId": "c2", "title": "Deploy it", "kind": "other", "rawInput": {"to": "test"}}


@pytest.mark.parametrize(("key", "chosen"), [("2", "quick"), ("3", "no")])
def test_several_ways_to_allow_it_wait_for_the_person(
    house: House, editor: Opener, key: str, chosen: str
) -> None:
    nvim = acting(house, editor, {"permit": DEPLOY, "options": TWO, "as": "it"})
    answer(nvim, "1")
    # Whoever goes on at once, as if nothing more could come, goes on.
    nvim.feed("Gimy draft")
    nvim.wait_screen("actor asks: Deploy it. `:Zeke prompt` answers.")
    nvim.feed(" of mine")
    nvim.wait_for("vim.api.nvim_get_current_line() == 'my draft of mine'")
    nvim.feed("<Esc>:Zeke prompt<CR>")
    nvim.wait_screen("actor asks: Deploy it · how to go on")
    nvim.wait_screen("2: Quickly")
    nvim.feed(f"{key}<CR>")
    turn_done(nvim)
    assert f'"optionId": "{chosen}"' in "\n".join(nvim.lines())


def test_whoever_does_nothing_keeps_the_keys(house: House, editor: Opener) -> None:
    nvim = acting(house, editor, {"permit": DEPLOY, "options": TWO})
    answer(nvim, "1")
    nvim.wait_screen("actor asks: Deploy it")
    nvim.wait_screen("waits for you")
    nvim.feed("Gi1<CR>2")
    nvim.wait_for("vim.deep_equal(vim.api.nvim_buf_get_lines(0, -3, -1, false), { '1', '2' })")
    nvim.wait_screen("waits for you")


@pytest.mark.parametrize(
    ("path", "offered"), [("{cwd}/app.py", True), ("{cwd}/.env", False), ("/etc/passwd", False)]
)
def test_what_a_declared_request_names_is_looked_at(
    house: House, editor: Opener, path: str, offered: bool
) -> None:
    nvim = acting(house, editor, {"permit": {**DEPLOY, "rawInput": {"to": path}}})
    nvim.wait_screen("Esc denies")
    text = nvim.wait_screen("[1] Allow once")
    assert ("[2] Session" in text) is offered
    assert ("It names" in text) is not offered
    nvim.feed("d")
    turn_done(nvim)


def test_what_does_not_fit_a_form_is_never_sent(house: House, editor: Opener) -> None:
    fields = {
        "second": {"type": "number"},
        "first": {"type": "string", "pattern": "^[a-c]+$"},
    }
    schema = {"type": "object", "properties": fields, "required": ["first"]}
    nvim = acting(house, editor, {"ask": "Which?", "schema": schema, "as": "it"})
    for number, first in (("nan", "xyz"), ("", "abc")):
        nvim.wait_for("require('zeke.agents.ask').count() == 1")
        nvim.feed("<Esc>:Zeke prompt<CR>")
        nvim.wait_screen("1: Answer")
        nvim.feed("1<CR>")
        nvim.wait_screen("second (a number)")
        nvim.feed(f"{number}<CR>")
        if number:
            nvim.wait_screen("This has to be a number.")
            nvim.feed("<C-u>1.5<CR>")
        nvim.wait_screen("first (required; matching ^[a-c]+$)")
        nvim.feed(f"{first}<CR>")
        if first == "xyz":
            nvim.wait_screen("The answer does not fit")
    turn_done(nvim)
    nvim.wait_screen('it = {"action": "accept", "content": {"first": "abc"}}')
