"""Every step has a sentence, and nothing that came from outside gets through unescaped."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.verdict import Ruling
from zeke_bridge.warden.why import STEPS, sentence

SOURCE = Path(__file__).resolve().parents[2] / "zeke_bridge"
# Where the step stands in a call of each of these.
_MAKERS = {"_deny": 0, "_allow": 0, "denied": 0, "_Finding": 1, "Verdict": 2}


def _decided(path: Path) -> set[str]:
    """The steps that stand as literals where a finding, a verdict or a refusal is made."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        place = _MAKERS.get(name, len(node.args))
        for argument in node.args[place : place + 1]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                found.add(argument.value)
    return found


@pytest.mark.parametrize("step", STEPS)
def test_a_sentence_for_each_step(step: str) -> None:
    for ruling in Ruling:
        for by in ("", "once", "0123456789abcdef"):
            text = sentence(ruling.value, step, by)
            assert text.endswith(".")
            assert text[0].isupper()
            assert "{" not in text
            assert len(text) < 200


def test_nothing_decides_by_a_step_without_a_sentence() -> None:
    sources = [SOURCE / "warden" / "policy.py", *(SOURCE / "broker").rglob("*.py")]
    decided = set().union(*map(_decided, sources))
    assert {"malformed", "remembered_deny", "auto_read", "person", "gone"} <= decided
    assert decided <= set(STEPS)


def test_what_a_person_answered() -> None:
    assert sentence("allow", "person", "once") == "You allowed it once."
    assert sentence("allow", "person", "project") == "You allowed it for the project."
    assert sentence("allow", "person", "declared").startswith("You allowed it once")
    assert sentence("deny", "person", "") == "You said no."
    assert sentence("allow", "person", "\x1b[2J") == "You allowed it."


def test_what_decided_is_named() -> None:
    assert sentence("allow", "auto_pattern", "docs/*.md").endswith(": docs/*.md.")
    assert sentence("deny", "project_deny", "").endswith("denies it.")


def test_a_step_of_another_version() -> None:
    assert "the step moon" in sentence("deny", "moon", "")
    assert sentence("deny", "", "").endswith(".")


@given(verdict=st.text(), step=st.sampled_from(STEPS) | st.text(), by=st.text())
def test_always_one_printable_line(verdict: str, step: str, by: str) -> None:
    text = sentence(verdict, step, by)
    assert text.isprintable()
    assert len(text.splitlines()) == 1
