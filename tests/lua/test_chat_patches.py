"""A diff, or SEARCH/REPLACE blocks, in a chat: which file they are for; the broker lands them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer

HUNK = "@@ -1,2 +1,2 @@\n def total(values):\n-    result = 0\n+    result = 1"
SEARCH = "<<<<<<< SEARCH\n    result = 0\n=======\n    result = 1\n>>>>>>> REPLACE"


def applied(nvim: Nvim, broker: FakeBroker, text: str, keys: str = "gD") -> None:
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, text)
    nvim.feed(f"gg/```<CR>{keys}")


def proposed(nvim: Nvim, broker: FakeBroker, text: str) -> dict[str, Any]:
    applied(nvim, broker, text)
    return broker.expect("task.submit")


@pytest.mark.parametrize(
    "head",
    [
        "--- a/app.py\n+++ b/app.py\n",
        "diff --git a/app.py b/app.py\nindex 1..2 100644\n--- a/app.py\n+++ b/app.py\n",
        "--- app.py\t2024-01-01 00:00:00\n+++ app.py\t2024-01-01 00:00:01\n",
        "--- before\n+++ after\n",
        "",
    ],
)
def test_a_diff_of_a_file(nvim: Nvim, broker: FakeBroker, sample: Path, head: str) -> None:
    task = proposed(nvim, broker, f"```diff\n{head}{HUNK}\n```")
    assert task["buffer"]["path"] == str(sample)
    assert task["patch"].endswith(HUNK)
    assert "+++" not in task["patch"]
    assert "edits" not in task
    assert task["base"] == task["buffer"]["text"]


def test_a_diff_without_its_name(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    other = sample.with_name("b.py")
    other.write_text("def total(values):\n    result = 0\n")
    task = proposed(nvim, broker, f"`b.py`:\n```python\n{HUNK}\n```")
    assert (task["path"], task["base"]) == (str(other), other.read_text())


@pytest.mark.parametrize("quoted", [HUNK, SEARCH])
def test_code_that_quotes_one_is_code(nvim: Nvim, broker: FakeBroker, quoted: str) -> None:
    code = f'def test_it():\n    text = """\n{quoted}\n"""'
    applied(nvim, broker, f"```python test_new.py\n{code}\n```", "gA")
    task = broker.expect("task.submit")
    assert "patch" not in task
    assert task["path"].endswith("/test_new.py")


@pytest.mark.parametrize("named", ["```python app.py\n", "```\napp.py\n"])
def test_blocks(nvim: Nvim, broker: FakeBroker, sample: Path, named: str) -> None:
    task = proposed(nvim, broker, f"{named}{SEARCH}\n```")
    assert task["buffer"]["path"] == str(sample)
    assert task["patch"].endswith(SEARCH)


def test_a_diff_of_several_files(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    sample.with_name("b.py").write_text("old\n")
    other = "diff --git a/b.py b/b.py\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-old\n+new"
    first = proposed(nvim, broker, f"```diff\n--- a/app.py\n+++ b/app.py\n{HUNK}\n{other}\n```")
    second = broker.expect("task.submit")
    assert first["patch"] == HUNK
    assert second["path"] == str(sample.with_name("b.py"))
    assert second["patch"] == "@@ -1 +1 @@\n-old\n+new"


def test_a_diff_that_makes_a_file(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    diff = "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1,2 @@\n+a\n+b"
    task = proposed(nvim, broker, f"```diff\n{diff}\n```")
    assert task["path"] == str(sample.with_name("new.py"))
    assert task["edits"] == [{"first": 1, "last": 0, "lines": ["a", "b"]}]


@pytest.mark.parametrize(
    ("diff", "said"),
    [
        ("--- a/app.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x", "The diff deletes app.py"),
        ("--- /dev/null\n+++ b/app.py\n@@ -0,0 +1 @@\n+x", "makes app.py, which is there"),
        (f"--- a/gone.py\n+++ b/gone.py\n{HUNK}", "gone.py holds nothing that the diff"),
        ("--- a/app.py\n+++ b/app.py", "The diff changes nothing."),
    ],
)
def test_what_cannot_be_done_is_said(nvim: Nvim, broker: FakeBroker, diff: str, said: str) -> None:
    applied(nvim, broker, f"```diff\n{diff}\n```", "gA")
    nvim.wait_screen(said)
    assert not broker.seen("task.submit")


def test_a_file_that_is_a_diff_itself(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    task = proposed(nvim, broker, f"```diff fix.patch\n{HUNK}\n```")
    assert task["path"] == str(sample.with_name("fix.patch"))
    assert task["edits"][0]["lines"] == HUNK.split("\n")
