"""What a test of bad luck needs: an answer that is on its way, odd text, and that nothing broke."""

from __future__ import annotations

from tests.e2e.nvim import PATIENCE, Nvim
from tests.e2e.person import run
from tests.fakes.house import House

WIDE = "値 = '" + "全角文字" * 10 + "'  # 👩‍👩‍👧 é"
TYPING = {"complete": {"enabled": True, "debounce_ms": 1}}
HELD = {"default_model": "openai:held"}
GROUPS = """
local gone = {}
for group, target in pairs(require("zeke.highlight").links) do
  local found = vim.api.nvim_get_hl(0, { name = group })
  if found.link ~= target then gone[#gone + 1] = group end
end
return gone"""


def fine(nvim: Nvim) -> None:
    """No error was shown by Neovim, none of ours is in the history, and keys do what they do."""
    assert nvim.lua("return vim.v.errmsg") == ""
    said = nvim.lua("return vim.api.nvim_exec2('messages', { output = true }).output")
    assert "Error" not in said, said
    assert nvim.lua("return vim.api.nvim_get_mode().blocking") is False
    nvim.feed("<C-\\><C-n>:Zeke messages<CR>")
    nvim.wait_screen("╭ Zeke messages")
    assert "itself failed" not in "\n".join(nvim.lines())
    nvim.feed("q")
    nvim.wait_gone("╭ Zeke messages")


def streams(nvim: Nvim, command: str, house: House) -> None:
    """Begin an answer that stops after its first word."""
    house.provider.held.clear()
    run(nvim, command)
    nvim.wait_screen("first")
    assert house.provider.held.wait(PATIENCE)
    nvim.events.clear()
