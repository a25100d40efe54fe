from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.tasks.filling import Filling


def fill(prefix: str, suffix: str, said: str, language: str = "", *, cut: bool = False) -> str:
    filling = Filling(prefix, suffix, language)
    given = filling.feed(said)
    given += filling.finish(cut=cut)
    assert given == filling.text
    assert filling.ended
    return given


@pytest.mark.parametrize(
    ("prefix", "suffix", "said", "wanted"),
    [
        # The rest of the line, and the block that it opens.
        ("x = ", "\n", "1", "1"),
        ("def f():\n    ", "\n", "return 1\n", "return 1"),
        ("def f():", "\n", "\n    return 1\n\n\nprint(f())\n", "\n    return 1"),
        ("if a:\n    b()\n", "", "else:\n    c()\n", "else:\n    c()"),
        # What stands below the cursor already.
        ("def f():\n    ", "\n\nprint(f())\n", "return 1\n\nprint(f())\n", "return 1"),
        ("f(a) {\n  ", "\n}\n", "return a;\n}\n\nf(1)", "return a;"),
        ("", "import b\n", "import a\nimport b\n", "import a"),
        ("    ", "\n    b()\n", "b()\n", ""),
        # The block is over.
        ("def f():\n    ", "\n", "return 1\nprint(f(2))\n", "return 1"),
        ("f() {\n  ", "\n", "g();\n}\n\nh();\n", "g();\n}"),
        ("function f()\n  ", "\n", "g()\nend\n\nh()\n", "g()\nend"),
        (
            "    for a in b:\n        c(a)\n    ",
            "\n",
            "return d\n\n    e()\n",
            "return d\n\n    e()",
        ),
        ("def f():\n", "", "    return 1\n\ndef g():\n    pass", "    return 1"),
        (
            "try {",
            "",
            "\n  a();\n} catch (e) {\n  b();\n}\nc();",
            "\n  a();\n} catch (e) {\n  b();\n}",
        ),
        # One line, when more of it stands behind the cursor.
        ("print(", ")\n", '"hello")\nprint(2)', '"hello"'),
        ("foo(bar(", ")\n", "x)", "x)"),
        ("with open(", ") as f:\n", "path) as f:\n    pass", "path"),
        ('s = "', '"\n', 'abc"', "abc"),
        ("f(", ", b)\n", "a, b) + 1", "a"),
        ("a = [", "]\n", "1, 2", "1, 2"),
        ("a(", ");\n", '"hi");', '"hi"'),
        ("for ", " in items:\n", "item in items:\n    pass", "item"),
        # Indented already.
        ("def f():\n    ", "\n", "    with a:\n        b()\n", "with a:\n        b()"),
        ("if a:\n    if b:\n    ", "\n", "    c()\n", "    c()"),
        # Beginnings of nothing.
        ("x = ", "\n", "", ""),
        ("x = ", "\n", "\n\n", ""),
        ("x(", ")\n", "\n  1\n", ""),
    ],
)
def test_what_is_wanted_is_kept_and_nothing_else(
    prefix: str, suffix: str, said: str, wanted: str
) -> None:
    assert fill(prefix, suffix, said) == wanted


@pytest.mark.parametrize(
    ("prefix", "suffix", "said", "wanted"),
    [
        ("def f():\n    ", "\n", "```python\nreturn 1\n```\nThis returns 1.", "return 1"),
        ("def f():\n    ", "\n", "\n```python\n    return 1\n```", "return 1"),
        ("def f():\n    return ", "\n", "```\n    return 1\n```", "1"),
        ("def f():\n    return ", "\n", "```\nreturn 1\n```", "1"),
        ("def f():", "\n", "```\n    return 1\n```", "\n    return 1"),
        ("print(", ")\n", "```\n1\n```", "1"),
        ("x = ", "\n", "1\n```\n\nIn this code", "1"),
        ("x = ", "\n", "```\n```", ""),
        (
            "import a\n\ndef f(x):\n    ",
            "\n\nf(1)\n",
            "```\ndef f(x):\n    return x\n\nf(1)\n```",
            "return x",
        ),
        ("import a\n\nb = 1\n", "", "```\nimport a\n\nb = 1\nc = 2\n```", "c = 2"),
    ],
)
def test_a_chat_is_unwrapped(prefix: str, suffix: str, said: str, wanted: str) -> None:
    assert fill(prefix, suffix, said, "python") == wanted


def test_fences_stay_in_markdown() -> None:
    said = "```sh\nmake\n```"
    assert fill("# Build\n\n", "", said, "markdown") == said


def test_half_a_line_goes_unless_it_is_all_there_is() -> None:
    assert (
        fill("def f():\n    ", "\n", "a = 1\n    b = 2\n    retu", cut=True) == "a = 1\n    b = 2"
    )
    assert fill("def f():\n    ", "\n", "a = lon", cut=True) == "a = lon"
    assert fill("def f():\n    ", "\n", "a = 1\n    b = 2") == "a = 1\n    b = 2"


def test_it_ends_as_soon_as_nothing_more_is_wanted() -> None:
    filling = Filling("def f():\n    ", "\n")
    assert filling.feed("return") == ""
    assert filling.feed(" 1\n") == "return 1"
    assert not filling.ended
    assert filling.feed("\nprint(f())\n") == ""
    assert filling.ended
    assert filling.feed("more\n") == ""


TEXTS = st.text(st.sampled_from("ab \n\t(){}[]\"':;,`"), max_size=60)


@given(TEXTS, TEXTS, TEXTS, st.booleans(), st.data())
def test_it_does_not_matter_how_the_answer_comes(
    prefix: str, suffix: str, said: str, cut: bool, data: st.DataObject
) -> None:
    whole = fill(prefix, suffix, said, cut=cut)
    filling = Filling(prefix, suffix)
    assert filling.text == ""
    given, left = "", said
    while left:
        size = data.draw(st.integers(1, len(left)))
        given += filling.feed(left[:size])
        left = left[size:]
    given += filling.finish(cut=cut)
    assert given == filling.text == whole
    assert not whole.endswith("\n")
    if suffix.partition("\n")[0].strip():
        assert "\n" not in whole


@given(TEXTS, TEXTS, TEXTS, st.booleans(), st.integers(1, 4), st.data())
def test_no_more_lines_than_wanted(
    prefix: str, suffix: str, said: str, cut: bool, most: int, data: st.DataObject
) -> None:
    whole = fill(prefix, suffix, said, cut=cut)
    filling = Filling(prefix, suffix, most=most)
    at = data.draw(st.integers(0, len(said)))
    given = filling.feed(said[:at]) + filling.feed(said[at:]) + filling.finish(cut=cut)
    assert given == filling.text
    assert whole.startswith(given)
    assert not given.endswith("\n")
    lines = given.split("\n")
    assert len(lines) - (not lines[0]) <= most
    if len(whole.split("\n")) - (not whole.split("\n")[0]) <= most:
        assert given == whole


def test_the_last_wanted_line_ends_the_answer() -> None:
    filling = Filling("def f():\n    ", "\n", most=2)
    assert filling.feed("a = 1\n") == "a = 1"
    assert not filling.ended
    assert filling.feed("    b = 2\n    c = 3\n") == "\n    b = 2"
    assert filling.ended
