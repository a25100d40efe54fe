"""What an agent asks its person, and what the broker asks this Neovim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import opened, replied

FORM = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Your name"},
        "count": {"type": "integer", "title": "How many"},
        "kind": {"type": "string", "title": "Kind", "enum": ["a", "b"]},
        "sure": {"type": "boolean", "title": "Sure"},
    },
    "required": ["name", "count", "kind", "sure"],
}


def asks(broker: FakeBroker, ask: int = 1, **more: Any) -> None:
    fields = {"message": "Who are you?", "mode": "form", "schema": FORM, "url": "", **more}
    fields["fields"] = list(fields["schema"]["properties"])
    broker.send("agent.asked", session="a1", agent="actor", ask=ask, **fields)


def test_a_form_is_asked_field_by_field(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    shown(nvim, broker)
    nvim.feed("1<CR>")
    nvim.wait_screen("actor: Your name")
    nvim.feed("Ann<CR>")
    nvim.wait_screen("actor: How many")
    nvim.feed("many<CR>")
    nvim.wait_screen("This has to be a whole number.")
    nvim.feed("3<CR>")
    nvim.wait_screen("2: b")
    nvim.feed("2<CR>")
    nvim.wait_screen("1: yes")
    nvim.feed("2<CR>")
    answer = broker.expect("agent.answer")
    assert (answer["session"], answer["ask"], answer["action"]) == ("a1", 1, "accept")
    assert answer["content"] == {"name": "Ann", "count": 3, "kind": "b", "sure": False}


def shown(nvim: Nvim, broker: FakeBroker, **more: Any) -> None:
    """The agent asks, and the person looks at it."""
    asks(broker, **more)
    nvim.wait_screen("actor asks: Who are you? `:Zeke prompt` answers.")
    nvim.feed(":Zeke prompt<CR>")
    nvim.wait_screen("1: ")


CHOICE = {"type": "string", "title": "which", "oneOf": [{"const": "x", "title": "The\x1b first"}]}


@pytest.mark.parametrize(
    ("keys", "action", "content"),
    [("1<CR>", "accept", {"way": "x"}), ("2<CR>", "decline", None)],
)
def test_one_choice_is_one_list(
    nvim: Nvim, broker: FakeBroker, keys: str, action: str, content: Any
) -> None:
    opened(nvim, broker)
    schema = {"type": "object", "properties": {"way": CHOICE}, "required": ["way"]}
    shown(nvim, broker, schema=schema)
    nvim.wait_screen("actor asks: Who are you? · which (required)")
    nvim.wait_screen("1: The^[ first")
    nvim.wait_screen("2: Decline")
    nvim.feed(keys)
    answer = broker.expect("agent.answer")
    assert (answer["action"], answer.get("content")) == (action, content)


def test_the_next_one_is_told_and_waits(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    asks(broker, 2, message="And then?")
    shown(nvim, broker)
    nvim.feed("2<CR>")
    assert broker.expect("agent.answer")["ask"] == 2
    nvim.wait_screen("actor asks: Who are you? `:Zeke prompt` answers.")
    nvim.feed("ione two<Esc>")
    nvim.wait_for("vim.api.nvim_get_current_line():find('one two')")


def test_a_form_that_is_withdrawn_goes_no_further(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    shown(nvim, broker)
    nvim.feed("1<CR>")
    nvim.wait_screen("actor: Your name")
    broker.send("agent.unasked", session="a1", agent="actor", ask=1)
    nvim.feed("Ann<CR>")
    nvim.wait_screen("This was not waited for any more.")
    nvim.feed("ione two<Esc>")
    nvim.wait_for("vim.api.nvim_get_current_line():find('one two')")


@pytest.mark.parametrize("away", ["<Esc>", "<C-c>"])
@pytest.mark.parametrize(("before", "seen"), [("", "1: Answer"), ("1<CR>", "actor: Your name")])
def test_leaving_it_is_no_answer(
    nvim: Nvim, broker: FakeBroker, before: str, seen: str, away: str
) -> None:
    opened(nvim, broker)
    shown(nvim, broker)
    nvim.feed(before)
    nvim.wait_screen(seen)
    nvim.feed(away)
    nvim.wait_screen("Nothing was answered: `:Zeke prompt` shows the question again.")
    assert nvim.lua("return require('zeke.agents.ask').count()") == 1
    assert not broker.seen("agent.answer")
    nvim.feed(":Zeke prompt<CR>")
    nvim.wait_screen("1: Answer")
    nvim.feed("2<CR>")
    assert broker.expect("agent.answer")["action"] == "decline"


STRICT = {
    "type": "object",
    "properties": {
        "z": {"type": "string", "title": "Z", "minLength": 2, "maxLength": 5},
        "mail": {"type": "string", "description": "where to", "format": "email"},
        "n": {"type": "integer", "minimum": 1, "maximum": 5},
        "x": {"type": "number"},
        "m": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
        "sure": {"type": "boolean", "default": False},
    },
    "required": ["mail"],
}


def test_each_field_says_what_it_takes_and_takes_nothing_else(
    nvim: Nvim, broker: FakeBroker
) -> None:
    opened(nvim, broker)
    shown(nvim, broker, schema=STRICT)
    nvim.feed("1<CR>")
    for asked, wrong, right in (
        ("Z (2 to 5 characters)", "longername", "Ann"),
        ("mail: where to (required; an e-mail address)", "abc", "a@b"),
        ("n (a whole number; 1 to 5)", "99", "5"),
        ("x (a number)", "nan", "1.5"),
        ("m (with commas between them; at most 2 items)", "p,q,r", "p, q"),
    ):
        nvim.wait_screen(f"actor: {asked}")
        nvim.feed(f"{wrong}<CR>")
        nvim.wait_screen("This has to be ")
        nvim.feed(f"{right}<CR>")
    nvim.wait_screen("2: no (default)")
    nvim.wait_screen("3: Leave it out")
    nvim.feed("3<CR>")
    content = broker.expect("agent.answer")["content"]
    assert content == {"z": "Ann", "mail": "a@b", "n": 5, "x": 1.5, "m": ["p", "q"]}


def test_what_the_broker_refuses_is_asked_again(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    shown(nvim, broker, schema={"type": "object", "properties": {"a": {"type": "string"}}})
    nvim.feed("1<CR>")
    nvim.wait_screen("actor: a")
    nvim.feed("x<CR>")
    replied(broker, "agent.answer", code="bad_input", message="It does not fit.")
    nvim.wait_screen("It does not fit.")
    assert nvim.lua("return require('zeke.agents.ask').count()") == 1


def test_whoever_does_nothing_is_told_and_keeps_the_keys(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    asks(broker, message="Who\nare " + "you " * 80)
    nvim.wait_screen("waits for you")
    nvim.wait_screen("answers.")
    nvim.feed("ione two<Esc>")
    nvim.wait_for("vim.api.nvim_get_current_line():find('one two')")
    assert nvim.lua("return vim.api.nvim_get_mode().blocking") is False


@pytest.mark.parametrize(
    ("keys", "out"),
    [
        ("Gimy draft", "<Esc>"),
        ("GRmy draft", "<Esc>"),
        (":echo 'my draft", "<Esc>"),
        ("q:imy draft", "<Esc>:q<CR>"),
    ],
)
def test_who_types_is_not_interrupted(nvim: Nvim, broker: FakeBroker, keys: str, out: str) -> None:
    opened(nvim, broker)
    nvim.feed(keys)
    nvim.settle()
    before = nvim.lua("return { vim.api.nvim_get_mode().mode, vim.api.nvim_get_current_win() }")
    asks(broker)
    nvim.wait_for("require('zeke.agents.ask').count() == 1")
    nvim.settle()
    after = nvim.lua("return { vim.api.nvim_get_mode().mode, vim.api.nvim_get_current_win() }")
    assert after == before
    nvim.feed(" of mine")
    nvim.wait_screen("my draft of mine")
    nvim.feed(f"{out}:Zeke prompt<CR>")
    nvim.wait_screen("1: Answer")
    nvim.wait_screen("Zeke: actor · waits for you")
    nvim.feed("2<CR>")
    assert broker.expect("agent.answer")["action"] == "decline"
    nvim.wait_screen("Zeke: actor · <CR> sends")


def test_what_need_not_be_answered_any_more(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    nvim.feed("Gimy draft<Esc>")
    nvim.settle()
    asks(broker)
    nvim.wait_screen("waits for you")
    nvim.wait_screen("`:Zeke prompt` answers.")
    broker.send("agent.unasked", session="a1", agent="actor", ask=1)
    nvim.wait_gone("waits for you")
    nvim.wait_gone("`:Zeke prompt` answers.")
    nvim.feed(":Zeke prompt<CR>")
    nvim.wait_screen("No question waits in this Neovim.")


def test_only_web_pages_are_opened(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("vim.ui.open = function(url) _G.opened = url end")
    opened(nvim, broker)
    asks(broker, mode="url", url="file:///etc/passwd")
    nvim.wait_screen("answers.")
    nvim.feed(":Zeke prompt<CR>")
    nvim.wait_screen("1: Open file:///etc/passwd")
    nvim.feed("1<CR>")
    assert broker.expect("agent.answer")["action"] == "decline"
    asks(broker, 2, mode="url", url="https://example.org/login")
    nvim.wait_for("require('zeke.agents.ask').count() == 1")
    nvim.feed(":Zeke prompt<CR>")
    nvim.wait_screen("1: Open https://example.org/login")
    nvim.feed("1<CR>")
    answer = broker.expect("agent.answer")
    assert (answer["ask"], answer["action"]) == (2, "accept")
    assert nvim.lua("return _G.opened") == "https://example.org/login"


def told(broker: FakeBroker, what: str, **params: Any) -> dict[str, Any]:
    broker.send("editor.asked", ask=7, what=what, params=params)
    answer = broker.expect("editor.answer")
    assert answer["ask"] == 7
    return answer


def test_an_unsaved_text_is_told(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    opened(nvim, broker)
    assert told(broker, "text", path=str(sample))["data"] == {}
    nvim.lua("vim.fn.setbufline('app.py', 1, 'new line')")
    data = told(broker, "text", path=str(sample))["data"]
    assert data.pop("text").startswith("new line\n")
    tick = nvim.lua("return vim.api.nvim_buf_get_changedtick(vim.fn.bufnr('app.py'))")
    assert data == {"path": str(sample), "changedtick": tick, "eol": "\n", "bom": False}
    link = sample.with_name("link.py")
    link.symlink_to(sample)
    assert told(broker, "text", path=str(link))["data"]["path"] == str(sample)
    assert told(broker, "text", path="/nowhere")["data"] == {}


def test_buffers_selection_and_diagnostics_are_told(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed("ggVj<Esc>")
    opened(nvim, broker)
    [buffer] = told(broker, "buffers")["data"]["buffers"]
    assert (buffer["path"], buffer["current"], buffer["modified"]) == (str(sample), True, False)
    nvim.lua(
        "vim.diagnostic.set(vim.api.nvim_create_namespace('t'), vim.fn.bufnr('app.py'), "
        "{ { lnum = 2, col = 4, message = 'odd', severity = 2 } })"
    )
    [found] = told(broker, "diagnostics", path=str(sample))["data"]["diagnostics"]
    assert (found["line"], found["severity"], found["message"]) == (3, "warn", "odd")
    assert len(told(broker, "diagnostics")["data"]["diagnostics"]) == 1
    selection = told(broker, "selection")["data"]
    assert (selection["first"], selection["last"]) == (1, 2)


def test_a_place_is_opened_beside_the_chat(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    other = sample.parent / "other.py"
    other.write_text("one\ntwo\nthree\n")
    opened(nvim, broker)
    nvim.feed("<Esc>")
    nvim.settle()
    assert told(broker, "open", path=str(other), line=2)["data"]["line"] == 2
    nvim.wait_screen("two")
    assert nvim.lua("return vim.bo.filetype") == "markdown"
    assert told(broker, "open", path="/nowhere")["error"] == "There is no such file."
    nvim.feed("i")
    nvim.settle()
    assert "typing" in told(broker, "open", path=str(other), line=1)["error"]
    assert "cannot say: nothing" in told(broker, "nothing")["error"]
