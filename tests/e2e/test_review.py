"""A change under review in a real Neovim with a real broker: what is seen, decided, written, told.

The screens are kept in ``tests/e2e/screens``; ``ZEKE_SCREENS=write`` writes them anew (see
``tests/e2e/screens.py``), and ``python -m tests.e2e.look review-hunks --live`` opens one of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e import screens
from tests.e2e.conftest import SAMPLE, Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer, done, run
from tests.fakes.house import House

BETTER = """\
def total(numbers):
    result = 0
    for value in values:
        result += value
    return result


print(total([1, 2, 3, 4]))
"""
LINES = SAMPLE.splitlines()
NEW = BETTER.splitlines()


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


@pytest.fixture
def path(house: House) -> Path:
    return house.project / "app.py"


@pytest.fixture
def nvim(editor: Opener, house: House) -> Nvim:
    """An edit of three hunks is shown."""
    nvim = editor()
    house.provider.script.append(BETTER)
    run(nvim, "1,8ZekeEdit make it better")
    nvim.wait_event("ZekeReviewOpened")
    nvim.wait_screen("Zeke 1/3 +1 −1")
    return nvim


def shown(nvim: Nvim, name: str) -> None:
    """The screen, without what stands in the command line."""
    nvim.feed("<Esc>:<C-u>echo ''<CR>")
    screens.check(nvim, name)


def files(house: House, *files: tuple[str, str]) -> None:
    rows = [{"path": path, "content": content} for path, content in files]
    house.provider.script.append(json.dumps({"files": rows}))


def asked(house: House) -> str:
    """Everything that the model was told last."""
    return json.dumps(house.provider.requests[-1]["messages"])


def test_three_hunks(nvim: Nvim) -> None:
    shown(nvim, "review-hunks")
    nvim.feed("gha")
    nvim.wait_screen("1/3 ✓ accepted")
    nvim.feed("ghr")
    nvim.wait_screen("2/3 ✗ rejected")
    shown(nvim, "review-decided")
    nvim.feed("[h")
    nvim.wait_screen("Zeke 2/3")
    shown(nvim, "review-undecide")


def test_what_was_accepted_is_what_is_written(nvim: Nvim, path: Path) -> None:
    nvim.feed("gha")
    nvim.wait_screen("1/3 ✓ accepted")
    nvim.feed("ghr")
    nvim.wait_screen("2/3 ✗ rejected")
    assert path.read_text() == SAMPLE
    nvim.feed("gha")
    text = nvim.wait_screen("Esc denies")
    assert "+2 −2" in text
    answer(nvim, "1")
    ended = done(nvim)
    assert [(file["state"], file["accepted"]) for file in ended["files"]] == [("written", 2)]
    wanted = [NEW[0], *LINES[1:7], NEW[7]]
    assert path.read_text() == "\n".join(wanted) + "\n"
    nvim.wait_for("vim.fn.getline(1) == 'def total(numbers):'")
    assert nvim.lines() == wanted
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == LINES
    nvim.wait_screen("Written: app.py (2 of 3 hunks).")


def test_a_reason_brings_another_round(nvim: Nvim, house: House, path: Path) -> None:
    nvim.feed("gha")
    nvim.wait_screen("1/3 ✓ accepted")
    house.provider.script.append(BETTER.replace("for value in values", "for value in numbers"))
    nvim.feed("ghw")
    nvim.wait_screen("Why not?")
    nvim.feed("the loop still says values<CR>")
    answer(nvim, "1")
    nvim.wait_event("ZekeTaskSettled")
    nvim.wait_event("ZekeReviewOpened")
    nvim.wait_screen("for value in numbers:")
    told = asked(house)
    assert "the loop still says values" in told
    assert "make it better" in told
    assert nvim.lines()[0] == NEW[0]
    assert path.read_text() == "\n".join([NEW[0], *LINES[1:]]) + "\n"
    nvim.feed("ga")
    answer(nvim, "1")
    ended = done(nvim)
    assert [(file["round"], file["state"]) for file in ended["files"]] == [
        (1, "written"),
        (2, "written"),
    ]
    assert "for value in numbers:" in path.read_text()


def test_unsaved_lines_of_the_person_stay(editor: Opener, house: House, path: Path) -> None:
    nvim = editor()
    nvim.feed("Gomine = 1<Esc>")
    house.provider.script.append(BETTER)
    run(nvim, "1,8ZekeEdit make it better")
    nvim.wait_screen("Zeke 3/3")
    nvim.feed("ggOfirst = 1<Esc>")
    nvim.wait_screen("Zeke 1/3 +1 −1  ga accept")
    nvim.feed("ga")
    answer(nvim, "1")
    assert not done(nvim)["written"]
    nvim.wait_for("vim.fn.getline(2) == 'def total(numbers):'")
    assert nvim.lines() == ["first = 1", *NEW, "mine = 1"]
    assert path.read_text() == SAMPLE
    nvim.feed("u")
    nvim.settle()
    assert nvim.lines() == ["first = 1", *LINES, "mine = 1"]


def test_decisions_stay_when_the_text_moves(nvim: Nvim) -> None:
    nvim.feed("gha")
    nvim.wait_screen("1/3 ✓ accepted")
    nvim.events.clear()
    nvim.feed("ggOfirst = 1<Esc>")
    nvim.wait_event("ZekeTaskPatch")
    nvim.wait_screen("1/3 +1 −1 ✓ accepted")
    shown(nvim, "review-moved")


def test_q_rejects_and_e37_is_not_ours(nvim: Nvim, path: Path) -> None:
    run(nvim, "new")
    nvim.feed("<C-w>j")
    run(nvim, "q")
    assert done(nvim)["rejected"]
    nvim.wait_screen("The change of app.py was rejected: its window was closed.")
    assert "E37" not in nvim.screen.text
    assert path.read_text() == SAMPLE


def test_the_question_can_be_withdrawn(nvim: Nvim, path: Path) -> None:
    nvim.feed("ga")
    nvim.wait_screen("Esc denies")
    nvim.feed("<C-w>p")
    nvim.feed("gR")
    assert done(nvim)["rejected"]
    nvim.wait_gone("Esc denies")
    assert path.read_text() == SAMPLE


def test_files_that_are_not_open(editor: Opener, house: House) -> None:
    nvim = editor()
    (house.project / "other.py").write_text(SAMPLE)
    files(house, ("other.py", BETTER), ("greet/hello.py", "print('hello')\n"))
    run(nvim, "ZekeCreate a greeting")
    nvim.wait_event("ZekeReviewOpened")
    nvim.wait_screen("Zeke 1/3")
    shown(nvim, "review-files")
    nvim.feed("ga")
    answer(nvim, "1")
    nvim.wait_event("ZekeTaskSettled")
    nvim.wait_screen("print('hello')")
    shown(nvim, "review-new-file")
    nvim.feed("ga")
    answer(nvim, "1")
    assert [file["state"] for file in done(nvim)["files"]] == ["written", "written"]
    assert (house.project / "other.py").read_text() == BETTER
    assert (house.project / "greet/hello.py").read_text() == "print('hello')\n"
    nvim.wait_screen("Written: other.py, greet/hello.py.")
    assert nvim.lua("return vim.fn.bufname()") == "app.py"


def test_the_list(nvim: Nvim) -> None:
    nvim.feed("gha")
    nvim.wait_screen("1/3 ✓ accepted")
    run(nvim, "ZekeReview")
    nvim.wait_screen("2/3 undecided")
    shown(nvim, "review-list")


def test_plain(editor: Opener, house: House) -> None:
    nvim = editor(settings={"ui": {"plain": True}})
    house.provider.script.append(BETTER)
    run(nvim, "1,8ZekeEdit make it better")
    nvim.wait_event("ZekeReviewOpened")
    nvim.wait_screen("Hunk 1 of 3")
    nvim.feed("]hgha")
    nvim.wait_screen("Hunk 1 of 3, line 1: accepted")
    shown(nvim, "review-plain")
    nvim.feed("ga")
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert (house.project / "app.py").read_text() == BETTER
