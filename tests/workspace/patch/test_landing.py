"""Real-life answers in SEARCH/REPLACE blocks, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from zeke_bridge.model.errors import PatchError

BASE = """\
local M = {}

function M.one(list)
  local n = 0
  for _ in ipairs(list) do n = n + 1 end
  return n
end

function M.two(list)
  local n = 0
  return n
end

return M"""

OLD = "  for _ in ipairs(list) do n = n + 1 end\n  return n"
NEW = "  return #list"
WANT = BASE.replace(OLD, NEW)


def block(old: str = OLD, new: str = NEW) -> str:
    return f"<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE"


ACCEPTED = [
    ("plain", block()),
    ("in a fence", f"```lua\n{block()}\n```"),
    ("with the file's name above", f"lua/m.lua\n```lua\n{block()}\n```"),
    ("with chatter", f"I will use the length operator.\n\n{block()}\n\nThat is all."),
    ("CRLF", block().replace("\n", "\r\n")),
    ("shorter markers", block().replace("<<<<<<<", "<<<<<").replace("=======", "=====")),
    ("longer markers", block().replace(">>>>>>>", ">>>>>>>>").replace("=======", "========")),
    ("no space after the signs", block().replace("< SEARCH", "<SEARCH")),
    ("small letters", block().replace("SEARCH", "search").replace("REPLACE", "replace")),
    ("ORIGINAL and UPDATED", block().replace("SEARCH", "ORIGINAL").replace("REPLACE", "UPDATED")),
    ("bare end", block().replace(" REPLACE", "")),
    ("a stray sign", block().replace("SEARCH", "SEARCH>")),
    ("fences inside", block(f"```lua\n{OLD}\n```", f"```lua\n{NEW}\n```")),
    ("blank lines inside", block(f"\n{OLD}\n", f"\n{NEW}\n")),
    ("trailing spaces", block(OLD.replace("end", "end  "))),
    ("dedented", block(OLD.replace("  for", "for").replace("  ret", "ret"), "return #list")),
    ("indented", block("  " + OLD.replace("\n", "\n  "), "  " + NEW)),
    ("numbered", block("5|   for _ in ipairs(list) do n = n + 1 end\n6|   return n", "5| " + NEW)),
    ("said twice", f"{block()}\n{block()}"),
    ("with one that changes nothing", f"{block('local M = {}', 'local M = {}')}\n{block()}"),
    ("with the thoughts first", f"<think>\n{block('x', 'y')}\n</think>\n{block()}"),
]


@pytest.mark.parametrize("answer", [pytest.param(row[1], id=row[0]) for row in ACCEPTED])
def test_a_block_lands(answer: str, landed: Callable[..., str]) -> None:
    assert landed(answer, BASE) == WANT


REFUSED = [
    ("found twice", block("  local n = 0", "  local n = 1"), "found twice, at lines 4 and 10"),
    ("found nowhere", block("local x = 1", "y"), "replaces is not in lines 1 to 14"),
    ("nowhere, the second", f"{block()}\n{block('local x', 'y')}", "block 2 .* is not in"),
    ("other signs", block(OLD.replace("+", "-")), "is not in"),
    ("other indentation inside", block(OLD.replace("  return", "      return")), "is not in"),
    ("empty", block("", "x"), "does not say which lines"),
    ("blank", block("  \n", "x"), "does not say which lines"),
    ("no divider", "<<<<<<< SEARCH\na\n>>>>>>> REPLACE", "Block 1 .* has no line ======="),
    ("no end", "<<<<<<< SEARCH\na\n=======\nb\n", "Block 1 .* breaks off"),
    ("no end before the next", f"<<<<<<< SEARCH\na\n=======\nb\n{block()}", "no line >>>>>>>"),
    ("no change", block(OLD, OLD), "changed nothing"),
    ("overlap", f"{block()}\n{block('  return n' + chr(10) + 'end' + chr(10), 'x')}",
     "found twice, at lines 6 and 11"),
    ("overlapping", f"{block(OLD, 'a')}\n{block('  for _ in ipairs(list) do n = n + 1 end', 'b')}",
     "Blocks 1 and 2 .* same lines .line 5"),
    ("too many", "\n".join(block(f"a{at}", "b") for at in range(201)), "more than 200"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "sentence"), [pytest.param(row[1], row[2], id=row[0]) for row in REFUSED]
)
def test_a_block_that_does_not_fit(answer: str, sentence: str, landed: Callable[..., str]) -> None:
    with pytest.raises(PatchError, match=sentence):
        landed(answer, BASE)


def test_only_the_range_is_searched(landed: Callable[..., str]) -> None:
    answer = block("  local n = 0", "  local n = 1")
    assert landed(answer, BASE, 9, 12) == BASE[::-1].replace("0 = n", "1 = n", 1)[::-1]
    with pytest.raises(PatchError, match="changes line 4, which is not within line 1"):
        landed(answer, BASE, 1, 1)


def test_several_blocks_in_any_order(landed: Callable[..., str]) -> None:
    answer = f"{block('return M', 'return N')}\ntext\n{block('local M = {}', 'local N = {}')}"
    assert landed(answer, BASE) == BASE.replace("local M", "local N").replace(
        "return M", "return N"
    )


def test_an_empty_replacement_removes_the_lines(landed: Callable[..., str]) -> None:
    answer = "<<<<<<< SEARCH\nb\n=======\n>>>>>>> REPLACE"
    assert landed(answer, "a\nb\nc") == "a\nc"


def test_text_with_lines_like_the_divider(landed: Callable[..., str]) -> None:
    page = "Title\n=====\n\nText"
    assert landed(block("Title\n=====", "Name\n====="), page) == "Name\n=====\n\nText"
    assert landed(block("Text", "More\n=====\n\nText"), page) == f"{page[:-4]}More\n=====\n\nText"


def test_a_range_with_such_markers_is_rewritten_in_whole(landed: Callable[..., str]) -> None:
    base = f"how = '''\n{block('a', 'b')}\n'''"
    better = base.replace("\na\n", "\nA\n")
    assert landed(f"```python\n{better}\n```", base) == better


@pytest.mark.parametrize("base", ["a  \na\nc", "if a:\n    \n\nc", "a\r\n}\r\nb\n}\nc"])
def test_the_ends_of_other_lines_stay(landed: Callable[..., str], base: str) -> None:
    """Also where there is a line of the same text that ends in another way."""
    assert landed(block("c", "d"), base) == base.removesuffix("c") + "d"


def test_a_new_line_ends_as_the_one_in_its_place(landed: Callable[..., str]) -> None:
    assert landed(block("c", "d\ne"), "a\r\nb\nc\r\nz") == "a\r\nb\nd\r\ne\r\nz"
