"""``zeke acp`` behind a real client of somebody else's: acpx, a client for the command line."""

from __future__ import annotations

import json
import os
import pty
import select
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acp.person import command
from tests.fakes.house import SAMPLE, House, house
from tests.peers.acpx.environment import program
from tests.peers.borrowed import UnavailableError

pytestmark = pytest.mark.peer

STEPS = [
    [
        {"say": "hello\n"},
        {"write": "a.py", "text": "x = 1\n", "as": "written"},
        {"run": ["echo", "hi"], "as": "ran"},
    ]
]
LIMIT_S = 90


@pytest.fixture(scope="module")
def acpx() -> Path:
    try:
        return program()
    except UnavailableError as reason:
        pytest.skip(f"no acpx: {reason}")


@pytest.fixture
def home() -> Iterator[House]:
    with house() as found:
        found.start()
        yield found


def _argv(acpx: Path, home: House, *options: str, steps: Any = STEPS) -> list[str]:
    zeke = [sys.executable, "-m", "zeke_bridge", "acp", *command(home, prompts=steps)]
    agent = ("--agent", shlex.join(zeke))
    return ["node", str(acpx), "--cwd", str(home.project), *options, *agent, "exec", "do it"]


def _run(acpx: Path, home: House, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _argv(acpx, home, *options),
        env=home.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_a_person_who_lets_all_of_it_happen(acpx: Path, home: House) -> None:
    done = _run(acpx, home, "--approve-all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (home.project / "a.py").read_text() == "x = 1\n"
    for told in (
        "hello",
        "GhostWarden: write `a.py` (+1 −2) · Risk: Medium (completed)",
        "GhostWarden: run `echo hi` · Risk: High (completed)",
        "(exit code 0)",
        "written = {}",
        "[done] end_turn",
    ):
        assert told in done.stdout
    # It said yes to each, and to nothing beyond.
    assert not (home.project / ".zeke-consents.json").exists()


def test_a_person_who_says_no_to_all_of_it(acpx: Path, home: House) -> None:
    done = _run(acpx, home, "--deny-all")
    assert "The agent was not started. You said no." in done.stdout + done.stderr
    assert (home.project / "a.py").read_text() == SAMPLE
    audit = home.zeke("warden", "audit", "--verify")
    assert audit.returncode == 0, audit.stderr


def test_every_message_is_one_that_it_knows(acpx: Path, home: House) -> None:
    done = _run(acpx, home, "--approve-all", "--format", "json", "--json-strict")
    assert done.returncode == 0, done.stdout + done.stderr
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    updates = [
        one["params"]["update"]["sessionUpdate"]
        for one in messages
        if one.get("method") == "session/update"
    ]
    assert {"agent_message_chunk", "tool_call", "tool_call_update"} <= set(updates)
    assert not [one for one in messages if "error" in one]


def test_a_person_at_a_terminal_is_asked(acpx: Path, home: House) -> None:
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        _argv(acpx, home, steps=[STEPS[0][:2]]),
        env=home.environment | {"TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        first = _read_until(ours, "(y/N)")
        assert "actor.py" in first
        os.write(ours, b"y\n")
        second = _read_until(ours, "(y/N)")
        assert "write `a.py` (+1 −2)" in second
        os.write(ours, b"n\n")
        rest = _read_until(ours, "end_turn")
        assert "not written" in rest
        child.wait(LIMIT_S)
    finally:
        child.kill()
        child.wait()
        os.close(ours)
    assert (home.project / "a.py").read_text() == SAMPLE


def _read_until(handle: int, words: str) -> str:
    seen = b""
    while words.encode() not in seen:
        ready, _, _ = select.select([handle], [], [], LIMIT_S)
        assert ready, seen.decode(errors="replace")
        seen += os.read(handle, 65536)
    return seen.decode(errors="replace")
