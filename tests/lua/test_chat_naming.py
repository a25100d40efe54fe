"""Which file the fence of a code block, or the line above it, names."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer

FIND = """
local block = require("zeke.chat.blocks").find(vim.split(..., "\\n"), function(name)
  return name == "app.py" or name == "src/x.ts"
end)[1]
return { block.path or "", block.doubtful or false, block.from or 0, block.to or 0 }
"""
# What is asked for is answered by the first entry that has these words.
SELECT = """
local wanted = ...
vim.ui.select = function(items, options, done)
  local texts = vim.tbl_map(options.format_item, items)
  _G.asked = options.prompt .. ": " .. table.concat(texts, "|")
  for index, text in ipairs(texts) do
    if text:find(wanted, 1, true) then return done(items[index]) end
  end
end
"""


def named(nvim: Nvim, text: str) -> tuple[str, bool, int, int]:
    path, doubtful, first, last = nvim.lua(FIND, text)
    return path, doubtful, first, last


@pytest.mark.parametrize(
    ("info", "path"),
    [
        ("python:app.py", "app.py"),
        ("python:src/new.py", "src/new.py"),
        ("ts:src/x.ts", "src/x.ts"),
        ("python file:app.py", "app.py"),
        ("python title=app.py", "app.py"),
        ("python filename='app.py'", "app.py"),
        ("python {file=app.py}", "app.py"),
        ("ts {src/x.ts}", "src/x.ts"),
        ("python # app.py", "app.py"),
        ("python app.py (new)", "app.py"),
        ("python new.py", "new.py"),
        ("js {1,3}", ""),
        ("sh $ npm run x.y", ""),
        ("html+jinja", ""),
        ("ts/tsx", ""),
        ("python3.11", ""),
        ("asp.net", ""),
    ],
)
def test_a_label_of_a_fence(nvim: Nvim, info: str, path: str) -> None:
    assert named(nvim, f"```{info}\nx\n```") == (path, False, 0, 0)


@pytest.mark.parametrize("info", ["1:5:app.py", "python:app.py:1-5", "python app.py:1-5"])
def test_lines_in_a_label(nvim: Nvim, info: str) -> None:
    assert named(nvim, f"```{info}\nx\n```") == ("app.py", False, 1, 5)


@pytest.mark.parametrize("info", ["vue.js", "node.js"])
def test_a_word_that_may_be_no_name_is_doubtful(nvim: Nvim, info: str) -> None:
    assert named(nvim, f"```{info}\nx\n```")[:2] == (info, True)


@pytest.mark.parametrize(
    ("above", "path", "doubtful"),
    [
        ("**app.py**", "app.py", False),
        ("File: `app.py`", "app.py", False),
        ("**File: app.py**", "app.py", False),
        ("1. **app.py**:", "app.py", False),
        ("In app.py:", "app.py", False),
        ("### 1. src/x.ts", "src/x.ts", False),
        ("Run `npm test` in `src/x.ts`:", "src/x.ts", False),
        ("Create `new.py`:", "new.py", False),
        ("**src/new.py**", "src/new.py", False),
        ("### new.py", "new.py", True),
        ("**Node.js**", "Node.js", True),
        ("Use `os.path`:", "", False),
        ("### Using Node.js", "", False),
        ("In Python 3.11:", "", False),
    ],
)
def test_the_line_above(nvim: Nvim, above: str, path: str, doubtful: bool) -> None:
    assert named(nvim, f"{above}\n\n```python\nx\n```")[:2] == (path, doubtful)


def test_code_for_a_file_that_is_there_makes_no_other(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, "```python:app.py\nprint(total([1, 2, 3]))\n```")
    nvim.feed("gg/```<CR>gA")
    task = broker.expect("task.submit")
    assert task["buffer"]["path"] == str(sample)


def test_a_name_without_its_directory_is_the_file_the_person_came_from(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    inner = sample.parent / "src" / "inner.py"
    inner.parent.mkdir()
    inner.write_text("x = 0\n")
    nvim.edit(inner)
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, "`inner.py`:\n```python\nx = 0\n```")
    nvim.feed("gg/```<CR>gA")
    assert broker.expect("task.submit")["buffer"]["path"] == str(inner)


def test_a_doubtful_name_is_asked_for(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.lua(SELECT, "a new file")
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, "**Node.js**\n\n```js\nx = 0\n```")
    nvim.feed("gg/```<CR>gA")
    assert broker.expect("task.submit")["path"] == str(sample.with_name("Node.js"))
    assert nvim.lua("return _G.asked") == (
        "For which file is this code?: app.py|Node.js, a new file"
    )


def test_a_doubtful_name_may_be_none(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.lua(SELECT, "app.py")
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, "**Node.js**\n\n```js\nprint(total([1, 2, 3]))\n```")
    nvim.feed("gg/```<CR>gA")
    assert broker.expect("task.submit")["buffer"]["path"] == str(sample)


@pytest.mark.parametrize(
    "text",
    [
        f"```{'a:' * 20000}x.py\n1\n```",
        f"```py {' ' * 20000}{'(' * 20000}\n1\n```",
        f"`{'(' * 20000}{')' * 20000}`:\n```py\n1\n```",
    ],
    ids=["labels", "information", "marks"],
)
def test_what_is_too_long_to_name_a_file_is_not_looked_at(nvim: Nvim, text: str) -> None:
    begun = time.monotonic()
    assert named(nvim, text)[0] == ""
    assert time.monotonic() - begun < 1
