"""The corpus in memory, as one test; run on mutants only (``test_corpus.py`` is the real one)."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

from tests.mutants.record import Recorded
from zeke_bridge.warden.grants import Denies, Deny, GrantIndex, Grants
from zeke_bridge.warden.match import DenyPattern
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.rulebook import compile_rules

CASES: list[Recorded] = pickle.loads(Path(os.environ["ZEKE_MUTANT_CASES"]).read_bytes())


def test_every_case_of_the_corpus() -> None:
    compile_rules.cache_clear()
    for case in CASES:
        denies = tuple(Deny(op, DenyPattern(text)) for op, text in case.denies)
        verdict = decide(
            case.action,
            case.facts,
            compile_rules(case.rules, case.places),
            Grants(GrantIndex(case.session), GrantIndex(case.project)),
            Denies(case.refused, denies),
            now=case.now,
        )
        found = {
            "verdict": verdict.ruling.value,
            "step": verdict.step,
            "risk": verdict.risk.value,
            "target": verdict.target,
        }
        for part, value in case.expected.items():
            assert found[part] == value, case.name
        assert verdict.reason.endswith("."), case.name
