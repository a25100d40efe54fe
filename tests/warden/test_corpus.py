"""The cases of ``corpus/*.jsonl``, each with and without ``openat2``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parent / "corpus"


def cases() -> list[Any]:
    found = []
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            found.append(
                pytest.param(
                    case, id=f"{path.stem}: {case['name']}".encode("ascii", "replace").decode()
                )
            )
    return found


@pytest.mark.parametrize("kernel", [True, False], ids=["openat2", "stepwise"])
@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any], kernel: bool, world: Any) -> None:
    world.set_up(case.get("setup", {}))
    verdict = world.judge(case, kernel=kernel)
    assert (verdict.ruling.value, verdict.step) == (case["verdict"], case["step"]), verdict
    if "risk" in case:
        assert verdict.risk.value == case["risk"]
    if "target" in case:
        assert verdict.target == world.fill(case["target"])
    assert verdict.reason.endswith(".")


def test_names_are_unique() -> None:
    names = [case.id for case in cases()]
    assert len(names) == len(set(names))
    assert len(names) >= 150
