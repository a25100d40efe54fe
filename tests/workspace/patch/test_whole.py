"""Real-life answers that rewrite the range in whole, and what is made of them.

Each row: what it is, the answer, and the text it makes of ``BASE`` (lines 5 to 8 were asked about).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from zeke_bridge.model.errors import PatchError

BASE = """\
import sys


class Total:
    def sum(self, items):
        result = 0
        for item in items: result += item
        return result

    def show(self):
        print(self.sum([1, 2]), file=sys.stderr)"""

BETTER = """\
    def sum(self, items):
        return sum(items)"""

WANT = BASE.replace("\n".join(BASE.split("\n")[4:8]), BETTER)
DEDENTED = "def sum(self, items):\n    return sum(items)"
OLD = "\n".join(BASE.split("\n")[4:8])

ACCEPTED = [
    ("a fence", f"```python\n{BETTER}\n```"),
    ("a fence without a language", f"```\n{BETTER}\n```"),
    ("tildes", f"~~~py\n{BETTER}\n~~~"),
    ("a longer fence", f"````python\n{BETTER}\n````"),
    ("an info string with a path", f"```python title=total.py\n{BETTER}\n```"),
    ("a closing fence with spaces", f"```python\n{BETTER}\n```  \n"),
    ("blank lines around the fence", f"\n\n```python\n{BETTER}\n```\n\n"),
    ("blank lines inside the fence", f"```python\n\n{BETTER}\n\n\n```"),
    ("CRLF", f"```python\n{BETTER}\n```\n".replace("\n", "\r\n")),
    ("chatter before", f"Sure! Here is the simpler version:\n\n```python\n{BETTER}\n```"),
    ("chatter after", f"```python\n{BETTER}\n```\n\nThe loop is replaced by `sum`. Let me know!"),
    ("reasoning first", f"<think>\nThe loop adds... ```x = 1```\n</think>\n```python\n{BETTER}\n```"),
    ("an indented fence", "1. Replace it:\n\n   ```python\n   " + BETTER.replace("\n", "\n   ")
     + "\n   ```"),
    ("dedented as a whole", f"```python\n{DEDENTED}\n```"),
    ("indented as a whole", "```python\n        " + DEDENTED.replace("\n", "\n        ") + "\n```"),
    ("only the first line stripped",
     "```python\ndef sum(self, items):\n        return sum(items)\n```"),
    ("tabs for spaces", "```python\n\tdef sum(self, items):\n\t\treturn sum(items)\n```"),
    ("numbered lines", "```python\n5|     def sum(self, items):\n6|         return sum(items)\n```"),
    ("numbered lines, aligned",
     "```\n  9| def sum(self, items):\n 10|     return sum(items)\n```"),
    ("trailing spaces in unchanged lines",
     "```python\n    def sum(self, items):   \n        return sum(items)\n```"),
    ("the line before repeated", f"```python\nclass Total:\n{BETTER}\n```"),
    ("the method after repeated", f"```python\n{BETTER}\n\n    def show(self):\n"
     "        print(self.sum([1, 2]), file=sys.stderr)\n```"),
    ("the whole file repeated", f"```python\n{WANT}\n```"),
    ("the whole file repeated without its blank lines", "```python\n"
     + "\n".join(line for line in WANT.split("\n") if line) + "\n```"),
    ("old first, then new", f"Before:\n```python\n{OLD}\n```\nAfter:\n```python\n{BETTER}\n```"),
    ("a usage example after",
     f"```python\n{BETTER}\n```\nUse it like this:\n```python\nprint(Total().sum([1]))\n```"),
    ("a command before", f"First:\n```sh\npip install x\n```\nThen:\n```python\n{BETTER}\n```"),
    ("an empty block before", f"```\n```\n\n```python\n{BETTER}\n```"),
    ("no fence at all", BETTER),
    ("no fence, dedented", DEDENTED),
    ("a diff", "```diff\n--- a/total.py\n+++ b/total.py\n@@ -5,4 +5,2 @@\n"
     "     def sum(self, items):\n-        result = 0\n-        for item in items: result += item\n"
     "-        return result\n+        return sum(items)\n```"),
    ("a diff with wrong numbers", "```diff\n@@ -1,3 +1,1 @@\n-        result = 0\n"
     "-        for item in items: result += item\n-        return result\n"
     "+        return sum(items)\n```"),
    ("a diff without a heading", "```patch\n-        result = 0\n"
     "-        for item in items: result += item\n-        return result\n"
     "+        return sum(items)\n```"),
]  # fmt: skip


@pytest.mark.parametrize("answer", [pytest.param(row[1], id=row[0]) for row in ACCEPTED])
def test_an_answer_lands(answer: str, landed: Callable[..., str]) -> None:
    assert landed(answer, BASE, 5, 8) == WANT


REFUSED = [
    ("nothing", "", "empty answer"),
    ("blank", " \n\t\n", "empty answer"),
    ("a refusal", "I'm sorry, but I can't help with that.", "in words"),
    ("a question", "Could you please tell me what the code should do?", "in words"),
    ("an explanation", "The function sums the items in a loop.\n\nIt could use sum().", "in words"),
    ("a list of advice", "1. Use sum() instead of the loop\n2. Add type hints", "in words"),
    ("words in another script", "抱歉，我无法修改这段代码。", "in words"),
    ("words before bare code", f"Here is the simpler version:\n\n{BETTER}", "in words"),
    ("cut off", "```python\n    def sum(self, items):\n        return", "breaks off"),
    ("the second block cut off", f"```python\n{BETTER}\n```\nand\n```python\ndef", "breaks off"),
    ("cut off while thinking", "<think>\nThe user wants", "breaks off"),
    ("an empty block", "```python\n```", "empty block"),
    ("a blank block", "```python\n\n   \n```", "empty block"),
    ("unchanged", f"```python\n{OLD}\n```", "changed nothing"),
    ("unchanged but dedented", "```python\n" + OLD.replace("\n    ", "\n").strip() + "\n```",
     "changed nothing"),
    ("unchanged, in CRLF", f"```python\n{OLD}\n```".replace("\n", "\r\n"), "changed nothing"),
    ("the file rewritten too", "```python\nimport sys\nimport os\n\nclass Total:\n    x = 1\n"
     f"{BETTER}\n\n    def show(self):\n        print(self.sum([1, 2]), file=sys.stderr)\n\n"
     "    def more(self):\n        pass\n```", "rewrote more than lines 5 to 8"),
    ("the surroundings only", "```python\nclass Total:\n```", "nothing else"),
    ("half a surrogate", "```python\nx = '\ud800'\n```", "no file can hold"),
    ("a diff of other code", "```diff\n-x = 1\n+x = 2\n```", "is not in lines 5 to 8"),
    ("a diff of other lines", "```diff\n-import sys\n+import os\n```", "changes line 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "sentence"), [pytest.param(row[1], row[2], id=row[0]) for row in REFUSED]
)
def test_an_answer_that_does_not_fit(
    answer: str, sentence: str, landed: Callable[..., str]
) -> None:
    with pytest.raises(PatchError, match=sentence):
        landed(answer, BASE, 5, 8)


def test_markdown_keeps_the_blocks_inside_it(landed: Callable[..., str]) -> None:
    page = "# Use\n\n```sh\nmake\n```\n\nThen\n\n```\ndone\n```"
    better = page.replace("make", "make all")
    for answer in (
        f"```markdown\n{better}\n```",
        f"```\n{better}\n```",
        f"````\n{better}\n````",
        f"Here it is:\n\n```md\n{better}\n```\n\nGood luck!",
        better,
    ):
        assert landed(answer, page) == better


def test_a_fence_in_new_code_does_not_end_the_block(landed: Callable[..., str]) -> None:
    new = 'def f():\n    """Do.\n\n    ```python\n    f()\n    ```\n    """'
    assert landed(f"```python\n{new}\n```", "def f():\n    pass") == new
    bare = new.replace("```python", "```")
    assert landed(f"```python\n{bare}\n```", "def f():\n    pass") == bare


def test_a_diff_file_is_rewritten_like_any_other(landed: Callable[..., str]) -> None:
    base = "@@ -1 +1 @@\n-a\n+b"
    assert landed("```diff\n@@ -1 +1 @@\n-a\n+c\n```", base) == "@@ -1 +1 @@\n-a\n+c"


def test_an_empty_buffer_takes_what_comes(landed: Callable[..., str]) -> None:
    assert landed("```lua\nprint(1)\n```", "") == "print(1)"
    assert landed("<<<<<<< SEARCH\n=======\nprint(1)\n>>>>>>> REPLACE", "") == "print(1)"


def test_blank_lines_at_the_ends_of_the_range_stay(landed: Callable[..., str]) -> None:
    assert landed("```\nb\n```", "x\n\na\n\ny", 2, 4) == "x\n\nb\n\ny"


def test_lines_of_a_file_with_carriage_returns_get_theirs(landed: Callable[..., str]) -> None:
    assert (
        landed("```\na = 1\nb = 3\nc = 4\n```", "a = 1\r\nb = 2\r") == "a = 1\r\nb = 3\r\nc = 4\r"
    )


def test_trailing_space_is_kept_unless_it_is_the_change(landed: Callable[..., str]) -> None:
    base = "a = 1  \nb = 2"
    assert landed("```\na = 1\nb = 3\n```", base) == "a = 1  \nb = 3"
    assert landed("```\na = 1\nb = 2\n```", base) == "a = 1\nb = 2"


def test_lines_that_may_be_the_ranges_own_are_no_echo(landed: Callable[..., str]) -> None:
    base = "print('x')\nprint('x')\ny = 1"
    assert landed("```\nprint('x')\ny = 2\n```", base, 2, 3) == "print('x')\nprint('x')\ny = 2"
    lua = "function f()\n  if a then\n    b()\n  end\nend"
    assert landed("```\n  if c then\n    b()\n  end\n```", lua, 2, 4) == lua.replace("if a", "if c")


def test_new_outer_lines_do_not_move_what_stands_still(landed: Callable[..., str]) -> None:
    base = "class A:\n    def f(self):\n        x = 1\n        y = 2\n        return x + y"
    new = "    @staticmethod\n    def f():\n        x = 1\n        y = 2\n        return x + y"
    assert landed(f"```\n{new}\n```", base, 2, 5).endswith(new)


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 1), (1, 4), (-1, -1)])
def test_a_range_outside_the_buffer(first: int, last: int, landed: Callable[..., str]) -> None:
    with pytest.raises(PatchError, match="not in the buffer, which has 3"):
        landed("```\nx\n```", "a\nb\nc", first, last)


GO = "func f() {\n\tif a {\n\t\tb()\n\t}\n}"


@pytest.mark.parametrize("step", ["  ", "    ", "\t"])
def test_a_text_with_tabs_gets_tabs(step: str, landed: Callable[..., str]) -> None:
    better = GO.replace("b()", "c()")
    assert landed(f"```go\n{better.replace(chr(9), step)}\n```", GO) == better


def test_spaces_without_a_regular_step_stay(landed: Callable[..., str]) -> None:
    new = "f(\n  a,\n     b)"
    assert landed(f"```\n{new}\n```", "f(\n\ta,\n\t\tb)") == new


def test_a_line_left_of_the_others_moves_along(landed: Callable[..., str]) -> None:
    base = "    if a:\n        b()\n        c()"
    answer = "<<<<<<< SEARCH\n  b()\n  c()\n=======\nif d:\n  b()\n>>>>>>> REPLACE"
    assert landed(answer, base) == "    if a:\n      if d:\n        b()"


def test_bare_statements_are_no_sentences(landed: Callable[..., str]) -> None:
    sql = "SELECT name FROM people\nWHERE age > 3"
    assert landed(sql.replace("3", "18"), sql) == sql.replace("3", "18")
    assert landed("-- all of them\nSELECT name FROM people", sql).startswith("-- all")


def test_bare_prose_stands_for_prose(landed: Callable[..., str]) -> None:
    page = "This are a sentence with teh errors."
    assert landed("This is a sentence with the errors.", page).startswith("This is")
    with pytest.raises(PatchError, match="in words"):
        landed("I'm sorry, but I cannot help you there.", page)


def test_a_diff_as_git_writes_it(landed: Callable[..., str]) -> None:
    answer = (
        "```diff\ndiff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n"
        " a\n--- b\n+-- c\n d\n\\ No newline at end of file\n```"
    )
    assert landed(answer, "a\n-- b\nd") == "a\n-- c\nd"
    with pytest.raises(PatchError, match="changed nothing"):
        landed("```diff\n@@ -1 +1 @@\n a\n```", "a\nb")
