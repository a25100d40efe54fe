"""Each endpoint once with the real local model: what comes can be used, whatever it says.

One ``ghostllm serve`` answers them all, so that the model is loaded once.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.core.conftest import events_of
from zeke_bridge.core.local.shelf import Shelf, models_directory

MODEL = "qwen2.5-coder-0.5b"
SERVE = "from zeke_bridge.cli.ghostllm import main; main()"
# A small model on a busy machine.
PATIENCE = 100.0
CODE = {
    "code": "def divide(a, b):\n    if b == 0:\n        raise ValueError('no')\n    return a / b\n",
    "path": "src/calc.py",
    "language": "python",
}
SHELL = {"shell": "bash", "system": "Linux"}

pytestmark = pytest.mark.local_model


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    if Shelf(models_directory()).find(MODEL) is None:
        pytest.skip(f"{MODEL} is not installed: run `zeke model install 0.5b`")
    base = tmp_path_factory.mktemp("core")
    places = {
        "ZEKE_CACHE_DIR": str(models_directory().parent),
        "ZEKE_STATE_DIR": str(base / "state"),
        "ZEKE_RUNTIME_DIR": str(base / "run"),
        "GHOSTLLM_CONFIG_DIR": str(base / "ghostllm"),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**kept, **places, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
    ) as serving:
        assert serving.stdout is not None
        address = serving.stdout.readline().split()[-1]
        with httpx.Client(base_url=address, timeout=PATIENCE, trust_env=False) as client:
            yield client
        serving.terminate()


def ask(core: httpx.Client, path: str, /, **body: Any) -> dict[str, Any]:
    answer = core.post(f"zeke/{path}", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert (told["provider"], told["model"]) == ("local", MODEL)
    assert told["usage"]["prompt_tokens"] > 0
    assert told["cost"]["total_cost"] == 0
    return told


def test_complete_fills_a_function_and_stops(core: httpx.Client) -> None:
    prefix, suffix = "def add(a, b):\n    ", "\n\nprint(add(1, 2))\n"
    told = ask(core, "code/complete", prefix=prefix, suffix=suffix, language="python")
    printed: list[int] = []
    exec(prefix + told["text"] + suffix, {"print": printed.append})
    assert printed == [3]


def test_complete_fills_the_rest_of_a_line(core: httpx.Client) -> None:
    told = ask(
        core,
        "code/complete",
        prefix="def read(path):\n    with open(",
        suffix=") as f:\n        return f.read()\n",
        language="python",
        path="a.py",
    )
    assert told["text"].startswith("path")
    assert "\n" not in told["text"]
    assert ")" not in told["text"]


def test_complete_comes_line_by_line(core: httpx.Client) -> None:
    body = {"prefix": "def is_even(n):", "suffix": "\n", "language": "python", "stream": True}
    *deltas, done = events_of(core.post("zeke/code/complete", json=body).content)
    assert done.name == "done"
    text = json.loads(done.data)["text"]
    assert "return" in text
    assert "".join(json.loads(event.data)["text"] for event in deltas) == text


def test_explain_and_refactor(core: httpx.Client) -> None:
    assert "divi" in ask(core, "code/explain", **CODE)["text"]
    told = ask(core, "code/refactor", **CODE, instruction="Rename divide to ratio.")
    assert "def ratio(" in told["text"]


def test_test_writes_tests(core: httpx.Client) -> None:
    told = ask(core, "code/test", **CODE)
    fenced = told["text"].strip()
    assert fenced.startswith("```python\n")
    code = fenced.removeprefix("```python\n").rpartition("```")[0]
    compile(code, "test_calc.py", "exec")
    assert "from calc import divide" in code
    assert "def test_" in code


def test_analyze_finds_things_of_the_kind(core: httpx.Client) -> None:
    told = ask(core, "code/analyze", **CODE, kinds=["security"])
    assert set(told["results"]) == {"security"}


def test_a_project_is_known_by_what_is_shown(core: httpx.Client) -> None:
    told = ask(
        core,
        "project/context",
        question="Which database does the project use?",
        tree="README.md\nsrc/app.py\nsrc/db.py",
        files=[{"code": "import sqlite3\n\ndef connect(): ...", "path": "src/db.py"}],
        history="a1b2c3 Add the database",
    )
    assert "sqlite" in told["text"].lower()


def test_a_wish_becomes_a_command(core: httpx.Client) -> None:
    told = ask(core, "terminal/suggest", text="find the word TODO in the code", **SHELL)
    assert "grep" in told["command"]
    assert "TODO" in told["command"]
    assert told["dangerous"] is False
    assert told["explanation"]
    told = ask(core, "terminal/suggest", text="delete all .tmp files", **SHELL)
    assert ".tmp" in told["command"]
    assert told["dangerous"] is True


def test_a_command_is_explained(core: httpx.Client) -> None:
    told = ask(core, "terminal/explain", text="tar -xzf a.tar.gz", **SHELL)
    assert "a.tar.gz" in told["text"]
    assert any(word in told["text"] for word in ("extract", "decompress", "unpack"))


def test_a_failure_has_three_parts(core: httpx.Client) -> None:
    body = {
        "text": "python app.py",
        "output": "ModuleNotFoundError: No module named 'requests'",
        "exit_code": 1,
        "stream": True,
    }
    *deltas, done = events_of(core.post("zeke/terminal/debug", json=body).content)
    assert len([event for event in deltas if event.name == "delta"]) > 5
    text = json.loads(done.data)["text"]
    for part in ("**What failed:**", "**Why:**", "**What to do:**", "pip install requests"):
        assert part in text


def test_leaving_frees_the_model(core: httpx.Client) -> None:
    body = {"text": "git rebase -i HEAD~3", "stream": True}
    with (
        contextlib.suppress(httpx.HTTPError),
        core.stream("POST", "zeke/terminal/explain", json=body) as answer,
    ):
        next(answer.iter_raw())
    assert ask(core, "code/complete", prefix="x = ", suffix="\n")["request_id"]
