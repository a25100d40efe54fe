"""Code blocks of an answer as models write them: in lists, with odd line ends, below prose."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer

CODE = "def total(values):\n    return sum(values)\n"


def block(nvim: Nvim, text: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = nvim.lua(
        "return require('zeke.chat.blocks').find(vim.split(..., '\\n'), "
        "require('zeke.chat.apply').is_file(0))",
        text,
    )
    assert len(found) == 1
    return found[0]


def moved(indent: str, rest: str = "") -> str:
    """The code in a fence, each line of it behind the indent."""
    lines = f"```python\n{CODE}```".split("\n")
    return "\n".join(f"{indent}{line}" for line in lines) + rest


@pytest.mark.parametrize(
    "text",
    [
        f"1. Do:\n\n{moved('   ')}\n2. x",
        f"10. Do:\n\n{moved('    ')}\n11. x",
        f"- Do:\n\n{moved(chr(9))}\n- x",
        f"- a\n  - b\n    1. c:\n{moved('       ')}",
        f"- Do:\n\n  above\n\n{moved('  ')}",
        moved("  "),
    ],
)
def test_a_block_in_a_list_is_its_code(nvim: Nvim, text: str) -> None:
    assert "\n".join(block(nvim, text)["code"]) + "\n" == CODE


def test_lines_with_less_indent_lose_no_letter(nvim: Nvim) -> None:
    found = block(nvim, "1. Do:\n   ```python\nx = 1\n  y = 2\n     z = 3\n   ```")
    assert found["code"] == ["x = 1", "y = 2", "  z = 3"]


def test_code_that_is_only_indented_is_no_fence(nvim: Nvim) -> None:
    count = "return #require('zeke.chat.blocks').find(vim.split(..., '\\n'), function() end)"
    assert nvim.lua(count, f"Text.\n\n{moved('    ')}") == 0


@pytest.mark.parametrize(
    ("above", "path"),
    [
        ("Here is how to use `itertools.accumulate`:", None),
        ("### Step 1.1", None),
        ("Use **np.array**:", None),
        ("Either and/or:", None),
        ("Do it in two steps, e.g.:", None),
        ("In `app.py`:", "app.py"),
        ("### sub/new.py", "sub/new.py"),
        ("`LICENSE`:", "LICENSE"),
        ("`bin/run`:", "bin/run"),
        ("**new.py**", "new.py"),
    ],
)
def test_only_what_can_be_a_file_is_one(nvim: Nvim, above: str, path: str | None) -> None:
    nvim.lua("vim.fn.writefile({}, 'LICENSE')")
    assert block(nvim, f"{above}\n\n```python\n{CODE}```").get("path") == path


def test_code_below_prose_goes_where_the_person_came_from(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, f"Use `itertools.accumulate`:\n\n```python\n{CODE}```\n")
    nvim.lua("""
      vim.ui.select = function(items, options) _G.offered = vim.tbl_map(options.format_item, items) end
    """)
    nvim.feed("gg/```<CR>gD")
    nvim.wait_for("_G.offered")
    assert "replace all 8 lines of app.py" in nvim.lua("return _G.offered")


def test_a_block_of_a_windows_answer_is_yanked_without_its_line_ends(
    nvim: Nvim, broker: FakeBroker
) -> None:
    nvim.feed(":ZekeChat how?<CR>")
    crlf = f"```python\n{CODE}```\n".replace("\n", "\r\n")
    answer(nvim, broker, crlf[:15], crlf[15:])
    nvim.feed("gg/```<CR>gy")
    nvim.settle()
    assert nvim.lua("return vim.fn.getreg('\"')") == CODE
