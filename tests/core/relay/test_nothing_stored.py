"""Nothing of what was asked or answered is stored anywhere, unless the user asked for that.

A real ``ghostllm serve`` in directories of its own is asked at every endpoint, with a mark in every
text. Then every file that it may write is searched, and all that it printed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.ghostllm.conftest import COMMAND, Shell
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.anyio

MARK = "zqxmark"
KEY = "sk-very-secret"
LIMIT = 30
SECRETS = (
    "sk-proj-" + "aB3" * 20,
    "somebody@example.org",
    "AKIAIOSFODNN7EXAMPLE",
    "Tr0ub4dor&3x",
)

Question = tuple[str, dict[str, Any]]


class Marks:
    """Texts that are found again: each has the mark and a number."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def __call__(self, what: str = "") -> str:
        return f"{MARK}{next(self._numbers)}z {what}".strip()


def questions(mark: Marks) -> Iterator[Question]:
    """One for every endpoint, and for all that a text can stand in."""
    yield "/v1/chat/completions", {"messages": turns(mark)}
    yield "/v1/chat/completions", {"messages": turns(mark), "stream": True}
    yield "/v1/chat/completions", {"messages": turns(mark), "tools": [tool(mark)]}
    yield "/v1/chat/completions", {"messages": with_tools(mark)}
    yield "/v1/messages", {"messages": turns(mark), "max_tokens": 9, "system": mark()}
    yield "/v1/messages", {"messages": with_blocks(mark), "max_tokens": 9, "stream": True}
    yield "/v1/messages/count_tokens", {"messages": turns(mark)}
    yield "/v1/completions", {"prompt": mark()}
    yield "/v1/completions", {"prompt": mark(), "suffix": mark(), "stream": True}
    yield "/v1/embeddings", {"input": [mark(), mark()]}
    snippet = {"code": mark("= 1"), "path": "a.py", "language": "python", "instruction": mark()}
    for task in ("explain", "refactor", "test"):
        yield f"/v1/zeke/code/{task}", snippet
        yield f"/v1/zeke/code/{task}", {**snippet, "stream": True}
    yield "/v1/zeke/code/complete", {"prefix": mark(), "suffix": mark(), "language": "python"}
    item = {"id": "one", "kind": "security", "code": mark(), "path": "a.py"}
    yield "/v1/zeke/code/analyze", {"items": [item]}
    file = {"code": mark(), "path": "a.py"}
    context = {"question": mark(), "tree": mark(), "history": mark(), "files": [file]}
    yield "/v1/zeke/project/context", context
    yield "/v1/zeke/terminal/suggest", {"text": mark(), "shell": "bash", "history": [mark()]}
    yield "/v1/zeke/terminal/explain", {"text": mark(), "shell": "bash"}
    yield "/v1/zeke/terminal/debug", {"text": mark(), "output": mark(), "exit_code": 1}


def turns(mark: Marks) -> list[dict[str, Any]]:
    return [{"role": "system", "content": mark()}, {"role": "user", "content": mark()}]


def with_tools(mark: Marks) -> list[dict[str, Any]]:
    used = {"name": "read", "arguments": json.dumps({"path": mark()})}
    made = {"id": "call_1", "type": "function", "function": used}
    return [
        {"role": "user", "content": [{"type": "text", "text": mark()}]},
        {"role": "assistant", "content": None, "tool_calls": [made]},
        {"role": "tool", "tool_call_id": "call_1", "content": mark()},
    ]


def with_blocks(mark: Marks) -> list[dict[str, Any]]:
    used = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": mark()}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": mark()}
    return [
        {"role": "user", "content": [{"type": "text", "text": mark()}]},
        {"role": "assistant", "content": [used]},
        {"role": "user", "content": [result]},
    ]


def tool(mark: Marks) -> dict[str, Any]:
    parameters = {"type": "object", "properties": {}}
    function = {"name": "read", "description": mark(), "parameters": parameters}
    return {"type": "function", "function": function}


def mistakes(mark: Marks) -> Iterator[tuple[str, bytes]]:
    """Bodies that nobody can read."""
    for path in ("/v1/chat/completions", "/v1/messages", "/v1/embeddings", "/v1/zeke/code/explain"):
        yield path, f'{{"messages": "{mark()}'.encode()
        yield path, json.dumps([mark()]).encode()
        yield path, json.dumps({"messages": mark(), "code": {"x": mark()}, "input": 5}).encode()
        yield f"{path}/{mark().strip()}", b"{}"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with FakeProvider(key=KEY) as far:
        made = Shell(tmp_path, far)
        for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
            made.environment[name] = str(tmp_path / name.lower())
            (tmp_path / name.lower()).mkdir()
        made.environment["FAR_KEY"] = KEY
        made.text = made.text.replace('models = ["echo", "wrong"]\n', "")
        made.file.write_text(made.text)
        yield made


