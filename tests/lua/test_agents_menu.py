"""Choosing an agent, and what it offers: modes, options, commands, sessions."""

from __future__ import annotations

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import (
    COMMANDS,
    MODEL,
    MODES,
    offers,
    opened,
    replied,
    text,
    update,
)


def test_two_of_one_name_are_told_apart(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    opened(nvim, broker, "ZekeAgent! actor", session="a2")
    nvim.wait_screen("Zeke: actor 2 · <CR> sends")
    nvim.feed(":Zeke chats<CR>")
    nvim.wait_screen("1: actor 2: a new chat")
    nvim.wait_screen("2: actor: a new chat")


def test_modes_options_and_commands(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker, modes=MODES, config=[MODEL], commands=COMMANDS)
    nvim.wait_screen("Zeke: actor · Ask · <CR> sends")
    nvim.feed("gm")
    nvim.wait_screen("1: Ask (now) · asks first")
    nvim.feed("2<CR>")
    asked = replied(broker, "agent.set", {"mode": "code"})
    assert (asked["session"], asked["what"], asked["value"]) == ("a1", "mode", "code")
    nvim.wait_screen("Zeke: actor · Code · <CR> sends")
    nvim.feed("gM")
    nvim.wait_screen("1: Model: Small")
    nvim.feed("1<CR>")
    nvim.wait_screen("2: Large")
    nvim.feed("2<CR>")
    changed = {**MODEL, "currentValue": "large"}
    asked = replied(broker, "agent.set", {"config": [changed]})
    assert (asked["what"], asked["id"], asked["value"]) == ("config", "model", "large")
    changed_here = "require('zeke.agents.link').of('a1').offers.config[1].currentValue == 'large'"
    nvim.wait_for(changed_here)
    nvim.feed("gM")
    nvim.wait_screen("1: Model: Large")
    nvim.feed("<Esc>g/")
    nvim.wait_screen("1: /compact · Forget most of it")
    nvim.feed("1<CR>")
    nvim.wait_for("vim.api.nvim_get_current_line() == '/compact '")


def test_commands_are_completed_where_the_question_begins(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker, commands=COMMANDS)
    nvim.feed("i/re<C-x><C-o>")
    nvim.wait_for("vim.api.nvim_get_current_line() == '/review'")
    nvim.feed("<Esc>cca /re<C-x><C-o><Esc>")
    nvim.settle()
    assert nvim.request("nvim_get_current_line") == "a /re"


def test_the_keys_of_an_agent_are_listed_in_its_chat_only(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    nvim.feed("g?")
    nvim.wait_screen("Zeke chat: keys")
    assert any("mode of the agent" in line for line in nvim.lines())
    nvim.feed("q:ZekeChat!<CR>g?")
    nvim.wait_screen("Zeke chat: keys")
    assert not any("mode of the agent" in line for line in nvim.lines())


def test_sessions_are_listed_and_told_again(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeAgent actor sessions<CR>")
    found = [{"id": "s-7", "title": "Fix it", "updated": "2026-01-02", "cwd": "/project"}]
    replied(broker, "agent.sessions", {"sessions": found})
    nvim.wait_screen("1: Fix it · 2026-01-02")
    nvim.feed("1<CR>")
    asked = broker.expect("agent.open")
    assert asked["resume"] == "s-7"
    update(broker, None, "user_message_chunk", content={"type": "text", "text": "fix "})
    update(broker, None, "user_message_chunk", content={"type": "text", "text": "it"})
    update(broker, None, "agent_message_chunk", content={"type": "text", "text": "I look."})
    update(
        broker,
        None,
        "tool_call",
        toolCallId="c1",
        title="Read",
        status="completed",
        content=[text("x")],
    )
    update(broker, None, "agent_message_chunk", content={"type": "text", "text": "## You\n▸ Done."})
    broker.send("state", reply=asked["reply"], what="agent", data=offers(id="s-7", resumed=True))
    nvim.wait_screen("▸ Read  done · za")
    wanted = ["## You", "", "fix it", "", "## Zeke", "", "I look.", "", "▸ Read", "", " ## You"]
    assert nvim.lines() == [*wanted, " ▸ Done.", "", "## You", "", ""]


def test_what_it_says_unasked_stands_above_the_draft(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    nvim.feed("Gimy draft<Esc>")
    with broker.together():
        for piece in ("By the ", "way."):
            update(broker, None, "agent_message_chunk", content={"type": "text", "text": piece})
    nvim.wait_screen("By the way.")
    assert nvim.lines() == ["## Zeke", "", "By the way.", "", "## You", "", "my draft"]


def test_a_command_of_the_persons_own(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(':ZekeAgent -- /bin/my-agent --acp "two words"<CR>')
    asked = broker.expect("agent.open")
    assert asked["command"] == ["/bin/my-agent", "--acp", "two words"]
    assert asked["agent"] == "my-agent"
    nvim.wait_screen("Zeke: my-agent · starting …")


def test_without_a_name_there_is_a_choice(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeAgent<CR>")
    known = [
        {"name": "zeke", "title": "Zeke", "installed": True, "builtin": True, "install": ""},
        {
            "name": "far",
            "title": "Far",
            "installed": False,
            "builtin": False,
            "install": "npm i far",
        },
    ]
    replied(broker, "agent.list", {"agents": known, "sessions": []})
    nvim.wait_screen("1: zeke · Zeke · built in")
    nvim.wait_screen("2: far · Far · not installed")
    nvim.feed("2<CR>")
    nvim.wait_screen("Far is not installed. To install it: npm i far.")
    nvim.feed(':ZekeAgent ge<Tab> s<Tab><C-b>"<CR>')
    nvim.wait_for("vim.fn.histget(':', -1) == '\"ZekeAgent gemini sessions'")


def test_with_a_bang_the_choice_is_whose_new_session_it_is(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    known = {"name": "actor", "title": "Actor", "installed": True, "builtin": False, "install": ""}
    nvim.feed(":ZekeAgent!<CR>")
    replied(broker, "agent.list", {"agents": [known], "sessions": []})
    nvim.wait_screen("A new session with which agent?")
    nvim.feed("1<CR>")
    assert broker.expect("agent.open")["number"] == 2
