"""The demo without a person: the same session in a real Neovim, each screen printed as text.

Drives Neovim as the end-to-end tests do, with keys, looking at the screen. A step that does not
happen ends it with the screen as it was.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.agent import command
from demo.house import House
from demo.sample import UNITS
from tests.e2e.nvim import Nvim, NvimError

# A small model on a busy machine.
PATIENCE = 180.0
SIZE = (92, 28)


def play(house: House) -> int:
    """Play every scene; returns an exit status, not 0 when something did not happen."""
    init = f"vim.g.zeke_python = [[{sys.executable}]]\n{agents(house)}"
    total = house.project / "orders" / "total.py"
    with Nvim(
        house.project.parent / "home",
        str(total),
        env=house.environment,
        init=init,
        cwd=house.project,
        size=SIZE,
    ) as nvim:
        stage = Stage(nvim, house)
        for scene in SCENES:
            try:
                scene(stage)
            except (AssertionError, TimeoutError, NvimError, EOFError, OSError) as error:
                stage.show("this should not be here")
                print(f"FAILED in {scene.__name__}: {error}", file=sys.stderr)
                return 1
    print("Everything happened.")
    return 0


def agents(house: House) -> str:
    """The settings by which ``:ZekeAgent sample`` is the demo's own agent."""
    words = ", ".join(f"[[{word}]]" for word in command(house.project.parent))
    return f"vim.g.zeke = {{ agents = {{ sample = {{ command = {{ {words} }} }} }} }}"


class Stage:
    """The Neovim on which it is played, and the project under it."""

    def __init__(self, nvim: Nvim, house: House) -> None:
        self.nvim = nvim
        self.project = house.project
        self.number = 0

    def show(self, title: str) -> None:
        """Print the screen."""
        self.number += 1
        width = SIZE[0]
        print(f"\n── {self.number}. {title} " + "─" * max(0, width - len(title) - 6))
        print("\n".join(f"│{line:<{width}}│" for line in self.nvim.screen.lines), flush=True)

    def until(self, shown: str | Callable[..., bool]) -> None:
        """Wait for something on the screen."""
        self.nvim.wait_screen(shown, PATIENCE)

    def until_gone(self, shown: str) -> None:
        """Wait until something is no longer on the screen."""
        self.until(lambda screen: shown not in screen.text)

    def event(self, name: str) -> dict[str, Any]:
        """The data of the next such event; a task that fails instead ends the scene."""
        wanted = (name, "ZekeTaskFailed")
        events = self.nvim.events
        self.until(lambda _: any(seen in wanted for seen, _data in events))
        seen = next(seen for seen, _data in events if seen in wanted)
        data: dict[str, Any] = self.nvim.wait_event(seen)
        assert seen == name, data["message"]
        return data

    def turn_done(self) -> None:
        """Wait for the end of an agent's turn; its reviews are tasks that end before."""
        while (done := self.event("ZekeTaskDone"))["kind"] != "agent":
            pass
        assert done["stop_reason"] == "end_turn", done

    def open(self, name: str) -> Path:
        """Show one file of the project alone."""
        self.nvim.feed(f"<Esc>:only<CR>:edit {name}<CR>")
        self.nvim.settle()
        return self.project / name

    def propose(self, command: str) -> None:
        """Run an edit and accept its diff, which is printed."""
        self.nvim.feed(f":{command}<CR>")
        self.event("ZekeTaskPatch")
        self.until("accept")
        self.show(f":{command} — the diff in the buffer, nothing changed yet")
        self.nvim.feed("ga")

    def answer(self, key: str) -> None:
        """Answer the GhostWarden prompt, once it listens."""
        self.event("ZekeConsentAsked")
        # It ignores keys for its first moment, and says so.
        self.until("Esc denies")
        self.show(f"GhostWarden asks; the answer is `{key}`")
        self.nvim.feed(key)


def explain(stage: Stage) -> None:
    """An explanation streams in."""
    nvim = stage.nvim
    nvim.feed(":1,5ZekeExplain<CR>")
    for _ in range(12):
        stage.event("ZekeTaskDelta")
    stage.show(":1,5ZekeExplain — streaming")
    done = stage.event("ZekeTaskDone")
    assert len(done["text"]) > 40, "the explanation is too short"
    stage.show("… and done")


def edit_once_and_remember(stage: Stage) -> None:
    """An edit becomes a diff, GhostWarden asks, key 3, the file is changed and it is kept."""
    path = stage.open("orders/total.py")
    before = path.read_text()
    stage.propose("1,5ZekeEdit add a docstring")
    assert path.read_text() == before, "the file changed before consent"
    stage.answer("3")
    done = stage.event("ZekeTaskDone")
    assert done["written"], f"the edit was not written: {done}"
    after = path.read_text()
    assert after != before, "the file did not change"
    stage.until_gone("decides")
    stage.show("the changed file")
    consents = json.loads((stage.project / ".zeke-consents.json").read_text())
    print(".zeke-consents.json:")
    print(json.dumps(consents, indent=2))
    targets = [(grant["op"], grant["target"]) for grant in consents["grants"]]
    assert targets == [("write", "orders/total.py")], targets


