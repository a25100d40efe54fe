"""A running core whose files change under it: what counts, and what is wrong."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.ghostllm.conftest import Shell
from tests.core.conftest import KEY, reached
from tests.core.relay.conftest import (
    CHAT,
    Closed,
    Files,
    Running,
    aliased,
    ask,
    provider,
    told,
)
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import load
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile

pytestmark = pytest.mark.anyio


async def test_a_change_counts_for_the_next_question(running: Running, files: Files) -> None:
    async with running() as (_, http):
        assert (await ask(http, "mine")).status_code == 404
        files.write(aliased("far:echo"))
        assert (await ask(http, "mine")).json()["model"] == "echo"
        files.write()
        assert (await ask(http, "mine")).status_code == 404


WRONG: dict[str, tuple[bytes, str]] = {
    "no such section": (b"[aliazes]\n", "did you mean aliases"),
    "no such key": (b"[caching]\nttl_secs = 5\n", "did you mean ttl_seconds"),
    "no such provider": (b'[aliases]\nmine = "fra:echo"\n', "did you mean far"),
    "another kind": (b"[costs]\ndaily_limit_usd = []\n", "daily_limit_usd"),
    "half a line": (b"[costs]\ndaily_limit_", "the last"),
    "no text": (b"\xff\xfe\x00", "UTF-8"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_does_not_count_and_is_spoken_of(
    running: Running, files: Files, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrong, hint = WRONG[name]
    files.write(aliased("far:echo"))
    async with running() as (_, http):
        right = files.path.read_bytes()
        assert await told(http) == ""
        files.path.write_bytes(files.far.encode() + wrong)
        line = 1 + files.far.count("\n")
        with caplog.at_level(logging.ERROR):
            for _ in range(3):
                assert (await ask(http, "mine")).json()["model"] == "echo"
        assert len(caplog.records) == 1
        problem = await told(http)
        assert str(files.path) in problem
        assert hint in problem
        assert any(f"line {number}" in problem for number in (line, line + 1))
        files.path.write_bytes(right)
        assert await told(http) == ""


async def test_what_cannot_be_read_does_not_count(running: Running, files: Files) -> None:
    async with running() as (_, http):
        files.path.unlink()
        files.path.mkdir()
        assert str(files.path) in await told(http)
        assert (await ask(http, "far:echo")).status_code == 200


async def test_a_mistake_of_the_reader_is_not_the_end(
    files: Files, tmp_path: Path, fake: FakeProvider
) -> None:
    config, broken = load(files.path, {}), False

    def read() -> Any:
        if broken:
            raise RuntimeError("something nobody thought of")
        return config

    core = build_core(config, KeyFile(tmp_path / "auth.json"), None, {"far": KEY}, load=read)
    async with reached(core, tmp_path) as http:
        assert await told(http) == ""
        broken = True
        files.write(aliased("far:echo"))
        assert "RuntimeError" in await told(http)
        assert (await ask(http, "far:echo")).status_code == 200


async def test_a_file_that_disappears_still_counts(
    running: Running, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    routing = files.directory / "routing.toml"
    async with running() as (_, http):
        routing.write_text(aliased("far:echo"))
        assert (await ask(http, "mine")).status_code == 200
        for path in (routing, files.path):
            text = path.read_bytes()
            path.unlink()
            assert await told(http) == f"{path} is gone: put it back, or start the core again."
            assert (await ask(http, "mine")).status_code == 200
            path.write_bytes(text)
            assert await told(http) == ""
        assert (await ask(http, "mine")).status_code == 200


@pytest.mark.parametrize("manner", ["renamed", "linked"])
async def test_a_file_may_be_put_in_place_of_another(
    running: Running, files: Files, manner: str
) -> None:
    async with running() as (_, http):
        files.write(aliased("far:echo"))
        assert (await ask(http, "mine")).json()["model"] == "echo"
        other = files.directory / "other.toml"
        other.write_text(files.far + aliased("far:whole"))
        if manner == "renamed":
            other.replace(files.path)
        else:
            files.path.unlink()
            files.path.symlink_to(other)
        answer = (await ask(http, "mine")).json()
        assert answer["model"] == "whole"


async def test_a_file_that_is_only_touched_changes_nothing(
    running: Running, files: Files, fake: FakeProvider
) -> None:
    async with running() as (core, http):
        await ask(http, "far:echo")
        before = core.relay.setup
        os.utime(files.path, (1, 1))
        assert (await ask(http, "far:echo")).json()["cached"] is True
        assert core.relay.setup is before
    assert len(fake.requests) == 1


async def test_ten_changes_in_a_row(
    running: Running, files: Files, fake: FakeProvider, near: FakeProvider, closed: Closed
) -> None:
    both = provider("near", near)
    async with running() as (_, http):
        for number in range(10):
            name = ("far:echo", "far:whole")[number % 2]
            files.write(both + aliased(name))
            answer = (await ask(http, "mine", f"Question {number}")).json()
            assert f"{answer['provider']}:{answer['model']}" == name
        for _ in range(10):
            files.write(both + aliased("far:echo"))
            files.write(far=both)
        assert (await ask(http, "mine")).status_code == 404
        assert (await ask(http, "near:echo")).status_code == 200
        assert await closed.next() == "far"
        assert closed.names == []


async def test_files_that_look_alike_are_told_apart(running: Running, files: Files) -> None:
    async with running() as (_, http):
        for name in "abcdefghij":
            files.write(f'[aliases]\n{name} = "far:echo"\n')
            assert (await ask(http, name)).status_code == 200, name


async def test_notes_on_what_is_new_are_logged(
    running: Running, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    files.path.chmod(0o600)
    async with running() as (_, http):
        with caplog.at_level(logging.WARNING):
            files.write('[server]\nmaster_key = "short"\n')
            await told(http)
            files.write('[server]\nmaster_key = "short"\nport = 1\n')
            await told(http)
    assert ["is short" in record.getMessage() for record in caplog.records] == [True]


def test_a_real_core_with_a_file_of_its_own(tmp_path: Path, fake: FakeProvider) -> None:
    shell = Shell(tmp_path, fake)
    shell.environment["FAR_KEY"] = KEY
    file = tmp_path / "my.toml"
    file.write_text(shell.text)
    with shell.serving("--config", str(file)) as (process, address):

        def asked(model: str) -> httpx.Response:
            body = {"model": model, "messages": [{"role": "user", "content": "Hello"}]}
            return httpx.post(f"{address}{CHAT}", json=body, timeout=30)

        def health() -> dict[str, Any]:
            return httpx.get(f"{address}/health", timeout=30).json()

        assert asked("mine").status_code == 404
        file.write_text(shell.text + '[aliases]\nmine = "far:echo"\n')
        assert asked("mine").status_code == 200
        file.write_text(shell.text + '[aliazes]\nmine = "far:echo"\n')
        assert asked("mine").status_code == 200
        line = 1 + shell.text.count("\n")
        problem = health()["configuration"]
        assert f"{file}, line {line}:" in problem
        assert "did you mean aliases" in problem
        file.unlink()
        assert asked("mine").status_code == 200
        assert "is gone" in health()["configuration"]
        file.write_text(shell.text)
        assert "configuration" not in health()
        assert asked("mine").status_code == 404
        process.terminate()
        assert process.wait(30) == 0
