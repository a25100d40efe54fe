"""What a setting may be: one sentence for each mistake, which names it; the rest counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.person import shows
from tests.fakes.broker import FakeBroker

GIVEN = "return require('zeke.config').given()"
KEY = "return vim.fn.maparg('<leader>zc', 'n')"

STRICT = {
    "enable_consent": True,
    "auto_approve_read": False,
    "auto_approve_write": False,
    "auto_approve_patterns": [],
}
FORBIDDING = ("ghostllm", "agents", "api_keys")
CONTAINED = {
    "contain": True,
    "chat_tools": False,
    "limits": {"steps": 10, "tokens": 20000, "cost": 0.1},
}

MISTAKES = {
    "ui = { border = 'wobbly' }": "ui.border must be none, single, double, rounded, solid, shadow, "
    "bold, or a list of 1, 2, 4 or 8 characters.",
    "ui = { border = { 'a', 'b', 'c' } }": "ui.border must be none, ",
    "ui = { border = {} }": "ui.border must be none, ",
    "ui = { border = { 'ab' } }": "ui.border must be none, ",
    "ui = { border = { { 'a', 1 } } }": "ui.border must be none, ",
    "ui = { border = 7 }": "ui.border must be a string or a table, not a number.",
    "ui = { dear_usd = 0 / 0 }": "ui.dear_usd must be a finite number.",
    "ui = { dear_usd = math.huge }": "ui.dear_usd must be a finite number.",
    "ui = { dear_usd = -1 }": "ui.dear_usd must be at least 0.",
    "chat = { keep = 1.5 }": "chat.keep must be a whole number.",
    "chat = { keep = -1 }": "chat.keep must be at least 0.",
    "chat = { width = -0.5 }": "chat.width must be at least 0.",
    "complete = { max_lines = 1001 }": "complete.max_lines must be at most 1000.",
    "complete = { debounce_ms = 1e9 }": "complete.debounce_ms must be at most 60000.",
    "batch = { window_ms = 0 }": "batch.window_ms must be more than 0.",
    "ghostllm = { timeout_s = -1 }": "ghostllm.timeout_s must be more than 0.",
    "ghostllm = { project_grant_days = 0.5 }": "ghostllm.project_grant_days must be a whole number",
    "ghostllm = { auto_approve_patterns = { a = 'b' } }": "ghostllm.auto_approve_patterns must be "
    "a list of strings.",
    "ghostllm = { auto_approve_patterns = { 1 } }": "auto_approve_patterns must be a list of",
    "api_keys = { openai = 7 }": "api_keys must be a table from names to strings.",
    "api_keys = { 'sk-1' }": "api_keys must be a table from names to strings.",
    "complete = { filetypes = { lua = 'yes' } }": "complete.filetypes must be a list of names, or "
    "a table from names to true or false.",
    "complete = { filetypes = { 'lua', python = true } }": "complete.filetypes must be a list of",
    "agents = { 'x', a = 1 }": "agents mixes a list with names.",
    "agents = { a = 0 / 0 }": "agents may hold text, numbers, true and false only.",
    "keymaps = { chat = 7 }": "keymaps.chat must be a string, not a number.",
    "keymaps = { chta = 'x' }": "Unknown setting keymaps.chta: did you mean keymaps.chat?",
    "keymaps = { ['accept-hunk'] = 'x' }": "did you mean keymaps.accept_hunk?",
    "keymaps = 'no'": "keymaps must be a table, not a string.",
}


def strict(mistake: str) -> Any:
    """What counts until a mistake at that place is mended."""
    if mistake.startswith("agents"):
        return {"ghostllm": STRICT, "agents": CONTAINED}
    return {"ghostllm": STRICT} if mistake.startswith(FORBIDDING) else []


@pytest.mark.parametrize("written", MISTAKES)
def test_a_mistake_is_one_sentence_that_names_it(nvim: Nvim, written: str) -> None:
    nvim.lua(f"require('zeke').setup({{ {written} }})")
    shows(nvim, MISTAKES[written])
    given = nvim.lua(GIVEN)
    # What was wrong might have forbidden something: then nothing is allowed by rule.
    assert given == strict(written)
    assert "Zeke itself failed" not in nvim.screen.text


@pytest.mark.parametrize("place", ["agents", "api_keys", "complete.filetypes", "ui.border"])
def test_a_table_that_contains_itself_is_told(nvim: Nvim, place: str) -> None:
    above, _, below = place.rpartition(".")
    nvim.lua(
        """
        local above, below = ...
        local round = {}
        round.round = round
        local settings = above == "" and { [below] = round } or { [above] = { [below] = round } }
        require("zeke").setup(settings)
        """,
        above,
        below,
    )
    shows(nvim, f"Zeke: {place} must ")
    assert nvim.lua(GIVEN) == strict(place)


GOOD = [
    *[f"ui = {{ border = '{name}' }}" for name in ("", "none", "bold", "shadow")],
    "ui = { border = { { '+', 'Title' }, '-' } }",
    "ui = { border = { '', '', '', '', '', '', '', '' } }",
    "chat = { width = 0.4, keep = 0 }",
    "complete = { filetypes = { '*' } }",
    "complete = { filetypes = {} }",
    "ghostllm = { auto_approve_patterns = { '*.md' }, timeout_s = 0.5 }",
    "api_keys = { openai = 'sk-1' }",
]


@pytest.mark.parametrize("written", GOOD)
def test_what_is_right_is_taken(nvim: Nvim, written: str) -> None:
    nvim.lua(f"require('zeke').setup({{ {written} }})")
    assert nvim.lua(f"return vim.deep_equal(require('zeke.config').given(), {{ {written} }})")


def test_every_plug_is_an_action_that_takes_a_key(nvim: Nvim) -> None:
    wrong = nvim.lua(
        """
        local wrong, config = {}, require("zeke.config")
        for _, mode in ipairs({ "n", "x", "i" }) do
          for _, map in ipairs(vim.api.nvim_get_keymap(mode)) do
            local name = map.lhs:match("^<Plug>%(zeke%-(.+)%)$")
            local action = name and name:gsub("-", "_")
            if action and not config.placed(action) then
              local keys = "<F5>" .. action
              require("zeke").setup({ keymaps = { [action] = keys } })
              if vim.fn.maparg(keys, mode) ~= map.lhs then wrong[#wrong + 1] = action end
            elseif action and not config.setup({ keymaps = { [action] = "<F6>" } }) then
              wrong[#wrong + 1] = action
            end
          end
        end
        return wrong
        """
    )
    assert wrong == []


def test_the_chats_have_a_key_if_one_wants(nvim: Nvim) -> None:
    nvim.lua("require('zeke').setup({ keymaps = { chats = '<leader>zc' } })")
    assert nvim.lua(KEY) == "<Plug>(zeke-chats)"


def test_keys_that_neovim_does_not_take_are_told(nvim: Nvim) -> None:
    nvim.lua("require('zeke').setup({ keymaps = { chat = ('x'):rep(99), chats = '<leader>zc' } })")
    shows(nvim, "keymaps.chat cannot be put on the keys xxx")
    assert nvim.lua(KEY) == "<Plug>(zeke-chats)"


@pytest.fixture
def begun(open_nvim: Callable[..., Nvim], broker: FakeBroker) -> Callable[[str], Nvim]:
    """Start a Neovim with something in its configuration."""
    env = {"ZEKE_RUNTIME_DIR": str(broker.directory)}
    return lambda init: open_nvim(init=init, env=env)


def test_keys_of_the_global_table_are_there_from_the_start(begun: Callable[[str], Nvim]) -> None:
    nvim = begun("vim.g.zeke = { keymaps = { chat = '<leader>zc' } }")
    nvim.wait_for("vim.fn.maparg('<leader>zc', 'n') == '<Plug>(zeke-chat)'")


def test_a_mistake_in_the_global_table_is_told_at_the_start(begun: Callable[[str], Nvim]) -> None:
    nvim = begun("vim.g.zeke = { keymap = { chat = '<leader>zc' } }")
    shows(nvim, "Unknown setting keymap: did you mean keymaps?")
    nvim = begun("vim.g.zeke = 'fast'")
    shows(nvim, "vim.g.zeke takes a table, not a string.")


def test_keys_of_both_are_there(begun: Callable[[str], Nvim]) -> None:
    nvim = begun(
        "vim.g.zeke = { keymaps = { chat = '<leader>zc', log = '<leader>zl' } }\n"
        "require('zeke').setup({ keymaps = { chats = '<leader>zs', log = '<leader>zL' } })"
    )
    nvim.wait_for("vim.fn.maparg('<leader>zs', 'n') == '<Plug>(zeke-chats)'")
    assert nvim.lua(KEY) == "<Plug>(zeke-chat)"
    assert nvim.lua("return vim.fn.maparg('<leader>zL', 'n')") == "<Plug>(zeke-log)"
    assert nvim.lua("return vim.fn.maparg('<leader>zl', 'n')") == ""


def test_a_plugin_that_is_loaded_later_has_its_keys(begun: Callable[[str], Nvim]) -> None:
    nvim = begun("vim.g.loaded_zeke = 1\nvim.g.zeke = { keymaps = { chat = '<leader>zc' } }")
    nvim.lua("vim.g.loaded_zeke = nil; vim.cmd.runtime('plugin/zeke.lua')")
    nvim.wait_for("vim.fn.maparg('<leader>zc', 'n') == '<Plug>(zeke-chat)'")


def test_settings_that_are_read_before_the_plugin_is_there_count(
    begun: Callable[[str], Nvim],
) -> None:
    nvim = begun(
        "require('zeke').setup({ keymaps = { chat = '<leader>zc' } })\nrequire('zeke.config').get()"
    )
    assert nvim.lua(KEY) == "<Plug>(zeke-chat)"


def test_nothing_is_loaded_where_no_settings_are(begun: Callable[[str], Nvim]) -> None:
    nvim = begun("")
    nvim.settle()
    assert nvim.lua("return package.loaded['zeke.config']") is None


def test_the_rest_counts_and_nothing_is_allowed_by_rule_until_it_is_mended(nvim: Nvim) -> None:
    nvim.lua(
        """
        require("zeke").setup({
          default_model = "fast",
          keymaps = { chat = "<leader>zc" },
          ghostllm = { auto_aprove_read = false, base_url = "http://localhost:1" },
        })
        """
    )
    shows(nvim, "did you mean ghostllm.auto_approve_read?")
    shows(nvim, "Until ghostllm.auto_aprove_read is mended, GhostWarden asks about everything.")
    given = nvim.lua(GIVEN)
    assert given["default_model"] == "fast"
    assert given["ghostllm"] == {**STRICT, "base_url": "http://localhost:1"}
    assert nvim.lua(KEY) == "<Plug>(zeke-chat)"
    nvim.lua("require('zeke').setup({ ghostllm = { auto_approve_read = true } })")
    assert nvim.lua(GIVEN)["ghostllm"] == {
        "auto_approve_read": True,
        "base_url": "http://localhost:1",
    }


def test_many_mistakes_are_counted_and_kept(nvim: Nvim) -> None:
    nvim.lua("require('zeke').setup({ 7, ui = { a = 1, b = 1, c = 1, border = 5 } })")
    shows(nvim, "setup() holds something without a name (1).")
    shows(nvim, "3 more mistakes: `:Zeke messages` has them.")
    nvim.command("Zeke messages")
    shows(nvim, "Unknown setting ui.c.")


def test_what_nothing_is_like_is_named_where_it_may_have_forbidden_something(nvim: Nvim) -> None:
    nvim.lua("require('zeke').setup({ ui = { zzz = 1 }, qqqqqqqq = false })")
    shows(nvim, "Unknown setting qqqqqqqq.")
    shows(nvim, "Until qqqqqqqq is mended, GhostWarden asks about everything.")


def test_what_is_unknown_of_the_screen_forbids_nothing(nvim: Nvim) -> None:
    nvim.lua("require('zeke').setup({ ui = { zzz = 1 } })")
    shows(nvim, "Unknown setting ui.zzz.")
    assert nvim.lua(GIVEN) == []
