from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.workspace.proposal import MAX_FILES, SCHEMA, ProposedFile, parse_proposal

TWO = (ProposedFile("src/a.py", "x = 1\n"), ProposedFile("README.md", "# A\n"))
ROWS = [{"path": "src/a.py", "content": "x = 1\n"}, {"path": "README.md", "content": "# A"}]
JSON = json.dumps({"files": ROWS}, indent=1)


@pytest.mark.parametrize(
    "answer",
    [
        JSON,
        f"\n{JSON}\n\n",
        f"Here are the files:\n{JSON}\nEnjoy!",
        f"```json\n{JSON}\n```",
        f"Use {{braces}}:\n\n```json\n{JSON}\n```\nand {{so}} on",
        json.dumps(ROWS),
        json.dumps({"files": {"src/a.py": "x = 1", "README.md": "# A"}}),
        json.dumps({"files": [{**ROWS[0], "path": "./src//a.py", "why": 1}, ROWS[1]]}),
        "**src/a.py**\n```python\nx = 1\n```\n\n### `README.md`\n\n```md\n# A\n```",
        "```python src/a.py\nx = 1\n```\n```md:README.md\n# A\n```",
        '```py title="src/a.py"\nx = 1\n```\nThe page `README.md` says:\n~~~\n# A\n~~~',
        "1. src/a.py:\n   ```python\n   x = 1\n   ```\nREADME.md\n```\n# A\n```\n"
        "Then run it:\n```sh\npython src/a.py\n```",
        "File: src/a.py\r\n```\r\nx = 1\r\n```\r\nFile: README.md\r\n```\r\n# A\r\n```\r\n",
    ],
)
def test_files_are_found(answer: str) -> None:
    assert parse_proposal(answer) == TWO


def test_one_object_is_one_file_and_empty_files_are_allowed() -> None:
    assert parse_proposal('{"path": "a/__init__.py", "content": ""}') == (
        ProposedFile("a/__init__.py", ""),
    )


def test_a_file_that_is_json_with_files_of_its_own() -> None:
    package = '{"name": "a", "files": []}'
    answer = f"package.json:\n```json\n{package}\n```"
    assert parse_proposal(answer) == (ProposedFile("package.json", f"{package}\n"),)


def test_sentences_name_no_paths_and_makefiles_need_no_extension() -> None:
    with pytest.raises(BadAnswerError, match="no files"):
        parse_proposal("Install this and/or that first, e.g. so:\n```\npip install x\n```")
    assert parse_proposal("`Makefile`\n```\nall:\n```")[0].path == "Makefile"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I cannot do that.",
        "{}",
        '{"files": []}',
        "```python\nx = 1\n```",
        "null",
        "[]",
        "[1]",
        "[" * 100_000,
        '{"files": "a.py"}',
        JSON[:-20],
        "`a.py`\n```\nx = 1",
        '{"files": [{"path": "a.py"}]}',
        '{"files": [{"content": "x"}]}',
        '{"files": [{"path": 1, "content": "x"}]}',
        '{"files": [{"path": "a.py", "content": ["x"]}]}',
        '{"files": [{"path": "a.py", "content": "\\u0000"}]}',
        "`a.py`\n```\n\ud800\n```",
    ],
)
def test_an_answer_without_files(answer: str) -> None:
    with pytest.raises(BadAnswerError, match=r"[;.] ?[a-z ]*\.$"):
        parse_proposal(answer)


@pytest.mark.parametrize(
    "path",
    [
        "", ".", "./", "/", "/etc/passwd", "~/x", "~root/x", "../x", "a/../../x", "a/..", "a/",
        "a/.", "C:\\x", "c:x", "a\\b", "a\nb", "a\x00b", "a\x7fb", "a\u202eb", "a\u200bb",
        "a\u2028b", " a", "a /b", "a/ ", "x" * 256, "é" * 128, "a/" * 600 + "b",
    ],
)  # fmt: skip
def test_a_path_that_is_none(path: str) -> None:
    with pytest.raises(BadAnswerError, match="no path inside the project"):
        parse_proposal(json.dumps({"files": [{"path": path, "content": "x"}]}))


@pytest.mark.parametrize("paths", [("a.py", "a.py"), ("a.py", "./a.py"), ("a.py", "A.py")])
def test_a_path_twice(paths: tuple[str, str]) -> None:
    first, again = parse_proposal(json.dumps([{"path": path, "content": ""} for path in paths]))
    assert not first.problem
    assert "twice" in again.problem


def test_a_file_inside_a_file() -> None:
    for paths in (("a/b.py", "a"), ("A", "a/b.py")):
        files = parse_proposal(json.dumps([{"path": path, "content": ""} for path in paths]))
        [problem] = [file.problem for file in files if file.problem]
        assert "inside something that is a file" in problem


def test_a_path_that_is_none_leaves_the_others() -> None:
    rows = [{"path": path, "content": "x"} for path in ("../out.py", "ok.py")]
    bad, good = parse_proposal(json.dumps(rows))
    assert (bad.path, bad.content) == ("../out.py", "")
    assert "no path inside the project" in bad.problem
    assert (good.path, good.content, good.problem) == ("ok.py", "x\n", "")


def test_too_many() -> None:
    rows = [{"path": f"{number}.py", "content": ""} for number in range(MAX_FILES + 1)]
    with pytest.raises(BadAnswerError, match="ask for fewer"):
        parse_proposal(json.dumps(rows))


def test_the_schema_asks_for_what_is_read() -> None:
    row: dict[str, Any] = SCHEMA["properties"]["files"]["items"]
    assert set(row["required"]) == set(ROWS[0])


@given(st.text() | st.text(alphabet='{}[]":,`~files path/content.py\n\\#*'))
def test_nothing_else_is_ever_raised(answer: str) -> None:
    try:
        files = parse_proposal(answer)
    except BadAnswerError:
        return
    assert files
    for file in files:
        assert not file.path.startswith("/")
        file.content.encode()


NAME = st.text(alphabet="abcdefgh_-.0123", min_size=1, max_size=8).map(lambda name: f"x{name}")


@given(st.dictionaries(NAME, st.text(alphabet="ab \n{}`\"'é"), min_size=1, max_size=5))
def test_what_json_says_comes_back(files: dict[str, str]) -> None:
    rows = [{"path": path, "content": content} for path, content in files.items()]
    found = parse_proposal(json.dumps({"files": rows}))
    assert [file.path for file in found] == list(files)
    assert [file.content.rstrip("\n") for file in found] == [
        content.rstrip("\n") for content in files.values()
    ]
