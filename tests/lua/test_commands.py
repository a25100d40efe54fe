"""The commands as a person meets them: there at once, loading nothing, and nobody else's taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.nvim import REPOSITORY, Nvim
from tests.fakes.broker import FakeBroker

COMMANDS = [
    "Zeke",
    "ZekeChat",
    "ZekeExplain",
    "ZekeEdit",
    "ZekeAnalyze",
    "ZekeCreate",
    "ZekeTest",
    "ZekeRefactor",
    "ZekeContext",
    "ZekeTerminal",
    "ZekeSetModel",
    "ZekeStatus",
    "ZekeProviders",
    "ZekeConsents",
    "ZekeCancel",
    "ZekeAuth",
    "ZekeAuthGhostLLM",
    "ZekeLog",
]


def test_nothing_is_loaded_until_used(nvim: Nvim) -> None:
    for name in COMMANDS:
        assert nvim.lua("return vim.fn.exists(':' .. ...)", name) == 2
    loaded = "vim.tbl_filter(function(n) return n:match('^zeke') end, vim.tbl_keys(package.loaded))"
    assert nvim.lua(f"return {loaded}") == []


def test_the_name_of_a_sub_completes(nvim: Nvim) -> None:
    complete = "return vim.fn.getcompletion(..., 'cmdline')"
    assert nvim.lua(complete, "Zeke an") == ["analyze"]
    assert nvim.lua(complete, "1,3Zeke ex") == ["explain"]
    assert "consents" in nvim.lua(complete, "Zeke ")
    assert nvim.lua(complete, "Zeke analyze se") == ["security"]
    assert nvim.lua(complete, "ZekeAnalyze ") == ["quality", "security", "performance", "changed"]


def test_models_complete_from_the_last_list(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["models"] = {"models": [{"id": "local:tiny", "provider": "local"}]}
    complete = "return vim.fn.getcompletion('ZekeSetModel ', 'cmdline')"
    always = ["auto", "fast", "smart", "cost-sensitive"]
    assert nvim.lua(complete) == always
    broker.expect("state.get")
    nvim.wait_event("ZekeState")
    assert nvim.lua(complete) == [*always, "local:tiny"]


def test_an_unknown_sub_names_the_nearest(nvim: Nvim) -> None:
    nvim.feed(":Zeke explian<CR>")
    nvim.wait_screen("There is no `:Zeke explian`: did you mean `:Zeke explain`?")
    nvim.feed(":Zeke xyzzy<CR>")
    nvim.wait_screen("There is no `:Zeke xyzzy`: `:help zeke-commands` has them all.")
    nvim.feed(":Zeke review xyzzy<CR>")
    nvim.wait_screen("There is no `:Zeke review xyzzy`: `:help zeke-review` has them all.")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("opanai", "openai"),
        ("git", "github"),
        ("hub", "github"),
        ("nosuch", None),
        ("x", None),
        ("", None),
        ("anthropic-claude-sonnet", None),
    ],
)
def test_a_name_that_is_far_is_none(nvim: Nvim, word: str, near: str | None) -> None:
    names = ["openai", "anthropic", "github", "ollama", "groq"]
    found = nvim.lua("return (require('zeke.config').nearest(...))", word, names)
    assert found == near
    assert nvim.lua("return (require('zeke.config').nearest(...))", word, []) is None


def test_a_range_outside_the_buffer_is_refused_by_vim(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":100,200ZekeExplain<CR>")
    nvim.wait_screen("E16")
    assert not broker.seen("hello")


def test_the_maps(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ keymaps = { explain = '<leader>e', edit = '<leader>c' } })")
    nvim.feed("ggVj\\e")
    buffer = broker.expect("task.submit")["buffer"]
    assert (buffer["start_line"], buffer["end_line"]) == (1, 2)
    nvim.feed("<Esc>jV\\cshorten it<CR>")
    task = broker.expect("task.submit")
    assert task["instruction"] == "shorten it"
    assert (task["buffer"]["start_line"], task["buffer"]["end_line"]) == (2, 2)


def test_a_command_of_another_plugin_is_left_alone(
    open_nvim: Callable[..., Nvim], broker: FakeBroker
) -> None:
    init = "vim.api.nvim_create_user_command('ZekeChat', 'let g:theirs = 1', {})"
    nvim = open_nvim(init=init, env={"ZEKE_RUNTIME_DIR": str(broker.directory)})
    nvim.feed(":ZekeChat<CR>")
    nvim.wait_for("vim.g.theirs == 1")
    assert nvim.lua("return vim.g.zeke_left_alone") == {"ZekeChat": "let g:theirs = 1"}
    nvim.feed(":Zeke chat<CR>")
    nvim.wait_screen("## You")


def test_the_manifest_of_our_own_remote_plugin_gives_way(
    open_nvim: Callable[..., Nvim], tmp_path: Path, broker: FakeBroker
) -> None:
    manifest = tmp_path / "rplugin.vim"
    plugin = REPOSITORY / "rplugin" / "python3" / "zeke.py"
    manifest.write_text(
        f"call remote#host#RegisterPlugin('python3', '{plugin}', [\n"
        "\\ {'sync': v:false, 'name': 'ZekeStatus', 'type': 'command', 'opts': {}},\n"
        "\\ ])\n"
    )
    env = {
        "NVIM_RPLUGIN_MANIFEST": str(manifest),
        "ZEKE_RUNTIME_DIR": str(broker.directory),
    }
    nvim = open_nvim(env=env)
    definition = "vim.api.nvim_get_commands({}).ZekeStatus.definition"
    assert "remote#define" not in nvim.wait_for(definition)
    assert nvim.lua("return vim.g.zeke_left_alone") == {}
    nvim.feed(":ZekeStatus<CR>")
    broker.expect("state.get")


def test_loaded_zeke_is_honoured(open_nvim: Callable[..., Nvim]) -> None:
    nvim = open_nvim(init="vim.g.loaded_zeke = 1")
    assert nvim.lua("return vim.fn.exists(':Zeke')") != 2


def test_a_mistake_in_the_settings_is_said_and_not_raised(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ ghostlm = {} })")
    nvim.wait_screen("Unknown setting ghostlm: did you mean ghostllm?")
    nvim.lua("require('zeke').setup({ ghostllm = { enable_consent = 'no' } })")
    nvim.wait_screen("ghostllm.enable_consent must be a boolean, not a")
    nvim.lua("require('zeke').setup({ ui = { explain = 'popup' } })")
    nvim.wait_screen("ui.explain must be one of: split, float.")
    nvim.lua("require('zeke').setup('no')")
    nvim.wait_screen("setup() takes a table, not a string.")
    nvim.lua("require('zeke').setup({ agents = { mine = { command = function() end } } })")
    nvim.wait_screen("agents may hold text, numbers, true and false only.")
    good = {"agents": {"mine": {"command": ["mine", "-x"]}}, "ui": {"border": ["a", "b"]}}
    nvim.lua("require('zeke').setup(...)", good)
    assert nvim.lua("return require('zeke.config').given()") == good


def test_the_global_table_counts_and_setup_lies_over_it(
    open_nvim: Callable[..., Nvim], broker: FakeBroker
) -> None:
    init = """
      vim.g.zeke = { default_model = "fast", batch = { window_ms = 99 } }
      require("zeke").setup({ default_model = "smart" })"""
    nvim = open_nvim(init=init, env={"ZEKE_RUNTIME_DIR": str(broker.directory)})
    nvim.feed(":ZekeStatus<CR>")
    settings = broker.expect("hello")["settings"]
    assert settings == {"default_model": "smart", "batch": {"window_ms": 99}}
    nvim.lua("require('zeke').setup({ default_model = 'auto' })")
    assert broker.expect("settings.update")["settings"]["default_model"] == "auto"


def test_sentences_reach_a_notify_of_the_persons_own(nvim: Nvim) -> None:
    nvim.lua("vim.notify = function(text, level) vim.g.said = { text, level } end")
    nvim.feed(":ZekeEdit<CR>")
    said = nvim.wait_for("vim.g.said")
    assert said[0].startswith("Zeke: Say what to do")


def test_sentences_stop_nobody_and_are_kept(nvim: Nvim) -> None:
    for _ in range(3):
        nvim.feed(":ZekeEdit<CR>:ZekeCreate<CR>")
    nvim.wait_screen("Zeke: Say what to create")
    assert nvim.lua("return vim.api.nvim_get_mode()") == {"mode": "n", "blocking": False}
    nvim.feed(":Zeke messages<CR>")
    nvim.wait_screen("Zeke messages")
    assert sum("Say what to do" in line for line in nvim.lines()) == 3
