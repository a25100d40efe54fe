"""``ghostllm serve``."""

from __future__ import annotations

import json
import signal
import socket
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
        shell.file.write_text(shell.text + "[aliazes]\n")
        assert ask(address, model="far:echo").status_code == 200
        process.terminate()
        _, logged = process.communicate(timeout=LIMIT)
    (line,) = [line for line in logged.splitlines() if not line.startswith("DEBUG")]
    assert line.startswith("ERROR zeke_bridge.core.relay.reload: ")


def test_routes_are_shown_however_little_is_logged(shell: Shell) -> None:
    with shell.serving("--dev", "--log-level", "error") as (process, address):
        ask(address, model="far:echo")
        assert process.stdout is not None
        assert "chat far:echo: ok. " in process.stdout.readline()
        process.terminate()
        assert process.communicate(timeout=LIMIT)[1] == ""


def test_the_log_is_lines_of_json_with_the_ids_of_questions(shell: Shell) -> None:
    with shell.serving("--log-level", "info") as (process, address):
        ids = [
            ask(address, model=model).headers["x-request-id"]
            for model in ("far:echo", "far:echo", "far:wrong")
        ]
        shell.file.write_text(shell.text + "[aliazes]\n")
        ask(address, model="far:echo")
        process.terminate()
        said, logged = process.communicate(timeout=LIMIT)
    assert said == ""
    *lines, wrong, _ = [json.loads(line) for line in logged.splitlines()]
    assert [line["event"] for line in lines] == ["request ended"] * 3
    assert [line["request_id"] for line in lines] == ids
    assert [line["fields"]["request_id"] for line in lines] == ids
    assert [line["fields"]["status"] for line in lines] == ["ok", "ok", "unknown_model"]
    assert [line["fields"]["cached"] for line in lines] == [False, True, False]
    assert all(line["level"] == "info" for line in lines)
    assert lines[0]["fields"]["model"] == "far:echo"
    assert "Hello there" not in logged
    assert wrong["level"] == "error"
    assert "did you mean aliases" in wrong["event"]


def test_what_is_noted_of_a_configuration_is_logged(shell: Shell) -> None:
    shell.file.write_text(shell.text + '[server]\nmaster_key = "short"\n')
    with shell.serving() as (process, _):
        process.terminate()
        _, logged = process.communicate(timeout=LIMIT)
    lines = [json.loads(line) for line in logged.splitlines()]
    assert {line["level"] for line in lines} == {"warning"}
    assert "master_key is short" in lines[0]["event"]


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


@pytest.mark.parametrize("more", [{}, {"stream": True}], ids=["whole", "streamed"])
def test_who_leaves_frees_the_provider(shell: Shell, more: dict[str, Any]) -> None:
    body = json.dumps({**HELLO, "model": "far:silent", **more}).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    shell.file.write_text(shell.text.replace('"wrong"', '"silent"'))
    with shell.serving() as (_, address):
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as client:
            client.sendall(head.encode() + body)
            assert shell.far.held.wait(LIMIT)
        assert shell.far.left.wait(LIMIT)


def test_others_need_a_key(shell: Shell) -> None:
    made = shell.run("keys", "create", "laptop")
    assert made.returncode == 0
    key = made.stdout.strip()
    with shell.serving() as (_, address):
        assert ask(address).status_code == 401
        headers = {"Authorization": f"Bearer {key}"}
        url = f"{address}/v1/chat/completions"
        assert httpx.post(url, json=HELLO, headers=headers, timeout=LIMIT).status_code == 200
