from __future__ import annotations

import json
from typing import Any

from zeke_bridge.core.prompts import terminal
from zeke_bridge.model.exchange import Audience, TerminalAsk, TerminalTask


def ask(task: TerminalTask, text: str = "make", **more: Any) -> TerminalAsk:
    return TerminalAsk(Audience(), task, text, **more)


WHERE = {"shell": "zsh", "system": "macOS", "cwd": "proj", "branch": "dev", "history": ("ls", "cd")}


def test_a_wish_says_where_it_would_run() -> None:
    prompt = terminal.suggest(ask("suggest", "list files", **WHERE))
    system, user = (message["content"] for message in prompt.messages)
    assert "zsh, macOS" in system
    for part in ("Directory: proj", "Git branch: dev", "  ls\n  cd", "Wish: list files"):
        assert part in user
    assert prompt.response_format is not None


def test_a_small_model_sees_examples_and_no_names_to_mix_up() -> None:
    body = terminal.suggest(ask("suggest", "list files", **WHERE)).body(small=True)
    *examples, last = body["messages"][1:]
    assert last == {"role": "user", "content": "Wish: list files"}
    for answer in examples[1::2]:
        assert set(json.loads(answer["content"])) == {"command", "explanation", "dangerous"}


def test_explain_shows_the_command() -> None:
    prompt = terminal.explain(ask("explain", "tar xf a", **WHERE))
    assert "```sh\ntar xf a\n```" in prompt.messages[-1]["content"]
    assert "```sh\ntar xf a\n```" in prompt.body(small=True)["messages"][-1]["content"]


def test_debug_shows_the_end_of_what_was_printed() -> None:
    output = "\n".join(f"line {number}" for number in range(20_000))
    prompt = terminal.debug(ask("debug", output=output, exit_code=2))
    said = prompt.messages[-1]["content"]
    assert "line 19999" in said
    assert "line 0\n" not in said
    assert "lines before)" in said
    assert said.endswith("Exit code: 2")
    small = prompt.body(small=True)
    assert len(small["messages"][-1]["content"]) < 4_000
    assert "root ::=" in small["grammar"]
    assert "grammar" not in prompt.body(small=False)


def test_debug_needs_no_command() -> None:
    said = terminal.debug(ask("debug", "", output="boom")).messages[-1]["content"]
    assert said == "It printed:\n```\nboom\n```"
