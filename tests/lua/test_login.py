"""``:ZekeAuth github``: the code of a login in a window, to be copied and opened; who ends it."""

from __future__ import annotations

import pytest

from tests.e2e import screens
from tests.e2e.nvim import Nvim
from tests.e2e.person import says
from tests.fakes.broker import FakeBroker
from tests.lua.test_auth import HERE

CODE = "WDJB-8JH2"
PAGE = "https://github.com/login/device"
DONE = {"provider": "github", "stored": "the system keyring"}


@pytest.fixture
def begun(nvim: Nvim, broker: FakeBroker) -> Nvim:
    broker.states["providers"] = HERE
    nvim.feed(":ZekeAuth copilot<CR>")
    assert broker.expect("auth.login")["provider"] == "github"
    nvim.wait_screen("Asking GitHub for a code …")
    return nvim


@pytest.fixture
def coded(begun: Nvim, broker: FakeBroker) -> Nvim:
    broker.send(
        "auth.code", provider="github", user_code=CODE, verification_uri=PAGE, expires_in=900
    )
    begun.wait_screen(f"Open {PAGE} and type, within 15 minutes:")
    return begun


def test_the_code_is_large_and_can_be_read(coded: Nvim) -> None:
    text = coded.wait_screen("W D J B - 8 J H 2")
    assert "█ █ █▀▄   █ █▀▄     █▀█   █ █ █ ▀▀▄" in text
    assert "y copies the code · o opens the page · q cancels" in text
    screens.check(coded, "login-code")


def test_a_screen_reader_reads_the_code(nvim: Nvim, begun: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ ui = { plain = true } })")
    broker.send(
        "auth.code", provider="github", user_code=CODE, verification_uri=PAGE, expires_in=900
    )
    nvim.wait_screen(CODE)
    assert "█" not in nvim.screen.text


def test_the_code_is_copied_only_by_a_key(coded: Nvim) -> None:
    coded.lua("vim.fn.setreg('\"', 'mine')")
    coded.settle()
    assert coded.lua("return vim.fn.getreg('\"')") == "mine"
    coded.feed("y")
    coded.wait_screen("The code is in ")
    assert coded.lua("return vim.fn.getreg('\"')") == CODE


def test_the_code_goes_to_the_clipboard_where_there_is_one(nvim: Nvim, coded: Nvim) -> None:
    coded.lua(
        "vim.g.clipboard = { name = 'ours', copy = { ['+'] = function(lines) _G.copied = lines end,"
        " ['*'] = function() end }, paste = { ['+'] = function() return {} end,"
        " ['*'] = function() return {} end } } vim.cmd('runtime autoload/provider/clipboard.vim')"
    )
    coded.feed("y")
    coded.wait_screen("The code is in ")


def test_the_page_is_opened(coded: Nvim) -> None:
    coded.lua("vim.ui.open = function(page) vim.g.opened = page return {} end")
    coded.feed("o")
    assert coded.wait_for("vim.g.opened") == PAGE


@pytest.mark.parametrize("page", ["file:///etc/passwd", "calc.exe", "https://x/ $(id)"])
def test_only_a_page_is_opened(begun: Nvim, broker: FakeBroker, page: str) -> None:
    begun.lua("vim.ui.open = function(page) vim.g.opened = page return {} end")
    broker.send("auth.code", provider="github", user_code="A", verification_uri=page, expires_in=9)
    begun.wait_screen("within a minute")
    begun.feed("o")
    begun.wait_screen("cannot be opened from here: it is no web page.")
    assert begun.lua("return vim.g.opened") is None


def test_a_login_that_came_about(coded: Nvim, broker: FakeBroker) -> None:
    broker.send("auth.done", **DONE)
    says(coded, "You are logged in to GitHub; the login is in the system keyring.")
    coded.wait_gone("Zeke: log in")
    coded.settle()
    assert not broker.seen("auth.cancel")


def test_a_login_that_fails_says_why(coded: Nvim, broker: FakeBroker) -> None:
    broker.send("auth.failed", provider="github", code="timed_out", message="Nobody typed it.")
    says(coded, "Nobody typed it.")
    coded.wait_gone("Zeke: log in")
    assert not broker.seen("auth.cancel")


@pytest.mark.parametrize("keys", ["q", "<Esc>", ":q<CR>", "<C-w>c", ":bwipeout!<CR>"])
def test_closing_the_window_ends_the_login(coded: Nvim, broker: FakeBroker, keys: str) -> None:
    coded.feed(keys)
    broker.expect("auth.cancel")
    says(coded, "The login was cancelled: nothing changed.")
    broker.send("auth.done", **DONE)
    says(coded, "You are logged in to GitHub; the login is in the system keyring.")


def test_a_second_login_takes_the_place_of_the_first(coded: Nvim, broker: FakeBroker) -> None:
    coded.feed(":ZekeAuth github<CR>")
    broker.expect("auth.login")
    coded.wait_screen("Asking GitHub for a code …")
    assert not broker.seen("auth.cancel")
    assert len(coded.lua("return vim.api.nvim_list_wins()")) == 2


def test_a_broker_that_dies_ends_it(coded: Nvim, broker: FakeBroker) -> None:
    broker.die()
    broker.path.unlink()
    coded.wait_gone("Zeke: log in")
