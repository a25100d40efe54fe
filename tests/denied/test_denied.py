"""With a gate that always denies, no test can observe an effect.

Here for a part of the tests that has every kind of effect in it; ``make denied`` runs all of them.
That they would be seen is shown by the same tests with the gate as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.denied.rules import Seen, effects, is_launch
from tests.denied.run import REPOSITORY, run

pytestmark = pytest.mark.timeout(300)

# Edits, new files, reviews, commands, declared actions, tools of servers, starts of agents.
HERE = (
    "tests/broker/agents/test_files.py::test_it_reads_what_is_on_disk",
    "tests/broker/agents/test_files.py::test_a_rule_writes_at_once",
    "tests/broker/agents/test_files.py::test_what_a_person_would_be_asked_is_reviewed",
    "tests/broker/agents/test_running.py::test_it_runs_what_was_allowed",
    "tests/broker/agents/test_declared.py::test_once_lets_the_same_write_pass_once",
    "tests/broker/agents/test_knowing.py::test_lines_are_found",
    "tests/broker/agents/test_tools.py::test_a_person_sees_what_is_passed",
    "tests/broker/agents/test_starting.py::test_it_is_asked_about_as_itself",
    "tests/broker/review/test_change.py::test_one_no_leaves_the_others",
    "tests/broker/test_create.py::test_files_are_created_and_those_that_are_there_changed",
)
# The same from a real Neovim, and from an editor that speaks ACP.
NEOVIM = (
    "tests/e2e/test_edit.py::test_diff_then_prompt_then_file",
    "tests/e2e/test_edit.py::test_with_auto_approval_nobody_is_asked",
    "tests/e2e/test_create.py::test_each_path_is_asked_about",
)
TEN_FILES = "tests/e2e/test_agents.py::test_an_agent_edits_ten_files_and_runs_the_tests"
COMMAND = "tests/acp/test_turn.py::test_a_command_runs_and_its_output_is_seen"
WRITE = "tests/acp/test_turn.py::test_a_write_is_asked_in_the_clients_own_dialog[once]"


def test_nothing_happens_where_everything_is_denied(tmp_path: Path) -> None:
    # Nothing but this process takes part in it, so there is nothing to be patient with.
    assert effects(run("denying", tmp_path / "log", *HERE, patience=0.5)) == []


def test_nor_from_an_editor(tmp_path: Path) -> None:
    seen = run("denying", tmp_path / "log", *NEOVIM, COMMAND, patience=6.0)
    assert watched(seen) >= {"broker", "acp"}
    assert effects(seen) == []


def test_agents_that_may_start_do_nothing_else(tmp_path: Path) -> None:
    seen = run("launching", tmp_path / "log", TEN_FILES, WRITE, patience=20.0)
    launched = {one.test for one in seen if one.effect == "program" and is_launch(one)}
    assert {test.partition(" ")[0] for test in launched} == {TEN_FILES, WRITE}
    assert effects(seen, launching=True) == []


def watched(seen: Sequence[Seen]) -> set[str]:
    """Which commands of ``zeke`` ran."""
    return {one.target.split()[2] for one in seen if one.effect == "watched"}


def test_the_same_tests_have_effects_where_the_gate_is_as_it_is(tmp_path: Path) -> None:
    parts = (*HERE, *NEOVIM, TEN_FILES, COMMAND)
    found = effects(run("open", tmp_path / "log", *parts, patience=60.0))
    ours = {one.effect for one in found if not one.product}
    assert ours >= {"permit", "write", "create", "rename", "link", "program", "shown", "told"}
    theirs = {one.effect for one in found if one.product}
    assert theirs >= {"permit", "write", "rename", "link", "program"}
    for part in parts:
        assert any(one.test.startswith(part) for one in found), part


def test_permits_are_made_by_hand_in_tests_of_the_workspace_only() -> None:
    by_hand = re.compile(r"(?<!\w)Permit\(")
    files = [
        path.relative_to(REPOSITORY)
        for path in (REPOSITORY / "tests").rglob("*.py")
        if path != Path(__file__) and by_hand.search(path.read_text(encoding="utf-8"))
    ]
    assert files
    assert {path.parts[1] for path in files} == {"workspace"}
