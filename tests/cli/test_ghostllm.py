from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.provider import FakeProvider

KEY = "sk-very-secret"
LIMIT = 30


@pytest.fixture
def fake_far() -> Iterator[FakeProvider]:
    with FakeProvider(key=KEY) as running:
        yield running


@pytest.fixture
def alone(tmp_path: Path, fake_far: FakeProvider) -> dict[str, str]:
    """An environment with one configured provider and nothing of the user's."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    directory = tmp_path / "ghostllm"
    directory.mkdir()
    (directory / "config.toml").write_text(
        f'[providers.far]\nbase_url = "{fake_far.base_url}"\napi_key_env = "FAR_KEY"\n'
        '[models]\nfar_preferred = "echo"\n'
    )
    return kept | {
        "GHOSTLLM_CONFIG_DIR": str(directory),
        "ZEKE_CACHE_DIR": str(tmp_path / "cache"),
        "ZEKE_STATE_DIR": str(tmp_path / "state"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from zeke_bridge.cli.ghostllm import main; main()", *arguments]


def run(
    environment: dict[str, str], *arguments: str, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def test_keys_are_set_listed_and_removed_and_never_shown(alone: dict[str, str]) -> None:
    assert run(alone, "auth", "set", "far", typed=f"{KEY}\n").returncode == 0
    listed = run(alone, "auth", "list")
    assert "far: " in listed.stdout
    assert "auth.json" in listed.stdout
    assert "openai: no key" in listed.stdout
    assert "far: $FAR_KEY" in run({**alone, "FAR_KEY": KEY}, "auth", "list").stdout
    assert "far:echo" in run(alone, "models").stdout.splitlines()
    removed = run(alone, "auth", "remove", "far")
    assert removed.returncode == 0
    again = run(alone, "auth", "remove", "far")
    assert again.returncode == 1
    for done in (listed, removed, again):
        assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["auth", "set", "nobody", "k"], "no provider nobody"),
        (["auth", "set", "far", "two words"], "space"),
        (["serve", "--host", "0.0.0.0"], "127.0.0.1"),
        (["serve", "--host", "example.org"], "127.0.0.1"),
    ],
)
def test_a_mistake_is_one_sentence(alone: dict[str, str], arguments: list[str], word: str) -> None:
    done = run(alone, *arguments)
    assert done.returncode == 1
    assert word in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("ghostllm: ")


def test_a_mistake_in_the_file_is_one_sentence(alone: dict[str, str]) -> None:
    Path(alone["GHOSTLLM_CONFIG_DIR"], "config.toml").write_text("[rooting]\n")
    done = run(alone, "models")
    assert done.returncode == 1
    assert "line 1" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_interrupted(alone: dict[str, str], number: int) -> None:
    serving = subprocess.Popen(
        command("serve", "--port", "0"),
        env={**alone, "FAR_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with serving:
        assert serving.stdout is not None
        said = serving.stdout.readline()
        base_url = said.split()[-1]
        assert said.startswith("GhostLLM listens at http://127.0.0.1:")
        body = {"messages": [{"role": "user", "content": "Hello there"}]}
        answer = httpx.post(f"{base_url}/chat/completions", json=body, timeout=LIMIT).json()
        assert answer["provider"] == "far"
        port = base_url.split(":")[2].split("/")[0]
        taken = run(alone, "serve", "--port", port)
        assert taken.returncode == 1
        assert "--port" in taken.stderr
        serving.send_signal(number)
        _, complaints = serving.communicate(timeout=LIMIT)
    assert serving.returncode == 0
    assert complaints == ""
