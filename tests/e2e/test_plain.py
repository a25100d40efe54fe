"""``ui.plain`` at 80×24: what a screen reader in a terminal reads, row by row, kept as text.

Nothing that matters is a picture, a frame, a chart or a colour; no row of a window of ours has a
piece of another text in it; and what is shown is text of a buffer, wherever that can be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import screens
from tests.e2e.conftest import Opener
from tests.e2e.nvim import Nvim
from tests.e2e.person import done, run
from tests.e2e.test_consents import inbox, on, steady
from tests.e2e.test_costs import CONFIG
from tests.e2e.test_status import MASK
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")

SETTINGS: dict[str, Any] = {"ui": {"plain": True, "icons": False}}
BETTER = "def total(values):\n    return sum(values)\n\n\nprint(total([1, 2, 3]))\n"
# Box drawing, block elements, geometric shapes, dingbats, braille, private use and emoji.
DRAWN = ((0x2500, 0x25FF), (0x2700, 0x27BF), (0x2800, 0x28FF), (0xE000, 0xF8FF), (0x1F000, 0x1FAFF))
FLOATS = """return vim.tbl_map(function(window)
  local config = vim.api.nvim_win_get_config(window)
  return { config.width, config.col }
end, vim.tbl_filter(function(window)
  local config = vim.api.nvim_win_get_config(window)
  return config.relative ~= "" and not config.hide
end, vim.api.nvim_tabpage_list_wins(0)))"""


@pytest.fixture
def start(editor: Opener, house: House) -> Iterator[Opener]:
    """Start a Neovim; each that was started is looked through at the end."""
    (house.base / "ghostllm").mkdir()
    (house.base / "ghostllm" / "config.toml").write_text(CONFIG)
    started = []

    def open_plain(*arguments: str, **more: Any) -> Nvim:
        model = {"default_model": more.pop("model", "openai:echo")}
        started.append(editor(*arguments, settings=SETTINGS | model | more))
        return started[-1]

    yield open_plain
    for nvim in started:
        readable(nvim)


def readable(nvim: Nvim) -> None:
    """Nothing drawn is on the screen, and each float has its rows to itself."""
    text = nvim.screen.text
    assert [sign for sign in text if any(low <= ord(sign) <= high for low, high in DRAWN)] == []
    for width, column in nvim.lua(FLOATS):
        # With blank edges at the left; without, at the right.
        assert (width, column) in {(78, 0), (80, 80)}, text


def check(nvim: Nvim, name: str) -> None:
    """The screen, without what stands in the command line."""
    nvim.feed(":<C-u>echo ''<CR>")
    screens.check(nvim, name, MASK)
    readable(nvim)


def test_a_question_of_ghostwarden_and_the_inbox(start: Opener, house: House) -> None:
    nvim = start(ghostllm={"auto_approve_read": False})
    run(nvim, "ZekeExplain")
    nvim.wait_screen("Esc denies")
    screens.check(nvim, "plain-prompt", MASK)
    readable(nvim)
    nvim.feed("<C-w>w")
    # However long it has waited, that takes one digit.
    nvim.lua("require('zeke.consents.inbox').now = function() return 0 end")
    inbox(nvim)
    on(nvim, "app.py")
    nvim.feed("<Space><CR>")
    nvim.wait_screen("* read")
    check(nvim, "plain-consents")
    steady(nvim)
    nvim.feed("d")
    nvim.wait_event("ZekeTaskFailed")
    nvim.wait_screen("What the project forbids")


def test_a_review_of_an_open_file(start: Opener, house: House) -> None:
    nvim = start()
    house.provider.script.append(BETTER)
    run(nvim, "1,8ZekeEdit use what Python has")
    nvim.wait_screen("Hunk 1 of")
    check(nvim, "plain-review")
    nvim.feed("ga")
    nvim.wait_screen("Esc denies")
    screens.check(nvim, "plain-prompt-write", MASK)
    nvim.feed("1")
    done(nvim)
    nvim.wait_screen("return sum(values)")


def test_created_files(start: Opener, house: House) -> None:
    nvim = start()
    files = [{"path": "greet/hello.py", "content": "print('hello')\n"}]
    files += [{"path": "greet/bye.py", "content": "print('bye')\n"}]
    house.provider.script.append(json.dumps({"files": files}))
    run(nvim, "ZekeCreate a greeting")
    nvim.wait_event("ZekeReviewOpened")
    nvim.wait_screen("print('hello')")
    check(nvim, "plain-create")
    nvim.feed(":tabclose<CR>")
    done(nvim)


def test_findings(start: Opener, house: House) -> None:
    nvim = start()
    run(nvim, "2,4ZekeAnalyze security")
    done(nvim)
    run(nvim, "ZekeFindings")
    nvim.wait_for("vim.bo.buftype == 'nofile'")
    nvim.wait_screen("Suggested: A suggestion of the fake.")
    nvim.wait_screen("Zeke: Found 1 thing")
    check(nvim, "plain-findings")


def test_status_and_what_was_said(start: Opener) -> None:
    nvim = start()
    run(nvim, "ZekeExplain what is this")
    done(nvim)
    nvim.command("only!")
    run(nvim, "ZekeStatus")
    nvim.wait_for("vim.fn.search('Last 24 hours', 'nw') > 0")
    check(nvim, "plain-status")
    nvim.feed("q")
    run(nvim, "Zeke explian")
    nvim.wait_screen("did you mean")
    screens.check(nvim, "plain-notice", MASK)
    run(nvim, "Zeke messages")
    nvim.wait_screen("Zeke messages")
    check(nvim, "plain-messages")


def test_providers(start: Opener) -> None:
    nvim = start()
    run(nvim, "ZekeProviders")
    nvim.wait_for("vim.fn.search('^ + OpenAI', 'nw') > 0")
    nvim.feed("/+ OpenAI<CR><CR>zt")
    nvim.wait_for("vim.fn.search('^ - OpenAI', 'nw') > 0")
    check(nvim, "plain-providers")


def test_a_chat_with_a_file_and_its_history(start: Opener) -> None:
    nvim = start(model="openai:echo")
    run(nvim, "ZekeChat What is in @file:app.py? ANSWER: A function and a call.")
    done(nvim)
    nvim.wait_screen("A function and a call.")
    nvim.wait_screen("The answer is there")
    check(nvim, "plain-chat")
    nvim.feed("ggK")
    nvim.wait_screen("Zeke: this answer")
    screens.check(nvim, "plain-chat-why", MASK | {r"local: [\w ]+\w": "local: not installed"})
    readable(nvim)
    nvim.feed("q")
    nvim.wait_event("ZekeChatSaved")
    run(nvim, "ZekeChat history function")
    nvim.wait_screen("Saved chats")
    screens.check(nvim, "plain-chat-history", MASK)
    nvim.feed("<Esc>")


def test_a_command_for_a_shell(start: Opener, house: House) -> None:
    nvim = start()
    answer = {"command": "rm -rf .", "explanation": "It tidies up.", "dangerous": False}
    house.provider.script.append(json.dumps(answer))
    run(nvim, "ZekeTerminal suggest tidy up")
    done(nvim)
    nvim.wait_screen("nothing is run")
    check(nvim, "plain-terminal")


def test_providers_to_log_in_to(start: Opener) -> None:
    nvim = start()
    run(nvim, "ZekeAuth")
    nvim.wait_screen("OpenAI: ")
    screens.check(nvim, "plain-auth")
    nvim.feed("<Esc>")
