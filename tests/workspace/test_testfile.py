"""Where tests belong, and what of an answer is the test file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.workspace.testfile import Place, content, place


@pytest.mark.parametrize(
    ("path", "language", "there", "wanted"),
    [
        ("src/a.py", "python", (), "tests/test_a.py"),
        ("src/a.py", "python", ("test",), "test/test_a.py"),
        ("pkg/x.go", "go", (), "pkg/x_test.go"),
        ("web/x.ts", "", (), "web/x.test.ts"),
        ("web/x.tsx", "", ("web/__tests__",), "web/__tests__/x.test.tsx"),
        ("x.vue", "", (), "x.test.ts"),
        ("lua/x.lua", "lua", (), "spec/x_spec.lua"),
        ("lua/x.lua", "lua", ("tests",), "tests/x_spec.lua"),
        ("src/lib.rs", "rust", (), "tests/lib.rs"),
        ("lib/x.rb", "", (), "spec/x_spec.rb"),
        ("src/Cart.php", "", (), "tests/CartTest.php"),
        ("run.sh", "", (), "tests/run.bats"),
        ("Makefile", "make", (), "tests/Makefile_test"),
        ("", "python", (), "tests/test_snippet.py"),
        ("", "", (), "tests/snippet_test"),
        ("/elsewhere/a.py", "", (), "tests/test_a.py"),
        ("tests/test_a.py", "", ("tests",), "tests/test_a.py"),
    ],
)
def test_where_a_languages_runner_looks(
    path: str, language: str, there: tuple[str, ...], wanted: str
) -> None:
    assert place(path, language, lambda name: name in there) == Place(wanted)


@pytest.mark.parametrize(
    ("path", "taken", "free"),
    [
        ("a.py", "tests/test_a.py", "tests/test_a_2.py"),
        ("x.go", "x_test.go", "x_2_test.go"),
        ("x.ts", "x.test.ts", "x_2.test.ts"),
        ("x.lua", "spec/x_spec.lua", "spec/x_2_spec.lua"),
        ("Makefile", "tests/Makefile_test", "tests/Makefile_test_2"),
    ],
)
def test_what_is_there_stays(path: str, taken: str, free: str) -> None:
    assert place(path, "", lambda name: name == taken) == Place(free, taken)
    full = place(path, "", lambda name: True)
    assert full.path == full.taken


@given(st.text(max_size=40).filter(lambda path: "/.." not in path and "\0" not in path))
def test_a_place_for_whatever_it_is_called(path: str) -> None:
    found = place(path, "", lambda name: False)
    assert found.path
    assert not found.path.startswith("/")


def test_the_longest_block_is_the_file() -> None:
    answer = "<think>```x```</think>Run:\n```sh\npytest\n```\n~~~python\nimport a\n\nx = 1\n\n~~~\n"
    assert content(answer) == "import a\n\nx = 1\n"
    assert content("def test_a():\n    pass") == "def test_a():\n    pass\n"
    assert content("```\r\na\r\nb\r\n```") == "a\nb\n"


@pytest.mark.parametrize("answer", ["", "  \n", "```\n\n```", "```py\nx", "```\n\0\n```"])
def test_no_tests_are_a_sentence(answer: str) -> None:
    with pytest.raises(BadAnswerError, match=r"\.$"):
        content(answer)
