"""The cases of ``*.jsonl`` beside this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.warden.command import Part, read_command

HERE = Path(__file__).parent


def cases() -> list[Any]:
    found = []
    for path in sorted(HERE.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


def listed(part: Part) -> list[Any]:
    text = f"| {part.text}" if part.piped else part.text
    return [part.depth - 1, part.kind, text, *(effect.name.lower() for effect in part.effects)]


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any]) -> None:
    reading = read_command(("sh", "-c", case["shell"]))
    assert reading.problem == ""
    assert reading.parts[0].text == "sh -c"
    assert [listed(part) for part in reading.parts[1:]] == case["parts"]
    assert reading.complete is case.get("complete", True)


def test_there_are_enough() -> None:
    names = [case.id for case in cases()]
    assert len(names) == len(set(names)) >= 100
