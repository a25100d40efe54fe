"""What a person does at a Neovim, and what they see when it worked. Knows only screen and keys."""

from __future__ import annotations

import textwrap
from typing import Any

from tests.e2e.nvim import PATIENCE, Nvim
from tests.e2e.screen import Screen

ENDINGS = ("ZekeTaskDone", "ZekeTaskFailed")


def run(nvim: Nvim, line: str) -> None:
    """Type an Ex command. What would be a key name in it is typed as it stands."""
    nvim.feed(f":{line.replace('<', '<lt>')}<CR>")


def connected(nvim: Nvim) -> Nvim:
    """Wait until it is connected to the broker, without a key."""
    nvim.lua("require('zeke.connection').ensure()")
    nvim.wait_for("require('zeke.connection').phase() == 'ready'")
    return nvim


def done(nvim: Nvim, patience: float = PATIENCE) -> dict[str, Any]:
    """Wait for the next end of a task, which has to be a good one; its data."""
    name, data = nvim.wait_any(*ENDINGS, patience=patience)
    assert name == "ZekeTaskDone", data
    return dict(data)


def failed(nvim: Nvim, patience: float = PATIENCE) -> str:
    """Wait for the next end of a task, which has to be a failure told on the screen; its text."""
    name, data = nvim.wait_any(*ENDINGS, patience=patience)
    assert name == "ZekeTaskFailed", data
    says(nvim, data["message"])
    return str(data["message"])


def denied(nvim: Nvim) -> str:
    """Wait for the next end of a task, in which no file was written and one was denied; why."""
    ended = done(nvim)
    assert not ended["written"]
    [why] = [file["message"] for file in ended["files"] if file["state"] == "denied"]
    nvim.wait_screen(lambda screen: why.split(".")[0] in " ".join(screen.text.split()))
    return str(why)


def says(nvim: Nvim, sentence: str) -> None:
    """Wait until the whole sentence stands in the notice window, and it is one for a person."""
    assert clear(sentence), sentence
    rows = textwrap.wrap(f"Zeke: {sentence}", 74, break_long_words=False, break_on_hyphens=False)
    nvim.wait_screen(lambda screen: all(row in screen.text for row in rows))


def flat(screen: Screen) -> str:
    """The screen as one line, without the marks of empty lines: a sentence may be broken."""
    return " ".join(" ".join(line.removeprefix("~") for line in screen.lines).split())


def shows(nvim: Nvim, words: str) -> None:
    """Wait until the words stand on the screen, wherever a line ends: also within a word."""
    wanted = words.replace(" ", "")
    try:
        nvim.wait_screen(lambda screen: wanted in flat(screen).replace(" ", ""))
    except TimeoutError:
        raise AssertionError(f"{words!r} is not in {flat(nvim.screen)!r}") from None


def reads(nvim: Nvim, sentence: str) -> None:
    """Wait until the sentence stands on the screen; it has to be one for a person."""
    assert clear(sentence), sentence
    shows(nvim, sentence)


def clear(sentence: str) -> bool:
    """Whether it reads as written for a person: one or two sentences, nothing of a traceback."""
    foreign = ("Traceback", "stack traceback", "Error(", "Exception", "\n", "None", "0x")
    ends = sentence.endswith((".", "?", "!")) or "It said: " in sentence
    return 10 < len(sentence) < 320 and ends and not any(word in sentence for word in foreign)


def propose(nvim: Nvim, line: str, patience: float = PATIENCE) -> dict[str, Any]:
    """Run an edit and wait for its diff (a notice may cover it); the patch."""
    run(nvim, line)
    name, data = nvim.wait_any("ZekeTaskPatch", "ZekeTaskFailed", patience=patience)
    assert name == "ZekeTaskPatch", data
    nvim.wait_for("vim.fn.maparg('ga', 'n') ~= ''")
    return dict(data)


def accept(nvim: Nvim) -> None:
    """Take the shown change."""
    nvim.feed("ga")


def answer(nvim: Nvim, key: str) -> None:
    """Answer GhostWarden's prompt once it listens."""
    nvim.wait_screen("Esc denies")
    nvim.feed(key)
    nvim.wait_gone("Esc denies")


def notices(nvim: Nvim) -> list[str]:
    """Everything said so far in this Neovim."""
    nvim.feed(":Zeke messages<CR>")
    nvim.wait_screen("╭ Zeke messages")
    said = [line.strip() for line in nvim.lines()]
    nvim.feed("q")
    nvim.wait_gone("╭ Zeke messages")
    return said