MODELS = ("echo", "quote400", "quote500", "quote200", "reset", "half", "garbage", "tools")


async def ask_everything(address: str, mark: Marks) -> None:
    """Every question of every model, and all the mistakes; then one again, which was kept."""
    again = {"messages": turns(mark), "model": "far:echo"}
    kind = {"Content-Type": "application/json"}
    asked = [
        (path, {"json": {**body, "model": f"far:{model}"}})
        for model in MODELS
        for path, body in questions(mark)
    ]
    asked += [(path, {"content": raw, "headers": kind}) for path, raw in mistakes(mark)]
    asked += [("/v1/chat/completions", {"json": again})]
    # The core closes a connection that rests, and httpx may be about to use it.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=address, timeout=LIMIT, limits=limits) as http:
        await asyncio.gather(*(http.post(path, **body) for path, body in asked))
        kept = await http.post("/v1/chat/completions", json=again)
        assert kept.json()["cached"] is True
        assert MARK in kept.text
        for path in ("/stats", "/metrics", "/health", "/", "/v1/models", "/auth/status"):
            seen = await http.get(path)
            assert seen.status_code == 200
            assert MARK not in seen.text, path


@contextmanager
def serving(shell: Shell, *options: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """A running ``serve``: its address, and what ends it and says all that it printed."""
    printed: list[str] = []
    command = [*COMMAND, "serve", "--port", "0", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, env=shell.environment, text=True, **pipes) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().split()[-1].removesuffix("/v1")
            # More than a pipe holds, and a full one would stop it.
            reading = threading.Thread(target=lambda: printed.append(process.stdout.read()))
            reading.start()

            def end() -> str:
                process.terminate()
                assert process.wait(LIMIT) == 0
                reading.join(LIMIT)
                return printed[0]

            yield address, end
        finally:
            process.kill()


def found(base: Path, words: str) -> list[Path]:
    """The files below ``base`` that hold ``words``."""
    files = [path for path in base.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if words.encode() in path.read_bytes()]


@pytest.mark.parametrize("options", [("--log-level", "debug"), ("--dev",)], ids=["log", "dev"])
async def test_nothing_is_stored(shell: Shell, tmp_path: Path, options: tuple[str, ...]) -> None:
    with serving(shell, *options) as (address, end):
        await ask_everything(address, Marks())
        assert found(tmp_path, MARK) == []
        printed = end()
    assert len(shell.far.requests) > 100
    assert "far:quote400" in printed
    assert MARK not in printed
    assert KEY not in printed
    assert found(tmp_path, MARK) == []
    assert found(tmp_path, KEY) == []
    # It has written something: what became of each question.
    assert found(tmp_path, "quote400") == [tmp_path / "usage" / "usage.db"]


async def test_what_the_user_wants_stored_is_without_secrets(shell: Shell, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    shell.file.write_text(f'{shell.text}\n[logs]\nrequests = true\ndirectory = "{kept}"\n')
    words = f"{MARK} mail {SECRETS[1]} with {SECRETS[0]}, {SECRETS[2]}, password={SECRETS[3]}"
    with serving(shell, "--log-level", "debug") as (address, end):
        for model in ("echo", "quote400"):
            for stream in (False, True):
                turn = {"role": "user", "content": f"{words} {model} {stream}"}
                post(address, {"model": f"far:{model}", "messages": [turn], "stream": stream})
        printed = end()
    [written] = kept.iterdir()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in written.read_text().splitlines()]
    assert [line["status"] == "ok" for line in lines] == [True, True, False, False]
    assert all(MARK in json.dumps(line["request"]) for line in lines)
    assert all(MARK in json.dumps(line["answer"]) for line in lines[:2])
    assert lines[0]["answer"]["choices"][0]["message"]["content"].startswith("This is what")
    assert lines[1]["answer"]["choices"][0]["delta"]["content"].startswith("This is what")
    assert found(tmp_path, MARK) == [written]
    for secret in (*SECRETS, KEY):
        assert found(tmp_path, secret) == []
        assert secret not in printed


async def test_what_the_user_wants_stored_as_it_is_is(shell: Shell, tmp_path: Path) -> None:
    shell.file.write_text(f"{shell.text}\n[logs]\nrequests = true\nredact = false\n")
    with serving(shell) as (address, end):
        turn = {"role": "user", "content": f"{MARK} {SECRETS[1]}"}
        post(address, {"model": "far:echo", "messages": [turn]})
        end()
    [written] = (tmp_path / "usage" / "requests").iterdir()
    assert SECRETS[1] in written.read_text()
    assert found(tmp_path, KEY) == []


def post(address: str, body: dict[str, Any]) -> None:
    httpx.post(f"{address}/v1/chat/completions", json=body, timeout=LIMIT)
