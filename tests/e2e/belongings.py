"""What in a Neovim belongs to the person, and whether it is as it was.

    with belongings.untouched(nvim):
        …                       # something of ours comes and goes

fails with everything that is different afterwards: registers, marks, jumps, changes, folds,
views, windows, options and so on; ``belongings.lua`` has the list. ``but`` are patterns of what
may differ. ``moved`` names places by the text of their lines: what moved with its line is where it
was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.nvim import Nvim

_LOOK = Path(__file__).with_suffix(".lua").read_text(encoding="utf-8")
CODE = "".join(f"def step_{number}(x):\n    return x + {number}\n" for number in range(1, 31))
OTHER = "".join(f"line {number} of the other\n" for number in range(1, 60))

# Unlike what is set by default, wherever something of ours might lean on that.
INIT = """
local held = {}
vim.g.clipboard = {
  name = "held",
  copy = {
    ["+"] = function(lines, kind) held["+"] = { lines, kind } end,
    ["*"] = function(lines, kind) held["*"] = { lines, kind } end,
  },
  paste = {
    ["+"] = function() return held["+"] or { { "" }, "v" } end,
    ["*"] = function() return held["*"] or { { "" }, "v" } end,
  },
}
for name, value in pairs({
  foldmethod = "manual", hlsearch = true, number = true, relativenumber = true, scrolloff = 2,
  sidescrolloff = 5, wrap = false, list = true, signcolumn = "yes", virtualedit = "block",
  startofline = true, selection = "exclusive", whichwrap = "h,l", gdefault = true,
  ignorecase = true, wrapscan = false, splitkeep = "cursor", previewheight = 5,
  completeopt = "menu", switchbuf = "useopen", showtabline = 1, undofile = false,
}) do
  vim.o[name] = value
end
"""

_BY_HAND = """
vim.fn.setreg("a", { "alpha", "beta" }, "V")
vim.fn.setreg("+", "plus")
vim.fn.setreg("*", "star")
vim.fn.setqflist({}, " ", { title = "mine", items = {
  { filename = "other.txt", lnum = 3, text = "three" },
  { filename = "app.py", lnum = 2, text = "two" },
} })
vim.fn.setloclist(0, { { filename = "app.py", lnum = 7, text = "seven" } })
vim.v.errmsg = ""
"""
# What is typed in ``app.py``: changes with a branch in the undo tree, yanks and deletes, a macro,
# searches, marks, folds open and closed, a selection, and a second window of unequal height.
_TYPED = (
    ":args app.py other.txt<CR>:cd ..<CR>:cd -<CR>",
    "40GA  # first<Esc>u:2<CR>ywyy10Gdd12Gx14G3ddu8Gma20GmbGmZgg:write<CR>",
    "qqjq/step_1<CR>nn?step_2<CR>fs;:5s/return/return /<CR>u",
    ":50,53fold<CR>:55,58fold<CR>:55foldopen<CR>:15,16fold<CR>",
    "44GVjj<Esc>46Gv$h<Esc>",
    ":belowright split other.txt<CR>30Gmc:setlocal nonumber<CR>zt:resize 9<CR><C-w>p",
    ":tabnew other.txt<CR>5G:lcd sub<CR>gT",
    "32Gwciwtriple<Esc>:write<CR>:let v:errmsg=''<CR>33G0wzt<C-y><C-y><C-y>",
    # A view that 'scrolloff' would correct as soon as somebody goes there is of no use here.
    "<C-w>p:redraw<CR><C-w>p",
)


def move_in(nvim: Nvim, house: Path) -> None:
    """Be somebody who has worked here for a while; ``app.py`` is open."""
    (house / "other.txt").write_text(OTHER, encoding="utf-8")
    (house / "sub").mkdir()
    nvim.lua(_BY_HAND)
    for keys in _TYPED:
        nvim.feed(keys)
    nvim.settle()
    nvim.wait_for("vim.fn.line('.') == 33")


def look(nvim: Nvim, *, moved: bool = False) -> dict[str, str]:
    """What there is now, by name."""
    nvim.command("redraw")
    found: dict[str, str] = nvim.lua(_LOOK, "text" if moved else "number")
    return found


def differences(
    before: dict[str, str], after: dict[str, str], but: tuple[str, ...] = ()
) -> list[str]:
    """One entry for each thing that is another one, but for those that match a pattern."""
    return [
        f"{name}\n  was {before.get(name)}\n  is  {after.get(name)}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name) and not any(re.fullmatch(one, name) for one in but)
    ]


@contextmanager
def untouched(nvim: Nvim, *but: str, moved: bool = False) -> Iterator[None]:
    """Fail if anything of the person's is not as it was before the block."""
    before = look(nvim, moved=moved)
    yield
    found = differences(before, look(nvim, moved=moved), but)
    assert not found, "\n".join(found)
