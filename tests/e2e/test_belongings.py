"""What a person has arranged in Neovim is as it was after each thing that Zeke does.

``belongings`` has what that is. Where a test names exceptions, they are what was asked for (the
text of an accepted edit, the findings in the quickfix list), or what Neovim itself does when a
person goes to another window and back (``WENT``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e import belongings
from tests.e2e.conftest import Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer, done
from tests.fakes.house import House

WENT = "previous window"
# What one more change of the text makes of these, whoever makes it.
CHANGE = tuple(
    f"{what} of app.py"
    for what in ("text", "changedtick", "undo", "changelist", r"mark [\[\].]", r"mark \"")
)

Action = Callable[[Nvim, House], None]


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


@pytest.fixture
def open_home(editor: Opener, house: House) -> Callable[..., Nvim]:
    """A Neovim that somebody has worked in, with the cursor in ``app.py``."""

    def start(**settings: Any) -> Nvim:
        (house.project / "app.py").write_text(belongings.CODE, encoding="utf-8")
        nvim = editor(init=belongings.INIT, size=(100, 40), settings=settings)
        belongings.move_in(nvim, house.project)
        return nvim

    return start


def proposed(nvim: Nvim, house: House) -> list[str]:
    """Have a change of three hunks proposed; the text that it leads to."""
    lines = nvim.lines()
    lines[3:4] = ["    # two lines", "    return x * 2"]
    lines.insert(24, "# one more")
    lines.remove("    return x + 21")
    house.provider.script.append("\n".join(lines))
    nvim.command("%ZekeEdit make it better")
    nvim.wait_event("ZekeReviewOpened")
    nvim.wait_for("vim.fn.maparg('ga', 'n') ~= ''")
    return lines


def over(nvim: Nvim) -> None:
    """Nothing runs, and what waited to be cleared away is gone."""
    nvim.wait_for("require('zeke.tasks').count() == 0")
    nvim.settle()


def rejected(nvim: Nvim, house: House) -> None:
    proposed(nvim, house)
    nvim.feed("gR")
    assert done(nvim)["rejected"]


def rejected_by_hunk(nvim: Nvim, house: House) -> None:
    proposed(nvim, house)
    here = nvim.lua("return vim.fn.winsaveview()")
    nvim.feed("ghrghrghrghr")  # what is out of sight is shown first, and not decided
    assert done(nvim)["rejected"]
    # The keys took the person from hunk to hunk.
    nvim.lua("vim.fn.winrestview(...)", here)


def denied(nvim: Nvim, house: House) -> None:
    proposed(nvim, house)
    nvim.feed("ga")
    answer(nvim, "d")
    done(nvim)


def created(nvim: Nvim, house: House) -> None:
    files = [{"path": "new.py", "content": "new = 1\n"}, {"path": "b.py", "content": "b = 1\n"}]
    house.provider.script.append(json.dumps({"files": files}))
    nvim.feed("<Esc>")
    nvim.command("ZekeCreate a thing")
    nvim.wait_screen("Zeke review")
    nvim.feed("ga")
    answer(nvim, "1")
    nvim.wait_event("ZekeTaskSettled")
    nvim.wait_screen("b.py (new)")
    nvim.feed("gR")
    assert done(nvim)["written"]
    nvim.wait_for("#vim.api.nvim_list_tabpages() == 2")


def chatted(nvim: Nvim, house: House) -> None:
    nvim.command("ZekeChat hello ANSWER: One.\\nTwo.")
    done(nvim)
    nvim.wait_screen("Two.")
    nvim.command("close")


def chatted_beside(nvim: Nvim, house: House) -> None:
    nvim.lua("require('zeke').setup({ chat = { window = 'right' } })")
    chatted(nvim, house)


def chatted_in_a_float(nvim: Nvim, house: House) -> None:
    nvim.lua("require('zeke').setup({ chat = { window = 'float' } })")
    chatted(nvim, house)


def chatted_in_a_tab(nvim: Nvim, house: House) -> None:
    nvim.lua("require('zeke').setup({ chat = { window = 'tab' } })")
    nvim.command("ZekeChat hello ANSWER: One.\\nTwo.")
    done(nvim)
    nvim.wait_screen("Two.")
    nvim.command("tabclose")


def closed_while_it_streams(nvim: Nvim, house: House) -> None:
    nvim.lua("require('zeke').setup({ default_model = 'openai:held' })")
    nvim.command("ZekeChat hello")
    nvim.wait_screen("first")
    nvim.command("close")
    house.provider.release()
    done(nvim)


def explained(nvim: Nvim, house: House) -> None:
    nvim.command("1,4ZekeExplain")
    done(nvim)
    nvim.wait_screen("This is what the fake says")
    nvim.feed("<C-w>jq")
    nvim.wait_gone("This is what the fake says")


def explained_in_a_float(nvim: Nvim, house: House) -> None:
    nvim.lua("require('zeke').setup({ ui = { explain = 'float' } })")
    nvim.command("1,4ZekeExplain")
    done(nvim)
    nvim.wait_screen("This is what the fake says")
    nvim.feed("<C-w>w<C-w>wq")
    nvim.wait_gone("This is what the fake says")


def analyzed(nvim: Nvim, house: House) -> None:
    nvim.command("1,4ZekeAnalyze quality")
    done(nvim)
    nvim.wait_screen("Findings")
    nvim.command("ZekeFindings")
    nvim.feed("q")
    nvim.wait_gone("Findings")


def refused(nvim: Nvim, house: House) -> None:
    """A question of GhostWarden's alone, denied."""
    nvim.lua("require('zeke').setup({ ghostllm = { auto_approve_read = false } })")
    nvim.command("1,4ZekeAnalyze quality")
    answer(nvim, "d")
    nvim.wait_event("ZekeTaskFailed")


