"""Completion as a language server inside Neovim: what Neovim's own functions make of it."""

from __future__ import annotations

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.suggestions import asked, begin, keys, suggest, visible


@pytest.fixture
def writer(nvim: Nvim) -> Nvim:
    return begin(nvim, "lsp")


def marks(nvim: Nvim, namespace: str) -> int:
    return int(
        nvim.lua(
            "local ns = vim.api.nvim_create_namespace(...)"
            " return #vim.api.nvim_buf_get_extmarks(0, ns, 0, -1, {})",
            namespace,
        )
    )


def test_neovim_itself_draws_it(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ivalue = ")
    suggest(writer, broker, "total(1)")
    writer.wait_for("#vim.lsp.get_clients({ bufnr = 0, name = 'zeke' }) == 1")
    writer.feed("t")
    # The first one may come before Neovim has asked.
    namespace = "vim.api.nvim_create_namespace('nvim.lsp.inline_completion')"
    writer.wait_for(f"#vim.api.nvim_buf_get_extmarks(0, {namespace}, 0, -1, {{}}) > 0")
    assert marks(writer, "zeke.complete") == 0
    writer.wait_screen("value = total(1)")


def test_neovims_own_function_takes_it(writer: Nvim, broker: FakeBroker) -> None:
    writer.lua(
        "vim.keymap.set('i', '<C-z>', function()"
        " if not vim.lsp.inline_completion.get() then return '<C-z>' end end, { expr = true })"
    )
    writer.feed("iprint(")
    writer.feed(")<Left>1")
    while not (task := asked(broker))["prefix"].endswith("print(1"):
        pass
    broker.send("task.done", id=task["id"], kind="complete", text=", 2")
    writer.wait_screen("print(1, 2)")
    writer.feed("<C-z>")
    writer.wait_for("vim.fn.getline('.') == 'print(1, 2)'")
    writer.settle()
    assert not visible(writer)
    assert keys(writer) == 0


def test_a_request_that_neovim_cancels_ends_at_the_broker(writer: Nvim, broker: FakeBroker) -> None:
    writer.lua(
        "vim.api.nvim_create_autocmd('LspRequest', { callback = function(event)"
        " if event.data.request.type == 'pending' then"
        " _G.request = { event.data.client_id, event.data.request_id } end end })"
    )
    writer.feed("iab")
    while not (task := asked(broker))["prefix"].endswith("ab"):
        pass
    writer.wait_for("_G.request ~= nil")
    writer.lua("vim.lsp.get_client_by_id(_G.request[1]):cancel_request(_G.request[2])")
    assert broker.expect("task.cancel")["id"] == task["id"]
    writer.wait_for("next(vim.lsp.get_client_by_id(_G.request[1]).requests) == nil")


def test_turned_off_it_leaves_nothing(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ivalue = ")
    suggest(writer, broker, "total(1)")
    writer.feed("<Esc>:ZekeComplete off<CR>")
    writer.wait_screen("Completion is off in this buffer.")
    assert writer.lua("return #vim.lsp.get_clients({ bufnr = 0 })") == 0
    assert not writer.lua("return vim.lsp.inline_completion.is_enabled({ bufnr = 0 })")
    assert marks(writer, "nvim.lsp.inline_completion") == 0


def test_a_client_that_was_stopped_is_replaced_by_ghost_text(
    writer: Nvim, broker: FakeBroker
) -> None:
    writer.feed("ia")
    asked(broker)
    writer.feed("<Esc>")
    writer.lua("vim.lsp.get_clients({ name = 'zeke' })[1]:stop()")
    writer.wait_for("#vim.lsp.get_clients({ name = 'zeke' }) == 0")
    writer.feed("Ab")
    suggest(writer, broker, "_again")
    writer.wait_screen("ab_again")
    assert writer.lua("return vim.v.errmsg") == ""


def test_a_line_that_goes_while_it_is_shown_breaks_nothing(
    writer: Nvim, broker: FakeBroker
) -> None:
    writer.feed("<Esc>Go")
    asked(broker)
    writer.feed("value = ")
    suggest(writer, broker, "total(1)")
    writer.feed("<C-o>dd")
    writer.wait_gone("value = ")
    writer.settle()
    assert writer.lua("return vim.v.errmsg") == ""
    assert not visible(writer)


def test_nothing_of_other_windows_is_answered(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ivalue = ")
    suggest(writer, broker, "total(1)")
    writer.command("new other.py")
    writer.feed("<Esc>ihere")
    suggest(writer, broker, "_too")
    writer.wait_screen("here_too")
    assert writer.screen.text.count("total(1)") == 0
    buffers = writer.lua("return #vim.api.nvim_list_bufs()")
    writer.feed(" and more")
    while not asked(broker)["prefix"].endswith(" and more"):
        pass
    assert writer.lua("return #vim.api.nvim_list_bufs()") == buffers
    assert writer.lua("return vim.v.errmsg") == ""
