"""Where a code block may go: what it is another version of comes first, all of the file last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer

CATCH = """
vim.ui.select = function(items, options, done)
  _G.offered, _G.pick = vim.tbl_map(options.format_item, items), function(n) done(items[n]) end
end
require("zeke.review").propose = function(change)
  change.why = nil -- a function, which no test can be told
  _G.proposed = change
end
"""
SHOP = '''\
import decimal


@traced
def total(values):
    """The sum."""
    result = 0

    return result


class Basket:
    # How many there are.
    def size(self):
        return len(self.things)

    def total(self):
        return total(self.things)
'''
MODULE = """\
local M = {}

function M.first(one)
  return one
end

M.second = function(two)
  if two then
    return 2
  end
end

return M
"""
Offer = Callable[..., list[str]]


@pytest.fixture
def offer(nvim: Nvim, broker: FakeBroker, sample: Path) -> Offer:
    """Have a block answered to a question, and asked for by ``gA``; what is offered for it."""

    def offering(
        code: str, *, name: str = "shop.py", text: str = SHOP, question: str = "how?"
    ) -> list[str]:
        path = sample.with_name(name)
        path.write_text(text, encoding="utf-8")
        nvim.lua(CATCH)
        nvim.feed(f":ZekeChat {question}<CR>")
        answer(nvim, broker, f"`{name}`:\n\n```\n{code}\n```")
        nvim.feed("gg/^```<CR>gA")
        nvim.wait_for("_G.offered or _G.proposed")
        return list(nvim.lua("return _G.offered") or [])

    return offering


def proposed(nvim: Nvim, choice: int = 1) -> tuple[int, int, list[str]]:
    """What is proposed once a choice is made; the lines, and what shall stand there."""
    nvim.lua("if _G.pick then _G.pick(...) end", choice)
    nvim.wait_for("_G.proposed")
    [edit] = nvim.lua("return _G.proposed.edits")
    return edit["first"], edit["last"], edit["lines"]


def accepted(nvim: Nvim) -> Any:
    return nvim.lua("return _G.proposed.accept")


def test_a_function_with_another_last_line(nvim: Nvim, offer: Offer) -> None:
    code = "def total(values, start=0):\n    return sum(values, start)"
    offered = offer(code)
    assert offered == [
        "replace lines 5 to 9 of shop.py (def total)",
        "replace lines 17 to 18 of shop.py (def total)",
        "put it at the end of shop.py",
        "replace all 18 lines of shop.py",
    ]
    assert proposed(nvim) == (5, 9, code.split("\n"))
    assert not accepted(nvim), "its end is only known by how it is indented"


def test_a_method_is_as_far_to_the_right_as_the_old_one(nvim: Nvim, offer: Offer) -> None:
    code = "def size(self):\n    # Not the empty ones.\n    return sum(map(bool, self.things))"
    assert offer(code)[0] == "replace lines 14 to 15 of shop.py (def size)"
    assert proposed(nvim) == (14, 15, [f"    {line}" for line in code.split("\n")])


def test_what_stands_above_a_function_goes_with_it(nvim: Nvim, offer: Offer) -> None:
    offered = offer("@traced\n@cached\ndef total(values):\n    return sum(values)")
    assert offered[0] == "replace lines 4 to 9 of shop.py (def total)"


@pytest.mark.parametrize("is_open", [False, True])
def test_by_a_parser(nvim: Nvim, offer: Offer, sample: Path, is_open: bool) -> None:
    if is_open:
        sample.with_name("m.lua").write_text(MODULE, encoding="utf-8")
        nvim.command("split m.lua")
    code = "M.second = function(two)\n  return two and 2\nend"
    offered = offer(code, name="m.lua", text=MODULE)
    assert offered[0] == "replace lines 7 to 11 of m.lua (function M.second)"
    assert offered[-1] == "replace all 13 lines of m.lua"
    assert proposed(nvim) == (7, 11, code.split("\n"))


def test_more_than_the_code_knows_is_looked_at_first(nvim: Nvim, offer: Offer) -> None:
    assert not offer("function M.first(one)\n  return 2\nend\nreturn M", name="m.lua", text=MODULE)
    assert proposed(nvim)[:2] == (3, 13)
    assert not accepted(nvim), "what stands between would go"


def test_the_function_comes_before_its_first_line_to_its_last(nvim: Nvim, offer: Offer) -> None:
    text = "function one()\n  x()\n  last()\nend\n\nfunction two()\n  y()\nend -- two\n"
    offered = offer("function one()\n  y()\nend -- two", name="n.lua", text=text)
    assert offered[:2] == [
        "replace lines 1 to 4 of n.lua (function one)",
        "replace lines 1 to 8 of n.lua (its first line to its last)",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "if ready:\n    total(values)",
        "print(\n    total(values)\n)",
        "import os",
        "def other():\n    return 1",
        "def total(values):\n    return 1\n\n\ndef other():\n    return 2",
    ],
)
def test_what_is_not_there_is_put_beside(nvim: Nvim, offer: Offer, code: str) -> None:
    assert offer(code) == ["put it at the end of shop.py", "replace all 18 lines of shop.py"]


PYTHON = "def f(x):\n    a = 1\n{}\n    return a\n\n\ndef g():\n    return 2\n"
GO = "func f() {\nretry:\n\tif x {\n\t\tgoto retry\n\t}\n}\n\nfunc g() {\n}\n"
SCRIPT = "f() {\n  cat <<END\nserver {\n}\nfrom here\nEND\n  x\n}\n\ng() {\n  y\n}\n"
STRING = "function f() {\n  return `\nhere ${x}\n`;\n}\n\nfunction g() {\n  return 2;\n}\n"
RUBY = "def f\n  puts <<E\nhere\nE\nend\n\ndef f?\n  1\nend\n"
ALLMAN = (
    "int f(int a,\n      int b)\n{\n#if X\n    a++;\n#endif\n    return a;\n}\n\nint g()\n{\n}\n"
)


@pytest.mark.parametrize(
    ("name", "text", "code", "last", "at_once"),
    [
        ("a.py", PYTHON.format("#    old()"), "def f(x):\n    b()\n    return 3", 4, False),
        (
            "b.py",
            PYTHON.format("    '''\nx\n\n    '''"),
            "def f(y):\n    b()\n    return 3",
            7,
            False,
        ),
        ("c.go", GO, "func f() {\n\tg()\n\treturn\n}", 6, True),
        ("d.sh", SCRIPT, "f() {\n  a\n  b\n  c\n}", 8, False),
        ("e.js", STRING, "function f(a) {\n  b();\n  return 1;\n}", 5, True),
        ("f.rb", RUBY, "def f\n  a\n  b\nend", 5, True),
        ("g.cc", ALLMAN, "int f(int a,\n      int c)\n{\n  b();\n  return c;\n}", 8, True),
        ("h.js", "f = (x) => {\n  /{}}/\n}\n", "f = (y) => {\n  2\n}", 3, False),
    ],
)
def test_a_definition_ends_where_it_is_closed(
    nvim: Nvim, offer: Offer, name: str, text: str, code: str, last: int, at_once: bool
) -> None:
    offered = offer(code, name=name, text=text)
    if offered:
        assert offered[0].startswith(f"replace lines 1 to {last} of {name} (")
    assert proposed(nvim)[:2] == (1, last)
    assert accepted(nvim) == at_once


def test_its_last_line_comes_before_a_guess(nvim: Nvim, offer: Offer) -> None:
    text = "def f(x):\n    a = 1\nodd\n    return a\n"
    offered = offer("def f(x):\n    return a", name="a.py", text=text)
    assert offered[:2] == [
        "replace lines 1 to 4 of a.py (its first line to its last)",
        "replace lines 1 to 2 of a.py (def f)",
    ]


MEMBERS = "class A {\n  int f() {\n    return 1;\n  }\n  int g() {\n    return 2;\n  }\n};\n"


@pytest.mark.parametrize(
    ("name", "text", "code", "at_once"),
    [
        ("a.lua", MODULE.replace("first", "f"), "function M.f(one)\n  return 2\nend", True),
        ("b.cc", MEMBERS, "class A {\n  int f() {\n    return g();\n  }\n};", False),
        (
            "c.cc",
            MEMBERS,
            "class A {\n  int f() { h(); }\n  int g() {\n    h();\n  }\n}; // A",
            True,
        ),
        ("d.js", "f = () => {\n  a\n  b\n  c\n  d\n}\n", "f = () => {\n}", False),
    ],
)
def test_what_the_code_does_not_have_is_looked_at_first(
    nvim: Nvim, offer: Offer, name: str, text: str, code: str, at_once: bool
) -> None:
    offer(code, name=name, text=text)
    proposed(nvim)
    assert accepted(nvim) == at_once


@pytest.mark.parametrize(
    ("name", "text", "code", "found"),
    [
        ("a.lua", "function A.run()\n  x()\nend\n", "function B.run()\n  y()\nend", False),
        ("b.lua", "function A.run()\n  x()\nend -- A\n", "function run()\n  y()\nend", True),
        ("c.lua", "function M.A.run()\n  x()\nend\n", "function A.run()\n  y()\nend", True),
        ("d.cc", "void A::run() {\n  x();\n}\n", "void B::run() {\n  y();\n}", False),
        ("e.go", "func (a *A) Run() {\n\tx()\n}\n", "func (b *B) Run() {\n\ty()\n}", False),
        ("f.rb", "def f.x\n  1\nend\n", "def f\n  2\nend", False),
    ],
)
def test_names_that_are_told_in_full_have_to_agree(
    nvim: Nvim, offer: Offer, name: str, text: str, code: str, found: bool
) -> None:
    assert (offer(code, name=name, text=text)[0] != f"put it at the end of {name}") == found


def test_of_several_the_mentioned_one_comes_first(nvim: Nvim, offer: Offer, sample: Path) -> None:
    sample.with_name("shop.py").write_text(SHOP, encoding="utf-8")
    code = "def total(self):\n    return 0"
    offered = offer(code.replace("self", "self, x"), question="what of @file:shop.py:17-18?")
    assert offered[:3] == [
        "replace lines 17 to 18 of shop.py (def total, @file:shop.py:17-18)",
        "replace lines 5 to 9 of shop.py (def total)",
        "put it at the end of shop.py",
    ]


def test_a_decorator_of_several_lines(nvim: Nvim, offer: Offer) -> None:
    text = "import a\n\n\n@a.b(\n    1,\n)\n@c\ndef f():\n    return 1\n"
    offered = offer("@a.b(\n    2,\n)\ndef f():\n    return 2", name="a.py", text=text)
    assert offered[0] == "replace lines 4 to 9 of a.py (def f)"


@pytest.mark.parametrize(("text", "between"), [("a = 1\n", [""]), ("a = 1\n\n", [])])
def test_an_empty_line_is_put_before_the_end(
    nvim: Nvim, offer: Offer, text: str, between: list[str]
) -> None:
    offer("b = 2", name="a.py", text=text)
    assert proposed(nvim)[2] == [*between, "b = 2"]


def test_lines_that_the_question_mentioned(nvim: Nvim, offer: Offer, sample: Path) -> None:
    sample.with_name("shop.py").write_text(SHOP, encoding="utf-8")
    nvim.command("edit shop.py")
    nvim.feed("7GVj<Esc>")
    question = "what of @selection and @file:shop.py:1-3 and @app.py:1-2?"
    offered = offer("count = 0", question=question)
    assert offered == [
        "replace lines 7 to 8 of shop.py (@selection)",
        "replace lines 1 to 3 of shop.py (@file:shop.py:1-3)",
        "put it after line 8 of shop.py",
        "put it at the end of shop.py",
        "replace all 18 lines of shop.py",
    ]
    assert proposed(nvim) == (7, 8, ["    count = 0"])
    assert accepted(nvim)
    nvim.lua("_G.proposed = nil _G.pick(2)")
    assert not accepted(nvim), "nobody can say whether these are still the lines"


def test_what_was_mentioned_is_found_where_it_is_now(
    nvim: Nvim, offer: Offer, sample: Path
) -> None:
    sample.with_name("m.lua").write_text(MODULE, encoding="utf-8")
    nvim.command("edit m.lua")
    offer("return 3", name="m.lua", text=MODULE, question="what of @symbol:M.first?")
    nvim.lua("_G.offered = nil")
    path = str(sample.with_name("m.lua"))
    nvim.lua("vim.fn.appendbufline(..., 0, { 'local x', '' })", path)
    nvim.feed("gA")
    nvim.wait_for("_G.offered")
    assert nvim.lua("return _G.offered[1]") == "replace lines 5 to 7 of m.lua (@symbol:M.first)"


def test_code_with_a_gap_is_looked_at_first(nvim: Nvim, offer: Offer) -> None:
    offer("def total(values):\n    check(values)\n    # ... rest of the code\n    return result")
    nvim.lua("if _G.pick then _G.pick(1) end")
    nvim.wait_screen("The code leaves lines out (# ... rest of the code)")
    assert not accepted(nvim)


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        ("    # ... existing code ...", True),
        ("// …", True),
        ("  -- ... (unchanged)", True),
        ("/* ... remaining methods ... */", True),
        ("    ...", False),
        ("# Wait...", False),
        ("x = [...]  # ...", False),
    ],
)
def test_what_is_a_gap(nvim: Nvim, line: str, gap: bool) -> None:
    found = nvim.lua("return require('zeke.chat.blocks').gap({ 'x', ... })", line)
    assert (found is not None) == gap


@pytest.mark.parametrize(
    ("code", "old", "fitted"),
    [
        ("a\n  b", "    a\n      b", "    a\n      b"),
        ("a\n\n  b", "\n    a\n    c", "    a\n\n      b"),
        ("a\n      b", "    a\n      c", "    a\n      b"),
        ("    a", "a", "    a"),
        ("\ta", "  a", "\ta"),
        ("", "  a", ""),
    ],
)
def test_code_is_fitted(nvim: Nvim, code: str, old: str, fitted: str) -> None:
    lines = (code.split("\n"), old.split("\n"))
    found = nvim.lua("return require('zeke.chat.blocks').fitted(...)", *lines)
    assert found == fitted.split("\n")