def looked_at(command: str, shown: str) -> Action:
    """A window that is opened and closed."""

    def look(nvim: Nvim, _: House) -> None:
        nvim.command(command)
        nvim.wait_screen(shown)
        nvim.feed("q")
        nvim.wait_for("vim.fn.expand('%:t') == 'app.py'")

    look.__name__ = command.rsplit(maxsplit=1)[-1]
    return look


ACTIONS: list[tuple[Action, tuple[str, ...]]] = [
    (rejected, ()),
    (rejected_by_hunk, ("curswant.*",)),
    (denied, ()),
    (created, ("previous tab",)),
    (chatted, (WENT,)),
    (chatted_beside, (WENT,)),
    (chatted_in_a_float, (WENT,)),
    # 'tabclose' says which tab page comes next.
    (chatted_in_a_tab, ("previous .*", "where", "last visual mode")),
    (closed_while_it_streams, (WENT,)),
    (explained, (WENT,)),
    (explained_in_a_float, (WENT,)),
    (analyzed, (WENT, "quickfix", "drawn of app.py")),
    (refused, (WENT,)),
    (looked_at("ZekeStatus", "Zeke status"), (WENT,)),
    (looked_at("ZekeProviders", "Zeke providers"), (WENT,)),
    (looked_at("ZekeConsents", "Zeke consents"), (WENT,)),
    (looked_at("Zeke messages", "Zeke messages"), (WENT,)),
]


@pytest.mark.parametrize(
    ("action", "but"), [pytest.param(*row, id=row[0].__name__) for row in ACTIONS]
)
def test_all_is_as_it_was(
    open_home: Callable[..., Nvim], house: House, action: Action, but: tuple[str, ...]
) -> None:
    nvim = open_home()
    with belongings.untouched(nvim, *but):
        action(nvim, house)
        over(nvim)
    # What is repeated is what the person did last.
    nvim.feed("jw.")
    nvim.settle()
    assert "triple" in nvim.lua("return vim.fn.getline('.')")


def test_an_accepted_edit_moves_everything_with_its_line(
    open_home: Callable[..., Nvim], house: House
) -> None:
    nvim = open_home()
    before = nvim.lines()
    with belongings.untouched(nvim, *CHANGE, WENT, moved=True):
        wanted = proposed(nvim, house)
        nvim.feed("ga")
        answer(nvim, "1")
        assert done(nvim)["written"]
        over(nvim)
    assert nvim.lines() == wanted
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == before
    nvim.feed("<C-r>")
    nvim.settle()
    assert nvim.lines() == wanted


def test_an_edit_accepted_by_hunk(open_home: Callable[..., Nvim], house: House) -> None:
    nvim = open_home()
    before = nvim.lines()
    went = ("cursor of window .*", "curswant .*", "view of window .*")
    with belongings.untouched(nvim, *CHANGE, *went, WENT, moved=True):
        wanted = proposed(nvim, house)
        wanted.remove("# one more")
        nvim.feed("[h[hghaghrgha")
        answer(nvim, "1")
        assert done(nvim)["written"]
        over(nvim)
    assert nvim.lines() == wanted
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == before


def test_windows_that_were_made_another_size_meanwhile_stay_so(editor: Opener) -> None:
    nvim = editor()
    nvim.command("vsplit | resize 15")
    nvim.command("ZekeExplain")
    done(nvim)
    nvim.command("vertical resize 20")
    nvim.feed("<C-w>jq")
    nvim.wait_for("#vim.api.nvim_tabpage_list_wins(0) < 4")
    nvim.settle()
    assert nvim.lua("return vim.api.nvim_win_get_width(0)") == 20


TYPED = (*CHANGE, r"mark \^ of app.py", r"register \.", "option modified of app.py")
COMPLETE = {"default_model": "openai:echo", "complete": {"enabled": True, "debounce_ms": 1}}


@pytest.mark.parametrize("lsp", [True, False])
def test_a_completion_dismissed(open_home: Callable[..., Nvim], house: House, lsp: bool) -> None:
    """As if the person had gone to Insert mode and back."""
    nvim = open_home(**{**COMPLETE, "complete": {**COMPLETE["complete"], "lsp": lsp}})
    house.provider.script.append("```python\nsorted([3, 1, 2])\n```")
    nvim.feed("A<Esc>0w")
    nvim.settle()
    with belongings.untouched(nvim):
        nvim.feed("A")
        nvim.wait_screen("sorted([3, 1, 2])")
        nvim.feed("<C-]>")
        nvim.wait_gone("sorted([3, 1, 2])")
        nvim.feed("<Esc>0w")


@pytest.mark.parametrize("lsp", [True, False])
def test_a_completion_accepted(open_home: Callable[..., Nvim], house: House, lsp: bool) -> None:
    nvim = open_home(**{**COMPLETE, "complete": {**COMPLETE["complete"], "lsp": lsp}})
    before = nvim.lines()
    house.provider.script.append("```python\n  # the sum\n```")
    with belongings.untouched(nvim, *TYPED):
        nvim.feed("A")
        nvim.wait_screen("# the sum")
        nvim.feed("<Tab><Esc>0w")
        nvim.settle()
        assert nvim.lines() != before
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == before
