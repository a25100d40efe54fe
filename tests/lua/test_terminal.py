"""``:ZekeTerminal``: what is sent is said, and a suggestion is looked at, never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

SENT = {"shell": "sh", "system": "Linux", "cwd": "project", "branch": "main", "output": 0}
COMMAND = "find . -size +1M"
SUGGESTION = {
    "command": COMMAND,
    "shown": COMMAND,
    "explanation": "find lists what is larger.",
    "dangerous": False,
    "plain": True,
}


@pytest.fixture(autouse=True)
def _plain_shell(nvim: Nvim) -> None:
    nvim.command("set shell=/bin/sh")


def suggest(nvim: Nvim, broker: FakeBroker, **changed: Any) -> str:
    nvim.feed(":ZekeTerminal suggest find large files<CR>")
    task = broker.expect("task.submit")
    assert task["kind"] == "terminal"
    assert task["instruction"] == "find large files"
    assert task["shell"] == {"job": "suggest", "name": "sh", "system": "Linux"}
    broker.send("task.sent", id=task["id"], **SENT)
    suggestion = {**SUGGESTION, **changed}
    broker.send("task.done", id=task["id"], text="…", suggestion=suggestion, model="tiny")
    return nvim.wait_screen("nothing is run")


def shell(nvim: Nvim) -> int:
    """A terminal whose shell waits; its buffer."""
    nvim.command("enew")
    nvim.lua("vim.fn.jobstart({ 'sh' }, { term = true, env = { PS1 = 'ready> ' } })")
    nvim.wait_screen("ready>")
    buffer: int = nvim.lua("return vim.api.nvim_get_current_buf()")
    nvim.command("new")
    return buffer


def type_into(nvim: Nvim, terminal: int, line: str) -> None:
    nvim.lua(
        "local b, text = ... vim.fn.chansend(vim.bo[b].channel, text .. '\\n')", terminal, line
    )


def test_a_suggestion_is_shown_with_its_risk(nvim: Nvim, broker: FakeBroker) -> None:
    text = suggest(nvim, broker)
    assert "Zeke suggests a command · tiny" in text
    assert nvim.lines() == [
        "```sh",
        COMMAND,
        "```",
        "**Risk:** Low, as far as can be read from it.",
        "find lists what is larger.",
        "",
        "`y` yanks it · `t` types it into the last terminal · nothing is run",
        "",
        "> **Shown to the model:**",
        "> - `find large files`",
        "> - sh · Linux · project · branch main",
    ]
    nvim.feed("y")
    nvim.wait_screen("Yanked: `p` puts it.")
    assert nvim.lua("return vim.fn.getreg('\"')") == COMMAND
    nvim.feed("t")
    nvim.wait_screen("No terminal is open: `:terminal` opens one")


def test_a_dangerous_one_says_so(nvim: Nvim, broker: FakeBroker) -> None:
    text = suggest(nvim, broker, command="rm -r x", shown="rm -r x", dangerous=True)
    assert "Risk: High." in text.replace("*", "")


def test_it_is_typed_and_not_run(nvim: Nvim, broker: FakeBroker, tmp_path: Path) -> None:
    buffer = shell(nvim)
    mark = tmp_path / "ran"
    suggest(nvim, broker, command=f"touch {mark}", shown=f"touch {mark}")
    nvim.feed("t")
    nvim.wait_screen("The command stands in the terminal. Nothing was run.")
    nvim.wait_for("vim.api.nvim_buf_get_lines(..., 0, 1, false)[1]:find('touch')", buffer)
    assert not mark.exists()


def test_what_a_shell_would_act_on_is_not_typed(nvim: Nvim, broker: FakeBroker) -> None:
    shell(nvim)
    suggest(nvim, broker, command="ls\nrm x", shown="ls\\u{a}rm x", plain=False)
    assert "ls\\u{a}rm x" in nvim.screen.text
    assert "types it" not in nvim.screen.text
    nvim.feed("t")
    nvim.wait_screen("holds characters that a shell would act on")
    # The broker's word is not all that counts.
    nvim.command("bwipeout")
    suggest(nvim, broker, command="ls\r", shown="ls", plain=True)
    nvim.feed("t")
    nvim.wait_screen("holds characters that a shell would act on")


def test_a_program_that_runs_gets_no_keys(nvim: Nvim, broker: FakeBroker) -> None:
    buffer = shell(nvim)
    type_into(nvim, buffer, 'sh -c "printf u%s p; cat"')  # It is the program that says so.
    nvim.wait_screen("up")
    suggest(nvim, broker)
    nvim.feed("t")
    nvim.wait_screen("Something runs in the terminal and would take it as keys")


def test_what_failed_is_asked_with_a_selection(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.command("enew")
    nvim.command("call setline(1, ['make: *** no rule', 'more', 'rest'])")
    nvim.feed(":1,2ZekeTerminal debug make all<CR>")
    task = broker.expect("task.submit")
    assert task["instruction"] == "make all"
    assert task["shell"]["output"] == "make: *** no rule\nmore"
    assert "buffer" not in task
    broker.send("task.sent", id=task["id"], **{**SENT, "output": 2})
    nvim.wait_screen("2 lines of the selected lines")
    broker.send("task.delta", id=task["id"], text="No rule.")
    broker.send("task.done", id=task["id"], text="No rule.")
    nvim.wait_screen("No rule.")


def test_a_selection_of_a_file_is_left_to_the_warden(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed(":1,2ZekeTerminal debug<CR>")
    task = broker.expect("task.submit")
    assert task["buffer"]["path"] == str(sample)
    assert "output" not in task["shell"]


def test_the_end_of_the_last_terminal(nvim: Nvim, broker: FakeBroker) -> None:
    buffer = shell(nvim)
    type_into(nvim, buffer, "seq 300; printf 'fi%s' shed")
    text = "table.concat(vim.api.nvim_buf_get_lines(..., 0, -1, false), ' ')"
    nvim.wait_for(f"{text}:find('fished')", buffer)
    nvim.feed(":ZekeTerminal! debug<CR>")
    output = broker.expect("task.submit")["shell"]["output"].split("\n")
    assert output[-1].startswith("fished")
    assert 90 < len(output) <= 100
    assert "1" not in output


def test_what_is_missing_is_said_at_once(nvim: Nvim, broker: FakeBroker) -> None:
    for line, says in (
        ("ZekeTerminal", "Say what the command should do"),
        ("ZekeTerminal suggest", "Say what the command should do"),
        ("ZekeTerminal explain", "Give a command, as in"),
        ("ZekeTerminal debug", "Give the command that failed"),
        ("ZekeTerminal explian ls", "There is no `:ZekeTerminal explian`."),
        ("ZekeTerminal! debug", "There is no terminal in this Neovim"),
    ):
        nvim.feed(f":{line}<CR>")
        nvim.wait_screen(says)
    assert not broker.seen("hello")
    complete = "return vim.fn.getcompletion(..., 'cmdline')"
    assert nvim.lua(complete, "ZekeTerminal ") == ["suggest", "explain", "debug"]
    assert nvim.lua(complete, "Zeke terminal d") == ["debug"]
