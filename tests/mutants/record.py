"""The corpus without the disk: what each case hands to the policy, looked up once and kept.

A mutated policy is tried some hundred times; building a project for every case each time would
take hours. What was found on the disk does not depend on what decides about it.
"""

from __future__ import annotations

import pickle
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import tests.warden.conftest as worlds
from tests.warden.test_corpus import cases
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.grant import Grant, Rules
from zeke_bridge.model.target import Facts, Places
from zeke_bridge.warden.grants import Denies, Grants


@dataclass(frozen=True, slots=True)
class Recorded:
    """One case: the plain values that ``decide`` gets, and what the corpus expects."""

    name: str
    action: Action
    facts: Facts
    rules: Rules
    places: Places
    session: tuple[Grant, ...]
    project: tuple[Grant, ...]
    refused: frozenset[tuple[str, str]]
    denies: tuple[tuple[Op, str], ...]
    now: float
    expected: dict[str, str]


class _DecidedError(Exception):
    """Thrown where the decision would be, with what it would be made of."""


def record(path: Path) -> int:
    """Write every case of the corpus to ``path``; how many there are."""
    found = [_recorded(case.id, case.values[0]) for case in cases()]
    path.write_bytes(pickle.dumps(found))
    return len(found)


def _recorded(name: str, case: dict[str, Any]) -> Recorded:
    def decide(action: Action, facts: Facts, book: Any, grants: Grants, denies: Denies, *, now: float) -> None:  # fmt: skip
        raise _DecidedError(action, facts, book, grants, denies, now)

    with tempfile.TemporaryDirectory() as base, pytest.MonkeyPatch.context() as patch:
        patch.setattr(worlds, "decide", decide)
        patch.setattr(worlds, "compile_rules", lambda rules, places: (rules, places))
        world = worlds.World(Path(base).resolve())
        world.set_up(case.get("setup", {}))
        try:
            world.judge(case)
        except _DecidedError as decided:
            action, facts, (rules, places), grants, denies, now = decided.args
        expected = {part: case[part] for part in ("verdict", "step", "risk") if part in case}
        if "target" in case:
            expected["target"] = world.fill(case["target"])
    return Recorded(
        name,
        action,
        facts,
        rules,
        places,
        grants.session.grants,
        grants.project.grants,
        denies.remembered,
        tuple((deny.op, deny.pattern.text) for deny in denies.project),
        now,
        expected,
    )
