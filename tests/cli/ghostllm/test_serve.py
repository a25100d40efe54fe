"""``ghostllm serve``."""

from __future__ import annotations

import signal
from typing import Any

import httpx
import pytest

from tests.cli.ghostllm.conftest import KEY, LIMIT, Shell

HELLO = {"messages": [{"role": "user", "content": "Hello there"}]}


@pytest.fixture(autouse=True)
def _key(shell: Shell) -> None:
    shell.environment["FAR_KEY"] = KEY


def ask(address: str, **fields: Any) -> httpx.Response:
    body = {**HELLO, **fields}
    return httpx.post(f"{address}/v1/chat/completions", json=body, timeout=LIMIT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_interrupted(shell: Shell, number: int) -> None:
    with shell.serving() as (process, address):
        assert address.startswith("http://127.0.0.1:")
        assert ask(address).json()["provider"] == "far"
        taken = shell.process("serve", "--port", address.rpartition(":")[2])
        assert taken.returncode == 1
        assert "--port" in taken.stderr
        process.send_signal(number)
        _, complaints = process.communicate(timeout=LIMIT)
        assert process.returncode == 0
        assert complaints == ""


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--host", "0.0.0.0"], "127.0.0.1"),
        (["--host", "example.org"], "127.0.0.1"),
        (["--providers", "far,opnai"], "did you mean openai"),
        (["--cache-size", "much"], "500MB"),
    ],
)
def test_a_mistake_is_one_sentence(shell: Shell, arguments: list[str], word: str) -> None:
    done = shell.run("serve", "--port", "0", *arguments)
    assert done.returncode == 1
    assert word in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_change_counts_at_once_and_a_wrong_one_never(shell: Shell) -> None:
    with shell.serving() as (process, address):
        assert ask(address, model="far:echo").status_code == 200
        shell.file.write_text(shell.text + '[aliases]\nmine = "far:echo"\n')
        assert ask(address, model="mine").json()["model"] == "echo"
        shell.file.write_text(shell.text + '[aliazes]\nmine = "far:echo"\n')
        assert ask(address, model="mine").status_code == 200
        process.terminate()
        _, complaints = process.communicate(timeout=LIMIT)
    assert complaints.count("did you mean aliases") == 1


def test_only_the_providers_that_were_named(shell: Shell) -> None:
    with shell.serving("--providers", "far", "--cache-size", "5MB") as (_, address):
        health = httpx.get(f"{address}/health", timeout=LIMIT).json()
    assert list(health["providers"]) == ["far"]


def test_for_developers_it_shows_the_routes(shell: Shell) -> None:
    with shell.serving("--dev") as (process, address):
        assert ask(address, model="far:echo").status_code == 200
        assert process.stdout is not None
        said = process.stdout.readline()
        assert "far:echo" in said
        assert "asked for by name" in said


def test_a_yaml_file_says_where_to_listen(shell: Shell) -> None:
    file = shell.directory / "proxy.yaml"
    file.write_text(
        "llmproxy:\n  listen_addr: '127.0.0.1:1'\n  log_level: info\n  providers:\n    far:\n"
        f"      base_url: {shell.far.base_url}\n      api_key: ${{FAR_KEY}}\n"
        "      models: [{name: echo, alias: default}]\n"
    )
    with shell.serving("--config", str(file)) as (_, address):
        answer = ask(address).json()
        assert (answer["provider"], answer["model"]) == ("far", "echo")


def test_others_need_a_key(shell: Shell) -> None:
    made = shell.run("keys", "create", "laptop")
    assert made.returncode == 0
    key = made.stdout.strip()
    with shell.serving() as (_, address):
        assert ask(address).status_code == 401
        headers = {"Authorization": f"Bearer {key}"}
        url = f"{address}/v1/chat/completions"
        assert httpx.post(url, json=HELLO, headers=headers, timeout=LIMIT).status_code == 200
