"""A Neovim whose ``ghostllm.base_url`` is somebody else's server, and a person who tries it all."""

from __future__ import annotations

from typing import Any

from tests.e2e.nvim import PATIENCE, Nvim
from tests.e2e.person import ENDINGS, accept, answer, done, propose, run
from tests.fakes.asks import KINDS
from tests.fakes.house import House

# Time enough to type three commands on a busy machine; the window waits for nothing else.
WINDOW_MS = 1500

# What streams an answer into a window and changes nothing.
TALK = {
    "chat": "ZekeChat Say hello.",
    "explain": "1,5ZekeExplain",
    "context": "ZekeContext what is this project?",
    "terminal": "ZekeTerminal explain ls -la",
    "debug": "ZekeTerminal debug make: no rule to make target",
}


def settings(base_url: str, **more: Any) -> dict[str, Any]:
    """What ``vim.g.zeke`` holds for ``base_url``, whose key is in ``PEER_KEY``."""
    ghostllm = {"base_url": base_url, "api_key_env": "PEER_KEY"}
    return {"ghostllm": ghostllm, "batch": {"window_ms": WINDOW_MS}, **more}


def talk(nvim: Nvim, command: str, patience: float = PATIENCE) -> dict[str, Any]:
    """Run a command that answers with text; the end of its task."""
    run(nvim, TALK[command])
    ended = done(nvim, patience)
    assert ended["text"].strip()
    return ended


def change(nvim: Nvim, house: House, line: str, patience: float = PATIENCE) -> dict[str, Any]:
    """Run an edit of ``app.py`` and take what is proposed; the end of its task."""
    path = house.project / "app.py"
    before = path.read_text()
    propose(nvim, line, patience)
    assert path.read_text() == before
    accept(nvim)
    answer(nvim, "1")
    ended = done(nvim, patience)
    assert ended["written"], ended
    assert path.read_text() != before
    return ended


def analyze(nvim: Nvim, house: House, patience: float = PATIENCE) -> list[dict[str, Any]]:
    """Look for one kind after the other; the ends, which are of one call."""
    # The broker hears all three at once, however long they take to type.
    with house.still():
        for kind in KINDS:
            run(nvim, f"ZekeAnalyze {kind}")
    ends = [done(nvim, patience) for _ in KINDS]
    assert len({end["call"] for end in ends}) == 1
    assert {kind for end in ends for kind in end["kinds"]} == set(KINDS)
    return ends


def create(nvim: Nvim, house: House, patience: float = PATIENCE) -> None:
    """Have a file made, and take all that is proposed."""
    run(nvim, "ZekeCreate a file hello.py that prints hello")
    name, data = nvim.wait_any("ZekeTaskPatch", *ENDINGS, patience=patience)
    assert name == "ZekeTaskPatch", data
    path = data["path"]
    nvim.wait_screen("ga accept")
    assert not (house.project / path).exists()
    nvim.feed("ghA")
    while nvim.wait_any("ZekeConsentAsked", *ENDINGS)[0] == "ZekeConsentAsked":
        answer(nvim, "1")
    assert (house.project / path).read_text()
