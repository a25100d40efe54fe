from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zeke_bridge.cli.ghostllm.keys import keys
from zeke_bridge.core.access.keys import ClientKeys
from zeke_bridge.model.errors import InputError, ZekeError


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GHOSTLLM_CONFIG_DIR", str(tmp_path / "ghostllm"))
    return tmp_path / "ghostllm" / "clients.json"


def run(*arguments: str) -> tuple[str, str]:
    """Standard output and standard error of ``ghostllm keys``."""
    done = CliRunner().invoke(keys, arguments)
    if isinstance(done.exception, ZekeError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def test_a_key_is_made_shown_once_and_works(path: Path) -> None:
    assert "no keys" in run("list")[0]
    options = "--rpm 60 --tpm 10000 --parallel 2 --daily-usd 1.5 --monthly-usd 20 --days 30"
    secret, said = run("create", "laptop", *options.split())
    assert "not shown again" in said
    assert "needs a key, on 127.0.0.1 too" in said
    client = ClientKeys(path).find(secret.strip(), time.time())
    assert client is not None
    listed, _ = run("list")
    assert secret.strip() not in listed
    assert listed.startswith(f"laptop  {client.id}  until 2")
    assert listed.strip().endswith(
        "60 requests/min, 10000 tokens/min, 2 at once, $1.50 a day, $20.00 a month"
    )
    _, said = run("create", "desk")
    assert "needs a key" not in said
    assert "desk    " in run("list")[0]
    assert run("list")[0].count("no limits") == 1


def test_the_list_for_programs_has_no_key(path: Path) -> None:
    secret, _ = run("create", "laptop", "--daily-usd", "2")
    listed, _ = run("list", "--json")
    (row,) = json.loads(listed)
    assert (row["name"], row["daily_usd"], row["usable"]) == ("laptop", 2, True)
    assert secret.strip() not in listed
    assert "sha256" not in listed


def test_a_rotated_key_and_its_grace(path: Path) -> None:
    old = run("create", "laptop")[0].strip()
    secret, said = run("rotate", "laptop", "--grace-hours", "2")
    assert "for 2 more hours" in said
    kept, now = ClientKeys(path), time.time()
    assert kept.find(secret.strip(), now) == kept.find(old, now) is not None
    third, said = run("rotate", "laptop")
    assert "nothing any more" in said
    assert kept.find(third.strip(), now) is not None
    assert kept.find(old, now) is None


def test_a_revoked_key_leaves_the_core_closed_and_says_so(path: Path) -> None:
    secret = run("create", "laptop")[0].strip()
    said, _ = run("revoke", "laptop")
    assert str(path) in said
    assert "still needs one" in said
    assert ClientKeys(path).find(secret, time.time()) is None
    assert "revoked" in run("list")[0]
    run("create", "a")
    run("create", "b")
    assert "No key is left" not in run("revoke", "a")[0]


def test_mistakes_say_what_to_do(path: Path) -> None:
    run("create", "laptop")
    for arguments, sentence in (
        (("create", "laptop"), "rotate or revoke it"),
        (("create", "a b"), "up to 64 letters"),
        (("create", "x", "--rpm", "0"), "above 0"),
        (("revoke", "desk"), "There is no key 'desk': there are laptop"),
        (("rotate", "desk"), "There is no key 'desk'"),
    ):
        with pytest.raises(InputError, match=sentence):
            run(*arguments)
