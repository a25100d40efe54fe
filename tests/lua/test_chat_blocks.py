"""Code blocks of a chat: which one is meant, where it belongs, and what is done with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer

ANSWER = """\
Look at `app.py`:

```python
def total(values):
    return sum(values)


print(total([1, 2, 3]))
```

or, elsewhere,

````markdown title="docs/a.md"
```sh
ls
```
````
"""


def blocks(nvim: Nvim, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = nvim.lua(
        "return require('zeke.chat.blocks').find(vim.split(..., '\\n'), "
        "require('zeke.chat.apply').is_file(0))",
        text,
    )
    return found


@pytest.fixture
def chat(nvim: Nvim, broker: FakeBroker) -> Nvim:
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, ANSWER)
    nvim.settle()
    return nvim


def test_fences_inside_fences(nvim: Nvim) -> None:
    first, second = blocks(nvim, ANSWER)
    assert (first["language"], first["path"], first["first"], first["last"]) == (
        "python",
        "app.py",
        3,
        9,
    )
    assert second["code"] == ["```sh", "ls", "```"]
    assert second["path"] == "docs/a.md"


@pytest.mark.parametrize(
    ("info", "path", "lines"),
    [
        ("python", None, None),
        ("python src/a.py", "src/a.py", None),
        ("src/a.py:3-9", "src/a.py", (3, 9)),
        ('lua title="x/y.lua"', "x/y.lua", None),
        ("sh $HOME", None, None),
        ("python https://a.b/c.py", None, None),
    ],
)
def test_a_fence_may_name_its_file(
    nvim: Nvim, info: str, path: str | None, lines: tuple[int, int] | None
) -> None:
    (block,) = blocks(nvim, f"```{info}\nx\n```")
    assert block.get("path") == path
    assert (block.get("from"), block.get("to")) == (lines or (None, None))


def test_the_line_above_may_name_it(nvim: Nvim) -> None:
    (block,) = blocks(nvim, "`src/a.py`, lines 3 to 9:\n```python\nx\n```")
    assert (block["path"], block["from"], block["to"]) == ("src/a.py", 3, 9)
    (block,) = blocks(nvim, "This is what a.py does.\n```python\nx\n```")
    assert "path" not in block


def test_a_block_that_has_not_ended(nvim: Nvim) -> None:
    (block,) = blocks(nvim, "```python\nx\n")
    assert block["code"] == ["x", ""]


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (["b", "new", "d"], [2, 4]),
        (["  b"], [2, 2]),
        (["x", "d"], []),
        (["a", "new", "a"], []),
        (["d", "new", "b"], []),
        ([""], []),
    ],
)
def test_where_it_belongs(nvim: Nvim, code: list[str], wanted: list[int]) -> None:
    lines = ["a", "  b", "c", "d", "a"]
    found = nvim.lua("return { require('zeke.chat.blocks').place(...) }", code, lines)
    assert [number for number in found if number is not None] == wanted


def test_yanking_the_nearest_one(chat: Nvim) -> None:
    chat.feed("gg/return<CR>gy")
    chat.wait_screen("Yanked 5 lines")
    assert chat.lua("return vim.fn.getreg('\"', 1, 1)")[1] == "    return sum(values)"
    chat.feed('gg/elsewhere<CR>"agy')
    chat.wait_screen("Yanked 3 lines")
    assert chat.lua("return vim.fn.getreg('a', 1, 1)") == ["```sh", "ls", "```"]
    chat.feed("gggy")
    chat.wait_screen("There is no code block in this answer.")


def test_a_diff_against_the_file_that_is_open(chat: Nvim, broker: FakeBroker) -> None:
    chat.feed("gg/return<CR>gD")
    task = broker.expect("task.submit")
    assert task["kind"] == "propose"
    assert task["buffer"]["path"].endswith("/app.py")
    lines = ["def total(values):", "    return sum(values)", "", "", "print(total([1, 2, 3]))"]
    assert task["edits"] == [{"first": 1, "last": 8, "lines": lines}]
    assert task["base"] == task["buffer"]["text"]


def test_a_new_file(chat: Nvim, broker: FakeBroker, sample: Path) -> None:
    chat.feed("gg/elsewhere<CR>gD")
    task = broker.expect("task.submit")
    assert task["path"] == str(sample.parent / "docs" / "a.md")
    assert task["edits"] == [{"first": 1, "last": 0, "lines": ["```sh", "ls", "```"]}]
    assert "base" not in task


def test_a_file_on_disk(chat: Nvim, broker: FakeBroker, sample: Path) -> None:
    path = sample.parent / "docs" / "a.md"
    path.parent.mkdir()
    path.write_text("above\n```sh\nrm\n```\nbelow\n")
    chat.feed("gg/elsewhere<CR>gD")
    task = broker.expect("task.submit")
    assert task["edits"] == [{"first": 2, "last": 4, "lines": ["```sh", "ls", "```"]}]
    assert task["base"] == "above\n```sh\nrm\n```\nbelow\n"


def test_without_a_place_the_person_says_where(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("2GVj<Esc>:ZekeChat how?<CR>")
    answer(nvim, broker, "```python\n    result = 1\n```")
    nvim.lua(
        "vim.ui.select = function(items, options, done) _G.offered = "
        "vim.tbl_map(options.format_item, items) done(items[1]) end"
    )
    nvim.feed("gg/1$<CR>gD")
    task = broker.expect("task.submit")
    assert nvim.lua("return _G.offered")[:2] == [
        "replace lines 2 to 3 of app.py",
        "put it after line 3 of app.py",
    ]
    assert task["edits"] == [{"first": 2, "last": 3, "lines": ["    result = 1"]}]


def test_from_the_input_the_last_one_above(chat: Nvim, broker: FakeBroker, sample: Path) -> None:
    chat.feed("iand now?<Esc><CR>")
    answer(chat, broker, "Nothing.")
    chat.wait_for("vim.fn.line('.') == vim.fn.line('$')")
    chat.feed("gy")
    chat.wait_screen("Yanked 3 lines")
    chat.feed("gD")
    task = broker.expect("task.submit")
    assert task["path"] == str(sample.parent / "docs" / "a.md")


def test_there_may_be_none_above(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat<CR>gy")
    nvim.wait_screen("There is no code block above.")
