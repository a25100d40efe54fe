"""Buffers and words that nothing can be done with: a sentence, and everything is as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import SAMPLE, Opener, tidied
from tests.e2e.loop import never_stalls
from tests.e2e.nvim import Nvim, NvimError
from tests.e2e.person import accept, answer, clear, done, failed, notices, propose, run
from tests.fakes.house import House

ON_TEXT = ("ZekeExplain", "ZekeEdit improve", "ZekeAnalyze quality", "%ZekeChat why?")


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


def refused(nvim: Nvim, house: House, command: str, words: str) -> None:
    """Run a command that must not get as far as a model, and see a sentence with ``words``."""
    before = len(house.provider.requests)
    run(nvim, command)
    nvim.wait_screen(lambda screen: words in " ".join(screen.text.split()))
    assert clear(notices(nvim)[-1])
    assert len(house.provider.requests) == before
    assert nvim.lua("return vim.v.errmsg") == ""
    assert nvim.lua("return require('zeke.tasks').count()") == 0


@pytest.mark.parametrize("text", ["", " ", '""', "''"])
def test_an_empty_instruction(editor: Opener, house: House, text: str) -> None:
    nvim = editor()
    refused(nvim, house, f"ZekeEdit {text}", "Say what to do")
    refused(nvim, house, f"ZekeCreate {text}", "Say what to create")
    run(nvim, f"ZekeChat {text}")
    nvim.wait_screen("## You")
    nvim.feed("<CR>")
    nvim.wait_screen("There is no question to send")
    assert house.provider.requests == []


@pytest.mark.parametrize("command", ON_TEXT)
def test_an_empty_buffer(editor: Opener, house: House, command: str) -> None:
    (house.project / "empty.py").write_text("")
    nvim = editor("empty.py")
    refused(nvim, house, command, "There is no text here to work on")
    assert (house.project / "empty.py").read_bytes() == b""


@pytest.mark.parametrize("command", ON_TEXT)
def test_lines_of_nothing_but_space(editor: Opener, house: House, command: str) -> None:
    (house.project / "empty.py").write_text("\n  \n\t\n")
    nvim = editor("empty.py")
    refused(nvim, house, command, "There is no text here to work on")


@pytest.mark.parametrize("command", ON_TEXT)
@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"GIF89a\x00\x01\x00\n", "", "NUL byte"),
        (b"GIF89a\x00\x01\x00\n", "++bin", "binary"),
        ("grün\n".encode("latin-1"), "", "not UTF-8"),
        (b"a\xff\xfeb\xc3\n", "++enc=utf-8 ++bad=keep", "not UTF-8"),
    ],
    ids=["nul", "binary", "latin1", "broken"],
)
def test_what_is_no_text(
    editor: Opener, house: House, command: str, content: bytes, options: str, words: str
) -> None:
    path = house.project / "picture.gif"
    path.write_bytes(content)
    nvim = editor()
    nvim.command(f"edit {options} picture.gif")
    refused(nvim, house, command, words)
    assert path.read_bytes() == content


def test_fifty_megabytes(editor: Opener, house: House) -> None:
    path = house.project / "huge.txt"
    line = "x" * 99 + "\n"
    path.write_text(line * 500_000)
    nvim = editor("huge.txt")
    nvim.wait_for("vim.fn.line('$') == 500000")
    with never_stalls(nvim):
        refused(nvim, house, "ZekeEdit improve", "over 2 MiB")
        for command in ("ZekeExplain", "ZekeAnalyze quality", "%ZekeChat why?"):
            refused(nvim, house, command, "over 256 KiB: select a smaller range")
        run(nvim, "1,3ZekeExplain")
        done(nvim)
    assert path.stat().st_size == 50_000_000


def test_one_line_of_many_megabytes(editor: Opener, house: House) -> None:
    (house.project / "line.txt").write_text("x" * 5_000_000)
    nvim = editor("line.txt", "--cmd", "set nowrap")
    refused(nvim, house, "ZekeExplain", "over 256 KiB")
    refused(nvim, house, "ZekeEdit improve", "over 2 MiB")


def test_a_read_only_buffer_is_explained_and_not_edited(editor: Opener, house: House) -> None:
    nvim = editor("-R", "app.py")
    refused(nvim, house, "ZekeEdit improve", "This buffer is read-only")
    run(nvim, "ZekeExplain")
    done(nvim)
    assert (house.project / "app.py").read_text() == SAMPLE


def test_where_nothing_can_be_changed(editor: Opener, house: House) -> None:
    nvim = editor("-M", "app.py")
    refused(nvim, house, "ZekeEdit improve", "This buffer cannot be changed")
    for command in ("ZekeExplain", "ZekeChat hello"):
        run(nvim, command)
        done(nvim)


def test_a_buffer_that_is_no_file(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "copen")
    refused(nvim, house, "ZekeExplain", "has no text to work on")
    nvim.feed(":cclose<CR>:help<CR>")
    nvim.wait_for("vim.bo.buftype == 'help'")
    refused(nvim, house, "ZekeEdit improve", "This buffer is not a file")


def test_a_file_deleted_underneath_is_not_made_again(editor: Opener, house: House) -> None:
    nvim = editor()
    path = house.project / "app.py"
    propose(nvim, "1,5ZekeEdit x")
    path.unlink()
    accept(nvim)
    name, data = nvim.wait_any("ZekeConsentAsked", "ZekeTaskDone")
    if name == "ZekeConsentAsked":
        answer(nvim, "1")
        data = done(nvim)
    assert not data["written"]
    assert not path.exists()
    assert nvim.lines() == SAMPLE.splitlines()


@pytest.mark.parametrize("command", ["ZekeExplain", "ZekeAnalyze quality"])
def test_a_file_deleted_before_is_still_read_from_the_buffer(
    editor: Opener, house: House, command: str
) -> None:
    nvim = editor()
    (house.project / "app.py").unlink()
    run(nvim, command)
    done(nvim)


def test_a_directory_deleted_underneath(editor: Opener, house: House) -> None:
    inside = house.project / "sub" / "app.py"
    inside.parent.mkdir()
    inside.write_text(SAMPLE)
    nvim = editor("sub/app.py")
    propose(nvim, "1,5ZekeEdit x")
    inside.unlink()
    inside.parent.rmdir()
    accept(nvim)
    name, data = nvim.wait_any("ZekeConsentAsked", "ZekeTaskDone")
    if name == "ZekeConsentAsked":
        answer(nvim, "1")
        data = done(nvim)
    assert not data["written"]
    assert not inside.parent.exists()


def test_a_range_outside_the_buffer(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "50,60ZekeExplain")
    nvim.wait_screen("E16: Invalid range")
    with pytest.raises(NvimError, match="Invalid range"):
        nvim.command("2,900ZekeEdit improve")
    nvim.lua("vim.v.errmsg = ''")
    outside = "require('zeke.commands').run(..., {args = 'x', range = 2, line1 = 50, line2 = 60})"
    for word in ("explain", "edit"):
        nvim.lua(outside, word)
        nvim.wait_screen("There are no lines 50 to 60 here: the buffer has 8.")
    assert house.provider.requests == []


def test_a_backwards_range_is_asked_about_by_neovim(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "5,2ZekeExplain")
    nvim.wait_screen("Backwards range given, OK to swap")
    nvim.feed("y")
    done(nvim)
    nvim.wait_screen("app.py:2-5")
    assert len(house.provider.requests) == 1


@pytest.mark.parametrize("model", ["openai:nobody", "nobody", "nowhere:nobody"])
def test_an_unknown_model_is_named(editor: Opener, model: str) -> None:
    nvim = editor(settings={"default_model": model})
    run(nvim, "ZekeExplain")
    said = failed(nvim)
    assert f"There is no model {model}" in said
    assert ":ZekeSetModel" in said


def test_a_name_that_no_model_has(editor: Opener) -> None:
    nvim = editor(settings={"default_model": "x" * 300})
    run(nvim, "ZekeExplain")
    assert "too long" in failed(nvim)


def test_a_model_that_is_not_there_is_not_taken(editor: Opener) -> None:
    nvim = editor()
    run(nvim, "ZekeSetModel openai:ecko")
    nvim.wait_screen("There is no model openai:ecko (nearest: openai:echo).")
    assert nvim.lua("return require('zeke.models').chosen()") is None


def test_a_file_named_like_a_command(editor: Opener, house: House) -> None:
    """What a project may be called must not be obeyed anywhere on the way."""
    odd = house.project / "%{a b} `x` $HOME #1 'ä'.py"
    odd.write_text(SAMPLE)
    nvim = editor()
    nvim.edit(odd)
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    answer(nvim, "3")
    assert done(nvim)["written"]
    assert odd.read_text() == f"# changed by the fake\n{SAMPLE}"
    run(nvim, "ZekeExplain")
    done(nvim)
    nvim.wait_screen("%{a b} `x` $HOME #1")


def test_a_project_below_a_link(editor: Opener, house: House, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(house.project)
    nvim = editor(str(link / "app.py"), cwd=link)
    propose(nvim, "1,5ZekeEdit x")
    accept(nvim)
    answer(nvim, "1")
    assert done(nvim)["written"]
    assert (house.project / "app.py").read_text() != SAMPLE
