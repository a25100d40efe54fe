"""``ghostllm models``, ``test-providers``, ``config check`` and ``bench``."""

from __future__ import annotations

import re

import pytest

from tests.cli.ghostllm.conftest import KEY, Shell


def test_models_have_prices(shell: Shell) -> None:
    shell.environment["FAR_KEY"] = KEY
    shell.file.write_text(
        shell.text + '[models."far:echo"]\ninput_cost_per_token = 0.000003\ncontext = 8000\n'
    )
    assert shell.run("models").stdout.splitlines() == ["far:echo", "far:wrong"]
    shown = shell.run("models", "--prices").stdout
    assert re.search(r"^far:echo +3\.00 +\S+ +8,000", shown, re.MULTILINE), shown


def test_providers_are_tested(shell: Shell) -> None:
    shell.environment["FAR_KEY"] = KEY
    shell.file.write_text(
        shell.text + '[providers.gone]\nbase_url = "http://127.0.0.1:9/v1"\n[providers.ollama]\n'
        'base_url = "http://127.0.0.1:9/v1"\n'
    )
    done = shell.run("test-providers")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert re.match(r"far +yes +2 +\d+ ms", rows["far"])
    assert "no: unreachable" in rows["gone"]
    assert "no: no key" in rows["openai"]
    assert "OPENAI_API_KEY" in rows["openai"]


def test_that_none_can_be_reached_is_a_failure(shell: Shell) -> None:
    done = shell.run("test-providers")
    assert done.returncode == 1
    assert "No provider can be reached" in done.stderr


def test_the_configuration_is_checked(shell: Shell) -> None:
    (shell.directory / "routing.toml").write_text(
        '[routing]\nquick_tasks = "far:echo"\nfallback = ["far:echo"]\n'
        "[costs]\ndaily_limit_usd = 10\nwarn_threshold_usd = 8\n"
        f'[server]\nmaster_key = "{KEY}"\n[rates]\nrequests_per_minute = 60\n'
        '[groups.g]\n"far:echo" = 2\n[aliases]\na = "far:echo"\n'
        '[models."far:echo"]\nseed = 1\n'
    )
    done = shell.run("config", "check")
    assert done.returncode == 0, done.stderr
    for line in (
        f"read: {shell.file}",
        f"not there: {shell.directory / 'ghostllm.toml'}",
        f"  far: {shell.far.base_url}; $FAR_KEY; models echo, wrong; prefers echo",
        "route: quick: far:echo",
        "fallback: far:echo",
        "alias: a: far:echo",
        "group: g: far:echo (2)",
        "model: far:echo: seed set",
        "cost limits: daily $10, warns from $8",
        "rate limits: 60 requests a minute",
        "cache: 100 MB, 3600 s",
        "listens at: 127.0.0.1 port 8080, with a master key",
    ):
        assert line in done.stdout.splitlines()
    assert "chmod 600" in done.stdout
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("a.toml", "[rooting]\n", "line 1: rooting is not known: did you mean routing?"),
        ("a.yaml", "llmproxy:\n  providers: 5\n", "line 2: llmproxy.providers must be a table"),
        ("a.yml", "a: 1\na: 2\n", "line 2: a is there already, in line 1."),
    ],
)
def test_a_wrong_file_is_one_sentence(shell: Shell, name: str, text: str, word: str) -> None:
    file = shell.directory / name
    file.write_text(text)
    done = shell.process("config", "check", str(file))
    assert done.returncode == 1
    assert f"{file}, {word}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_core_is_measured(shell: Shell) -> None:
    done = shell.process("bench", "--calls", "20", "--connections", "2")
    assert done.returncode == 0, done.stderr
    assert re.search(r"adds [+-]\d+\.\d\d ms", done.stdout)
    assert re.search(r"^through GhostLLM +\d+ +", done.stdout, re.MULTILINE)
    alone = shell.run("bench", "--url", "http://127.0.0.1:9", "--model", "x", "--calls", "1")
    assert alone.returncode == 1
    assert "cannot be asked" in alone.stderr
    assert "together" in shell.run("bench", "--model", "x").stderr
