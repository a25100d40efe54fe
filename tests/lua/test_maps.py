"""What which-key shows: each map of ours says what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, hunk
from tests.lua.chats import answer
from tests.lua.prompts import ask
from tests.lua.suggestions import suggest, turn_on
from tests.lua.test_analyze import finding, open_findings

MAPS = """
local found = {}
for _, mode in ipairs({ "n", "x", "i", "o", "s", "t", "c" }) do
  vim.list_extend(found, vim.api.nvim_buf_get_keymap(0, mode))
end
return vim.iter(found):map(function(map)
  return { map.lhs, map.mode, map.desc or "" }
end):totable()
"""


def chat(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat hello<CR>")
    answer(nvim, broker, "Good day.")


def review(nvim: Nvim, broker: FakeBroker) -> None:
    Author(nvim, broker, ":ZekeEdit count<CR>").patch(hunk(2, ["    result = 0"], ["    x = 1"]))
    nvim.wait_for("vim.fn.maparg('ga', 'n') ~= ''")


def changes(nvim: Nvim, broker: FakeBroker) -> None:
    review(nvim, broker)
    nvim.feed(":ZekeReview<CR>")
    nvim.wait_for("vim.fn.bufname():find('zeke://', 1, true) == 1")


def findings(nvim: Nvim, broker: FakeBroker) -> None:
    open_findings(nvim, broker, finding("quality", 2, "Here"))


def prompt(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeExplain<CR>")
    broker.expect("task.submit")
    ask(nvim, broker)
    nvim.feed(":Zeke prompt<CR>")
    nvim.wait_for("vim.fn.maparg('d', 'n') ~= ''")


def completion(nvim: Nvim, broker: FakeBroker) -> None:
    turn_on(nvim)
    nvim.feed("Gox")
    suggest(nvim, broker, "y = 1")
    nvim.wait_for("vim.fn.maparg('<Tab>', 'i') ~= ''")


def opened(command: str) -> Callable[[Nvim, FakeBroker], None]:
    def run(nvim: Nvim, broker: FakeBroker) -> None:
        nvim.feed(f":{command}<CR>")
        nvim.wait_for("vim.fn.maparg('q', 'n') ~= ''")

    return run


PLACES: dict[str, Any] = {
    "chat": chat,
    "review": review,
    "changes": changes,
    "findings": findings,
    "completion": completion,
    "prompt": prompt,
    "status": opened("ZekeStatus"),
    "providers": opened("ZekeProviders"),
    "consents": opened("ZekeConsents"),
    "messages": opened("Zeke messages"),
}


@pytest.mark.parametrize("place", PLACES)
def test_each_key_of_a_window_says_what_it_does(nvim: Nvim, broker: FakeBroker, place: str) -> None:
    before = nvim.lua(MAPS)
    PLACES[place](nvim, broker)
    found = [row for row in nvim.lua(MAPS) if row not in before]
    assert [row for row in found if row[2].startswith("Zeke: ")]
    # Neovim's own file types have maps too, which do not say whose they are.
    assert [row for row in found if not row[2]] == []


def test_each_plug_says_what_it_does(nvim: Nvim) -> None:
    found = nvim.lua(
        """
        local found = {}
        for _, mode in ipairs({ "n", "x", "i" }) do
          for _, map in ipairs(vim.api.nvim_get_keymap(mode)) do
            if map.lhs:find("<Plug>(zeke", 1, true) then
              found[#found + 1] = { map.lhs, map.desc or "" }
            end
          end
        end
        return found
        """
    )
    assert len(found) > 40
    assert [row for row in found if not row[1].startswith("Zeke: ")] == []


def test_a_key_of_the_settings_says_what_it_does(nvim: Nvim) -> None:
    nvim.lua("require('zeke').setup({ keymaps = { chat = '<leader>zc' } })")
    assert nvim.lua("return vim.fn.maparg('<leader>zc', 'n', false, true).desc") == "Zeke: chat"
