"""Bad luck while a change is under review: no file is written without a yes, and no text is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import SAMPLE, Opener, tidied
from tests.e2e.nvim import PATIENCE, Nvim
from tests.e2e.person import accept, answer, done, failed, propose, run
from tests.e2e.unharmed import GROUPS, WIDE, fine
from tests.fakes.house import House

MARK = "# changed by the fake"
LINES = SAMPLE.splitlines()
SAVES = """
vim.api.nvim_create_autocmd({ "TextChanged", "InsertLeave", "FocusLost", "BufLeave" }, {
  pattern = "*.py", command = "silent! write",
})"""
SWAPS = "set updatecount=200 swapfile | edit!"


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


@pytest.fixture
def path(house: House) -> Path:
    return house.project / "app.py"


def files(nvim: Nvim, house: House, *files: tuple[str, str]) -> None:
    """Have files proposed, and look at the first."""
    rows = [{"path": path, "content": content} for path, content in files]
    house.provider.script.append(json.dumps({"files": rows}))
    run(nvim, "ZekeCreate a greeting")
    nvim.wait_event("ZekeReviewOpened")
    nvim.wait_for("vim.fn.maparg('ga', 'n') ~= ''")


@pytest.mark.parametrize("how", ["w", "wall"])
def test_writing_accepts_nothing(editor: Opener, path: Path, how: str) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    run(nvim, how)
    nvim.settle()
    assert path.read_text() == SAMPLE
    assert nvim.lines() == LINES
    assert "ZekeConsentAsked" not in [name for name, _ in nvim.events]
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert path.read_text() == f"{MARK}\n{SAMPLE}"
    fine(nvim)


def test_an_autosave_accepts_nothing(editor: Opener, path: Path) -> None:
    nvim = editor(init=SAVES)
    propose(nvim, "1,5ZekeEdit x")
    nvim.feed("Gomine = 1<Esc>")
    nvim.wait_event("ZekeTaskPatch")
    nvim.wait_for("vim.fn.maparg('ga', 'n') ~= ''")
    assert path.read_text() == f"{SAMPLE}mine = 1\n"
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    # The plugin saves what came, and a file that is being written is empty: Neovim itself looks.
    written = nvim.lua("return vim.fn.readfile(...)", str(path))
    assert "\n".join(written) == f"{MARK}\n{SAMPLE}mine = 1"
    nvim.feed("u")
    nvim.wait_for("not vim.bo.modified")
    assert path.read_text() == f"{SAMPLE}mine = 1\n"
    fine(nvim)


@pytest.mark.parametrize(
    "how",
    ["bdelete", "bwipeout!", "new | bunload! app.py", "new | wincmd p | q", "new | only",
     "tabnew | -tabclose"],
)  # fmt: skip
def test_closing_what_is_reviewed_rejects_it(editor: Opener, path: Path, how: str) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    run(nvim, how)
    assert done(nvim)["rejected"]
    assert path.read_text() == SAMPLE
    assert "ZekeConsentAsked" not in [name for name, _ in nvim.events]
    run(nvim, "edit! app.py")
    nvim.wait_for("vim.fn.line('$') == 8")
    assert nvim.lua("return vim.fn.maparg('ga', 'n')") == ""
    fine(nvim)


def test_leaving_neovim_rejects_it(editor: Opener, path: Path) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    nvim.wait_screen("Esc denies")
    nvim.feed("<C-w>p")
    assert nvim.quit(":q<CR>") == 0
    assert path.read_text() == SAMPLE


def test_its_buffer_taken_away_before_the_change_is_there(editor: Opener, house: House) -> None:
    nvim = editor(settings={"default_model": "openai:silent"})
    run(nvim, "1,5ZekeEdit x")
    assert house.provider.held.wait(PATIENCE)
    nvim.command("bwipeout!")
    assert house.provider.left.wait(PATIENCE)
    fine(nvim)


@pytest.mark.parametrize("how", ["q", "tabclose", "bwipeout!", "tabonly"])
def test_closing_the_review_of_files_rejects_them(editor: Opener, house: House, how: str) -> None:
    nvim = editor()
    files(nvim, house, ("one.py", "1\n"))
    run(nvim, how) if "only" not in how else nvim.feed(":tabfirst<CR>:tabonly<CR>")
    assert done(nvim)["rejected"]
    nvim.wait_for("#vim.api.nvim_list_tabpages() == 1")
    assert not (house.project / "one.py").exists()
    assert nvim.lines() == LINES
    fine(nvim)


@pytest.mark.parametrize("keys", ["<C-w>o", ":only<CR>"])
def test_only_keeps_the_diff_of_files(editor: Opener, house: House, keys: str) -> None:
    """Closing the list beside it is a no to all, as its own words say."""
    nvim = editor()
    files(nvim, house, ("one.py", "1\n"), ("two.py", "2\n"))
    nvim.feed(keys)
    ended = done(nvim)
    assert [file["state"] for file in ended["files"]] == ["rejected", "rejected"]
    nvim.wait_for("#vim.api.nvim_list_tabpages() == 1")
    fine(nvim)


def test_nothing_can_be_modified(editor: Opener, house: House) -> None:
    """``nvim -M``: a new file is reviewed all the same."""
    nvim = editor("-M", "app.py")
    files(nvim, house, ("one.py", "one = 1\n"), ("app.py", f"{SAMPLE}two = 2\n"))
    nvim.wait_screen("one = 1")
    nvim.feed("ga")
    answer(nvim, "1")
    nvim.wait_event("ZekeTaskSettled")
    assert (house.project / "one.py").read_text() == "one = 1\n"
    run(nvim, "ZekeCancel")
    nvim.wait_event("ZekeTaskFailed")
    assert nvim.lines(1) == LINES
    fine(nvim)


def test_a_buffer_made_unmodifiable_under_review(editor: Opener, path: Path) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    run(nvim, "set nomodifiable")
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    nvim.wait_for("vim.fn.getline(1) == ...", MARK)
    assert nvim.lua("return vim.bo.modifiable") is False
    assert path.read_text() == f"{MARK}\n{SAMPLE}"
    fine(nvim)


def test_nohidden_and_unsaved_text_where_files_are_reviewed(editor: Opener, house: House) -> None:
    nvim = editor(init="vim.o.hidden = false")
    nvim.feed("Gomine = 1<Esc>")
    files(nvim, house, ("one.py", "1\n"), ("a.py", "other = 1\n"))
    nvim.feed("ga")
    answer(nvim, "1")
    nvim.wait_event("ZekeTaskSettled")
    nvim.feed("gR")
    done(nvim)
    nvim.wait_for("vim.fn.expand('%:t') == 'app.py'")
    assert nvim.lines() == [*LINES, "mine = 1"]
    assert nvim.lua("return vim.bo.modified") is True
    fine(nvim)


def test_the_colours_change_under_review(editor: Opener) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    nvim.command("colorscheme habamax")
    assert nvim.lua(GROUPS) == []
    nvim.wait_screen(MARK)
    nvim.feed("gR")
    done(nvim)
    fine(nvim)


def test_a_swap_file_of_another_neovim(editor: Opener, house: House, path: Path) -> None:
    """A file that another Neovim has open is reviewed, written, and told there."""
    other = editor()
    other.command(f"{SWAPS} | preserve")
    nvim = editor("a.py")
    nvim.command(SWAPS)
    files(nvim, house, ("app.py", f"{MARK}\n{SAMPLE}"))
    nvim.wait_screen(MARK)
    assert "E325" not in nvim.screen.text
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert path.read_text() == f"{MARK}\n{SAMPLE}"
    fine(nvim)


def test_a_finding_in_a_file_of_another_neovim(editor: Opener, house: House) -> None:
    other = editor()
    other.command(f"{SWAPS} | preserve")
    nvim = editor("a.py")
    nvim.command(SWAPS)
    run(nvim, "edit app.py")
    nvim.wait_screen("def total(values)")
    run(nvim, "ZekeAnalyze quality")
    done(nvim)
    nvim.wait_screen("A message of the fake")
    run(nvim, "edit a.py | bunload app.py")
    run(nvim, "ZekeFindings")
    nvim.lua("vim.fn.search('app.py:')")
    nvim.feed("<CR>")
    nvim.wait_for("vim.fn.expand('%:t') == 'app.py'")
    nvim.wait_screen("def total(values)")
    assert nvim.lines() == LINES
    fine(nvim)


def test_two_edits_in_two_buffers(editor: Opener, house: House, path: Path) -> None:
    nvim = editor(size=(80, 40))
    run(nvim, "split a.py")
    for _ in range(2):
        propose(nvim, "%ZekeEdit x")
        nvim.feed("<C-w>p")
    nvim.feed("ga")
    nvim.wait_screen("GhostWarden ─ 1 of 1")
    nvim.feed("<C-w>p")
    nvim.command("wincmd w" if nvim.lua("return vim.fn.maparg('ga', 'n')") == "" else "")
    for _ in range(2):
        nvim.command("windo lua require('zeke.review').accept(vim.api.nvim_get_current_buf())")
    nvim.wait_screen("1 of 2")
    run(nvim, "Zeke prompt")
    answer(nvim, "1")
    assert done(nvim)["written"]
    run(nvim, "Zeke prompt")
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert path.read_text().startswith(MARK)
    assert (house.project / "a.py").read_text().startswith(MARK)
    fine(nvim)


def test_the_broker_dies_under_a_review_of_files(editor: Opener, house: House) -> None:
    nvim = editor()
    files(nvim, house, ("one.py", "1\n"), ("two.py", "2\n"))
    house.kill()
    assert "The broker stopped" in failed(nvim)
    nvim.wait_for("#vim.api.nvim_list_tabpages() == 1")
    assert not (house.project / "one.py").exists()
    assert nvim.lines() == LINES
    fine(nvim)


def test_a_screen_of_40_by_10_and_back_under_review(editor: Opener, path: Path) -> None:
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    nvim.wait_screen("Esc denies")
    nvim.resize(40, 10)
    nvim.wait_screen(lambda screen: len(screen.lines) == 10 and "GhostWarden" in screen.text)
    nvim.resize(80, 24)
    nvim.wait_screen(lambda screen: len(screen.lines) == 24 and "Esc denies" in screen.text)
    answer(nvim, "1")
    assert done(nvim)["written"]
    fine(nvim)


def test_files_at_40_by_10(editor: Opener, house: House) -> None:
    nvim = editor(size=(40, 10))
    files(nvim, house, ("one.py", "\n".join(WIDE for _ in range(30))), ("two.py", "2\n"))
    nvim.resize(80, 24)
    nvim.wait_screen("Zeke review")
    nvim.resize(40, 10)
    nvim.feed("ghR")
    done(nvim)
    nvim.wait_for("#vim.api.nvim_list_tabpages() == 1")
    fine(nvim)


@pytest.mark.parametrize(
    ("keys", "mode", "then", "result"),
    [
        ("2GVj", "V", "d", LINES[:1] + LINES[3:]),
        ("2Gd", "no", "j", LINES[:1] + LINES[3:]),
        ("2Gqa", "n", "ddq", LINES[:1] + LINES[2:]),
        ("2GI# ", "i", "x<Esc>", [LINES[0], "    # xresult = 0", *LINES[2:]]),
        (":echo 'typ", "c", "ed'<CR>", LINES),
        ("q:", "n", ":q<CR>", LINES),
    ],
    ids=["visual", "operator", "macro", "insert", "command", "window"],
)
@pytest.mark.parametrize("kind", ["edit", "create"])
def test_a_change_comes_in_the_middle_of_something(
    editor: Opener, house: House, keys: str, mode: str, then: str, result: list[str], kind: str
) -> None:
    nvim = editor(settings={"default_model": "openai:silent"})
    new = json.dumps({"files": [{"path": "new.py", "content": "1"}]})
    run(nvim, "%ZekeEdit x" if kind == "edit" else f"ZekeCreate ANSWER: {new}")
    assert house.provider.held.wait(PATIENCE)
    nvim.feed(keys)
    nvim.settle()
    nvim.lua("_G.window = vim.api.nvim_get_current_win()")
    house.provider.release()
    nvim.wait_event("ZekeTaskPatch")
    assert nvim.lua("return vim.api.nvim_get_mode().mode") == mode
    assert nvim.lua("return vim.api.nvim_get_current_win() == _G.window")
    nvim.feed(then)
    nvim.settle()
    assert nvim.lines(1) == result
    if "qa" in keys:
        assert nvim.lua("return vim.fn.getreg('a')") == "dd"
    run(nvim, "ZekeCancel")
    nvim.wait_event("ZekeTaskFailed")
    assert nvim.lines(1) == result
    fine(nvim)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"new = 1\n"),
        (b"one\r\ntwo\r\n", b"one\r\nthree\r\n"),
        (b"one\ntwo", b"one\nthree"),
        (f"{WIDE}\n".encode(), f"{WIDE}\nmore\n".encode()),
        (b"x = '" + b"y" * 30_000 + b"'\n", b"x = '" + b"y" * 30_000 + b"'\nmore\n"),
    ],
    ids=["empty", "crlf", "no final newline", "wide", "long"],
)
@pytest.mark.parametrize("opened", [True, False], ids=["open", "not open"])
def test_any_text_is_reviewed_and_written_as_it_was_shown(
    editor: Opener, house: House, before: bytes, after: bytes, opened: bool
) -> None:
    path = house.project / "odd.txt"
    path.write_bytes(before)
    nvim = editor("odd.txt" if opened else "app.py")
    proposed = after.decode().replace("\r\n", "\n")
    files(nvim, house, ("odd.txt", proposed))
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert path.read_bytes() == after
    if opened:
        nvim.wait_for("table.concat(vim.fn.getline(1, '$'), '\\n') == ...", proposed.rstrip("\n"))
        assert nvim.lua("return vim.bo.modified") is False
    fine(nvim)


def test_another_fileformat_is_set_under_review(editor: Opener, path: Path) -> None:
    """The buffer is another text then: nothing is written over what is on disk."""
    nvim = editor()
    propose(nvim, "1,5ZekeEdit x")
    run(nvim, "set fileformat=dos")
    accept(nvim)
    name, data = nvim.wait_any("ZekeConsentAsked", "ZekeTaskPatch", "ZekeTaskDone")
    while name != "ZekeTaskDone":
        if name == "ZekeConsentAsked":
            answer(nvim, "1")
        else:
            nvim.wait_for("vim.fn.maparg('ga', 'n') ~= ''")
            accept(nvim)
        name, data = nvim.wait_any("ZekeConsentAsked", "ZekeTaskPatch", "ZekeTaskDone")
    assert not data["written"]
    assert path.read_text() == SAMPLE
    nvim.wait_for("vim.fn.getline(1) == ...", MARK)
    fine(nvim)