def edit_again(stage: Stage) -> None:
    """A second edit of the same file needs no prompt."""
    path = stage.open("orders/total.py")
    before = path.read_text()
    last = len(before.splitlines())
    first = last - 5
    stage.propose(f"{first},{last}ZekeEdit add a docstring")
    done = stage.event("ZekeTaskDone")
    assert done["written"], done
    assert path.read_text() != before
    asked = [name for name, _ in stage.nvim.events if name == "ZekeConsentAsked"]
    assert not asked, "GhostWarden asked again"
    stage.until_gone("accept")
    stage.show("written without a prompt: the project remembers")


def deny(stage: Stage) -> None:
    """A denied edit changes nothing."""
    path = stage.open("orders/load.py")
    before = path.read_bytes()
    stage.propose("4,6ZekeEdit add a docstring")
    stage.answer("d")
    done = stage.event("ZekeTaskDone")
    assert [file["state"] for file in done["files"]] == ["denied"], done
    assert path.read_bytes() == before, "a denied edit changed the file"
    assert not stage.nvim.lua("return vim.bo.modified"), "a denied edit changed the buffer"
    stage.until("You said no")
    stage.show("denied: nothing changed")


def analyze(stage: Stage) -> None:
    """Three analyses are answered by one call to the core."""
    stage.open("orders/load.py")
    served = _served(stage)
    for kind in ("quality", "security", "performance"):
        stage.nvim.feed(f":1,11ZekeAnalyze {kind}<CR>")
    done = [stage.event("ZekeTaskDone") for _ in range(3)]
    calls = {one["call"] for one in done}
    assert len(calls) == 1, f"they were {len(calls)} calls"
    assert any(one["findings"] for one in done), "nothing was found in code that calls eval()"
    used = _served(stage) - served
    assert used == 1, f"the core served {used} calls"
    stage.nvim.feed(":ZekeFindings<CR>")
    stage.nvim.settle()
    stage.show("three analyses, one call to the core")


def assistant(stage: Stage) -> None:
    """The built-in assistant on the local model: a task of one file, with tools."""
    path = stage.open("orders/load.py")
    before = path.read_text()
    stage.nvim.feed(":ZekeAgent zeke Add a docstring to the function load in orders/load.py<CR>")
    stage.event("ZekeTaskPatch")
    # A small model takes its time, and who does something else is not taken away from it.
    stage.nvim.feed(":ZekeReview<CR>")
    stage.until("goes there")
    # The whole height, because a small model writes long docstrings.
    stage.nvim.feed("<CR><C-w>_")
    stage.until("accept")
    stage.show(":ZekeAgent zeke — it found the file, and proposes")
    stage.nvim.feed("ga")
    stage.answer("1")
    stage.turn_done()
    assert path.read_text() != before, "the file did not change"
    stage.until_gone("decides")
    stage.show("done, by the local model")


def agent(stage: Stage) -> None:
    """An agent that speaks ACP edits ten files and runs tests: each effect is asked about."""
    stage.open("README.md")
    stage.nvim.feed("<C-w>=")
    stage.nvim.feed(":ZekeAgent sample annotate all units, then run the tests<CR>")
    stage.answer("1")
    for name in UNITS:
        stage.event("ZekeTaskPatch")
        stage.until(lambda screen: "accept" in screen.text)
        if name == UNITS[0]:
            stage.show("its first change, hunk by hunk")
        stage.nvim.feed("ga")
        stage.event("ZekeConsentAsked")
        stage.until("Esc denies")
        stage.nvim.feed("1")
    stage.answer("1")
    stage.turn_done()
    text = (stage.project / "units" / "piece.py").read_text()
    assert text.startswith("def piece(count: int) -> int:"), text
    stage.until("the tests pass")
    stage.until("exit 0")
    stage.show("ten files and the tests")


def status(stage: Stage) -> None:
    """The status window."""
    stage.open("orders/total.py")
    stage.nvim.feed(":ZekeStatus<CR>")
    stage.until("embedded")
    stage.show(":ZekeStatus")


SCENES = (
    explain,
    edit_once_and_remember,
    edit_again,
    deny,
    analyze,
    assistant,
    agent,
    status,
)


def _served(stage: Stage) -> int:
    """How many questions the core has been asked."""
    ask = """
    vim.g.demo_served = -1
    require("zeke.replies").state("status", function(data)
      vim.g.demo_served = data.core.requests_served
    end)
    """
    stage.nvim.lua(ask)
    served: int = stage.nvim.wait_for("vim.g.demo_served >= 0 and vim.g.demo_served + 1") - 1
    return served
