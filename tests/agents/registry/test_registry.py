"""Which agents there are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from zeke_bridge.agents.registry import Entry, described, entries, find, unknown
from zeke_bridge.agents.registry.entry import entry
from zeke_bridge.config.agents import OwnProgram
from zeke_bridge.model.errors import InputError

NAMES = {"claude", "gemini", "codex", "opencode", "goose", "qwen", "kimi", "copilot", "cursor"}
FOUND = [one for one in entries().values() if not one.builtin]


def test_the_well_known_are_there_and_the_built_in_is_first() -> None:
    assert entries().keys() >= {*NAMES, "auggie", "vibe"}
    assert next(iter(entries())) == "zeke"


@pytest.mark.parametrize("one", FOUND, ids=lambda one: one.name)
def test_every_entry_says_all_that_a_person_needs(one: Entry) -> None:
    assert one.title
    assert one.argv
    assert "/" not in one.argv[0]
    assert one.install
    assert one.login.endswith(".")
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]+", name) for name in one.pass_on)
    assert all(path.startswith("~/") for path in one.writes)
    assert {name for names in one.logins.values() for name in names} <= set(one.pass_on)
    # Nothing is fetched by the mere start of an agent.
    assert one.argv[0] not in ("npx", "uvx", "bunx", "pipx")


def test_a_name_of_ones_own_stands_before_ours() -> None:
    own = {"claude": OwnProgram(("my-claude",)), "mine": OwnProgram(("mine", "--acp"), "Mine")}
    assert find("claude", own).argv == ("my-claude",)
    assert find("claude", own).title == "Claude Code"
    assert find("mine", own) == Entry("mine", "Mine", ("mine", "--acp"))


def test_where_one_of_ones_own_may_write_is_said_or_ours() -> None:
    said = OwnProgram(("claude",), writes=("/srv/claude",))
    assert find("claude", {"claude": said}).writes == ("/srv/claude",)
    assert find("claude", {"claude": OwnProgram(("claude",))}).writes == find("claude", {}).writes


def test_where_it_may_write_follows_the_persons_own_directories(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data/")
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    found = ("~/.config/opencode", "/data/opencode", "~/.local/state/opencode", "~/.cache/opencode")
    assert find("opencode", {}).writes == found
    assert find("opencode", {"opencode": OwnProgram(("x",))}).writes == found
    own = OwnProgram(("x",), writes=("~/.cache/mine",))
    assert find("opencode", {"opencode": own}).writes == ("~/.cache/mine",)


def test_an_own_command_of_a_known_agent_still_has_it_ask() -> None:
    env = (("OPENCODE_PERMISSION", "{}"), ("A", "1"))
    own = {"opencode": OwnProgram(("my-opencode", "acp")), "vibe": OwnProgram(("v",), env=env)}
    assert "ask" in dict(find("opencode", own).env)["OPENCODE_PERMISSION"]
    assert dict(find("vibe", own).env) == {**dict(env), "VIBE_DEFAULT_AGENT": "ask"}


def test_the_built_in_assistant_is_nobody_elses() -> None:
    assert find("zeke", {"zeke": OwnProgram(("evil",))}).builtin


def test_an_unknown_name_is_answered_with_the_likest() -> None:
    with pytest.raises(InputError) as caught:
        find("cluade", {})
    assert caught.value.message.startswith("There is no agent called cluade. Did you mean claude")
    with pytest.raises(InputError, match="There are zeke, amp, "):
        find("\x1b", {})


def test_a_command_is_an_agent_of_its_own() -> None:
    one = unknown(("/opt/x/agent", "--acp"))
    assert (one.name, one.argv) == ("agent", ("/opt/x/agent", "--acp"))
    with pytest.raises(InputError):
        unknown(())


def test_a_fingerprint_is_of_the_whole_command() -> None:
    marks = {unknown(argv).fingerprint() for argv in [("a",), ("a", ""), ("a", "b"), ("a b",)]}
    assert len(marks) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", mark) for mark in marks)


def test_the_list_says_what_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "goose"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    listed = {one["name"]: one for one in described({"mine": OwnProgram(("goose",))})}
    there = {name for name, one in listed.items() if one["installed"]}
    assert there == {"zeke", "goose", "mine"}
    assert listed["claude"]["command"] == ["claude-agent-acp"]
    assert listed["zeke"]["builtin"]


@pytest.mark.parametrize("table", [{}, {"command": []}, {"command": ["a"], "titel": "A"}])
def test_a_file_that_makes_no_sense_is_an_error(table: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="x: "):
        entry("x", table)


def test_the_list_of_agents_does_not_load_their_protocol() -> None:
    code = (
        "import sys, zeke_bridge.agents.registry as r; r.described({}); "
        "sys.exit('acp' in sys.modules or 'pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0
