"""One line of ``zeke warden check``: one verdict, on one line, whatever it is."""

from __future__ import annotations

import json

from zeke_bridge.model.action import Action
from zeke_bridge.model.grant import Rules
from zeke_bridge.model.target import Facts, Target
from zeke_bridge.model.verdict import Ruling, Verdict
from zeke_bridge.warden.grants import Denies, Deny, Grants
from zeke_bridge.warden.line import as_json, as_text, judge_line
from zeke_bridge.warden.match import DenyPattern
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.prompt import build_prompt
from zeke_bridge.warden.rulebook import compile_rules

ROOT = "/home/u/project"
BOOK = compile_rules(Rules(auto_approve_patterns=("*.md", "src/**", "!src/x")))
DENIES = Denies(project=tuple(Deny(op, DenyPattern("*secret*")) for op in ("write", "execute")))  # type: ignore[arg-type]


def judge(action: Action) -> Verdict:
    """The verdict if every path were a plain file of the project."""
    facts = Facts(
        target=_plain(action.path), to=_plain(action.to), cwd=_folder(action.cwd), program="/bin/x"
    )
    verdict = decide(action, facts, BOOK, Grants(), DENIES, now=1.0)
    if verdict.ruling in (Ruling.ASK, Ruling.ASK_ONCE):
        prompt = build_prompt(action, verdict)
        shown = (prompt.subject, prompt.target, prompt.note, prompt.reason, *prompt.diff)
        assert all(text.isprintable() for text in shown)
    return verdict


def _plain(path: str) -> Target:
    return Target(path, f"{ROOT}/{path}", True, "regular", (path,), nlink=1)


def _folder(path: str) -> Target:
    return Target(path or ".", f"{ROOT}/{path}", True, "directory", (path,), nlink=2)


def check(data: bytes) -> None:
    """Raise ``AssertionError`` when judging ``data`` breaks a promise."""
    action, verdict = judge_line(data, ROOT, judge)
    assert action is not None or verdict.ruling is Ruling.DENY
    assert verdict.step != "error"
    assert verdict.reason.endswith(".")
    assert verdict.reason.isprintable()
    line = as_json(action, verdict)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["verdict"] == verdict.ruling.value
    assert as_text(action, verdict).isprintable()
