"""The keys and windows of a chat, and what stands at its answers."""

from __future__ import annotations

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer, begin, end


@pytest.fixture
def chat(nvim: Nvim, broker: FakeBroker) -> Nvim:
    nvim.feed(":ZekeChat one<CR>")
    answer(nvim, broker, "First.")
    nvim.feed("itwo<Esc><CR>")
    answer(nvim, broker, "Second.")
    nvim.wait_screen("Second.")
    return nvim


def test_turns(chat: Nvim) -> None:
    chat.feed("gg]]]]")
    chat.settle()
    assert chat.lua("return vim.fn.line('.')") == chat.lines().index("## You", 1) + 1
    chat.feed("[[")
    chat.settle()
    assert chat.lua("return vim.api.nvim_get_current_line()") == "## Zeke"
    chat.feed("3]]``")
    chat.settle()
    assert chat.lua("return vim.fn.line('.')") == chat.lines().index("## Zeke") + 1


def test_model_tokens_and_cost_stand_at_the_heading(chat: Nvim) -> None:
    chat.feed("ggzt")
    chat.wait_screen("openai:m-1 · 120 + 30 tokens · $0.0030")
    assert "tokens" not in "\n".join(chat.lines())
    chat.feed("K")
    text = chat.wait_screen("Zeke: this answer")
    assert "Why: It is the first one with a key." in text
    assert "ollama:x: not reachable" in text
    assert "Cost: $0.0030" in text
    chat.feed("q")
    chat.wait_gone("Zeke: this answer")


def test_a_cost_that_nobody_knows_is_not_said_to_be_nothing(nvim: Nvim, broker: FakeBroker) -> None:
    nothing = {"input_cost": 0.0, "output_cost": 0.0, "total_cost": 0.0}
    nvim.feed(":ZekeChat one<CR>")
    answer(nvim, broker, "First.", cost={**nothing, "known": True})
    nvim.feed("itwo<Esc><CR>")
    answer(nvim, broker, "Second.", cost={**nothing, "known": False})
    nvim.feed("gg")
    nvim.wait_screen("30 tokens · $0.00")
    nvim.feed("G")
    nvim.wait_screen("30 tokens · cost unknown")
    nvim.feed("K")
    nvim.wait_screen("Cost: unknown, because nobody knows the price of this model")


@pytest.mark.parametrize(("keys", "model"), [("gg", "m-1"), ("gg]]]]", "m-2"), ("G", "m-2")])
def test_which_answer_is_meant(nvim: Nvim, broker: FakeBroker, keys: str, model: str) -> None:
    nvim.feed(":ZekeChat one<CR>")
    answer(nvim, broker, "First.")
    nvim.feed("itwo<Esc><CR>")
    answer(nvim, broker, "Second.", model="m-2")
    nvim.feed(keys + "K")
    nvim.wait_screen(f"Model: openai:{model}")


def test_nothing_is_known_of_an_answer_that_failed(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker)
    broker.send("task.failed", id=task, code="unreachable", message="Gone.", retryable=True)
    nvim.wait_screen("Stopped:")
    nvim.feed("K")
    nvim.wait_screen("Nothing is known of this answer yet.")


def test_in_a_plain_screen_nothing_stands_at_the_heading(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ ui = { plain = true } })")
    task = begin(nvim, broker)
    part = {"turn": 1, "kind": "file", "tokens": 0, "state": "denied"}
    parts = [{**part, "label": "@file:.env", "message": "It is secret."}]
    broker.send("task.context", id=task, parts=parts)
    nvim.wait_screen("@file:.env not sent: It is secret.")
    end(nvim, broker, task, "One.")
    nvim.wait_screen("One.")
    assert "tokens" not in nvim.screen.text
    nvim.feed("K")
    text = nvim.wait_screen("Model: openai:m-1")
    assert "Sent: @file:.env not sent: It is secret." in text


def test_the_list_of_keys(chat: Nvim) -> None:
    chat.feed("g?")
    text = chat.wait_screen("Zeke chat: keys")
    for key in ("<C-c>", "<C-Up>", "gy", "gD", "gA", "]]"):
        assert key in text


@pytest.mark.parametrize(
    ("place", "layout"),
    [("right", "row"), ("below", "col"), ("tab", "leaf"), ("float", "leaf"), ("auto", "col")],
)
def test_where_it_opens(nvim: Nvim, place: str, layout: str) -> None:
    nvim.lua("require('zeke').setup({ chat = { window = ..., width = 30 } })", place)
    nvim.feed(":ZekeChat<CR>")
    nvim.wait_screen("## You")
    assert nvim.lua("return vim.fn.winlayout()[1]") == layout
    assert nvim.lua("return #vim.api.nvim_list_tabpages()") == (2 if place == "tab" else 1)
    assert nvim.lua("return vim.wo.foldenable") is True
    if place == "right":
        assert nvim.lua("return vim.api.nvim_win_get_width(0)") == 30
    buffers = (
        "#vim.tbl_filter(function(b) return vim.bo[b].buflisted end, vim.api.nvim_list_bufs())"
    )
    assert nvim.lua(f"return {buffers}") == 1


def test_it_is_shown_again_where_the_person_left_it(chat: Nvim) -> None:
    chat.feed("3G:ZekeChat<CR>")
    chat.settle()
    assert chat.lua("return vim.fn.line('.')") == 3


def test_a_selection_is_known_in_the_chat(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("2GVj<Esc>:ZekeChat explain @selection<CR>")
    (part,) = broker.expect("task.submit")["messages"][0]["attachments"]
    assert (part["first"], part["last"]) == (2, 3)


def test_what_an_earlier_question_meant_goes_along_again(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("2GVj<Esc>:ZekeChat explain @selection<CR>")
    before = answer(nvim, broker, "Yes.")["messages"][0]
    nvim.feed("<C-w>p1GV<Esc><C-w>p")
    nvim.feed("iand more<Esc><CR>")
    assert broker.expect("task.submit")["messages"][0] == before


def test_the_same_words_asked_again_mean_what_is_selected_now(
    nvim: Nvim, broker: FakeBroker
) -> None:
    nvim.feed("2GVj<Esc>:ZekeChat explain @selection<CR>")
    first = answer(nvim, broker, "Yes.")["messages"][0]
    nvim.feed("<C-w>p1GV<Esc>:ZekeChat explain @selection<CR>")
    sent = broker.expect("task.submit")["messages"]
    assert sent[0] == first
    assert sent[2]["content"] == first["content"]
    assert sent[2]["attachments"][0]["first"] == 1
