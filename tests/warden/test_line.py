"""One line in, one line out: what is no action is a deny, and nothing crashes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.model.grant import Rules
from zeke_bridge.model.target import Facts, Target
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.warden.grants import Denies, Grants
from zeke_bridge.warden.line import (
    MAX_LINE,
    LineError,
    as_json,
    as_text,
    judge_line,
    read_action,
)
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.rulebook import compile_rules

KEYS = ["verdict", "risk", "step", "reason", "target"]
FINGERPRINT = "0f" * 32


def policy(action: Action) -> Verdict:
    """The real policy, over paths that nobody looked up."""
    target = Target(path=action.path, absolute=f"/p/{action.path}", inside=True, kind="regular")
    to = Target(path=action.to, absolute=f"/p/{action.to}", inside=True)
    cwd = Target(path=".", absolute="/p", inside=True, kind="directory")
    facts = Facts(target, to, cwd, "/usr/bin/x")
    return decide(action, facts, compile_rules(Rules()), Grants(), Denies(), now=0.0)


def read(**fields: Any) -> Action:
    return read_action(json.dumps(fields).encode(), "/p")


def test_each_operation() -> None:
    assert read(op="write", path="a b") == Action(Op.WRITE, "/p", path="a b")
    assert read(op="rename", path="a", to="b") == Action(Op.RENAME, "/p", path="a", to="b")
    command = read(op="execute", argv=["ls", "-l"], cwd="src", env={"A": "1"})
    assert command == Action(Op.EXECUTE, "/p", argv=("ls", "-l"), cwd="src", env=(("A", "1"),))
    assert read(op="network", url="https://x.org") == Action(Op.NETWORK, "/p", url="https://x.org")
    assert read(op="mcp", tool="t").tool == "t"


def test_a_subject_by_its_name_is_no_one_who_has_grants() -> None:
    assert read(op="read", path="a", subject="claude").subject == Subject("agent", "claude")
    assert read(op="read", path="a", subject="agent:claude").subject == Subject("agent", "claude")
    assert read(op="read", path="a", subject="mcp:files").subject == Subject("mcp", "files")
    assert read(op="read", path="a", subject="Assistant").subject == Subject("agent", "Assistant")


@pytest.mark.parametrize(
    "subject",
    [
        Subject(),
        Subject("agent", "claude", FINGERPRINT),
        Subject("mcp", "a:b", FINGERPRINT),
    ],
    ids=str,
)
def test_a_subject_as_grants_have_it(subject: Subject) -> None:
    assert read(op="read", path="a", subject=subject.key()).subject == subject


@pytest.mark.parametrize(
    "line",
    [b'{"op":"read","path":"a"}\r', b' {"op":"read","path":"a"} \t', b'{"path":"a","op":"read"}\n'],
    ids=str,
)
def test_white_space_around_is_no_matter(line: bytes) -> None:
    assert read_action(line, "/p") == Action(Op.READ, "/p", path="a")


UNREADABLE = {
    "nothing": b"",
    "blank": b" \t\r",
    "no JSON": b"read src/a.py",
    "two values": b'{"op":"read","path":"a"}{"op":"read","path":"a"}',
    "cut": b'{"op":"read","path":"a"',
    "no object": b'["read","a"]',
    "null": b"null",
    "no op": b'{"path":"a"}',
    "unknown op": b'{"op":"chmod","path":"a"}',
    "op in capitals": b'{"op":"READ","path":"a"}',
    "op of another type": b'{"op":["read"],"path":"a"}',
    "unknown key": b'{"op":"read","path":"a","force":true}',
    "key of another operation": b'{"op":"read","path":"a","to":"b"}',
    "key in capitals": b'{"op":"read","Path":"a"}',
    "twice": b'{"op":"read","path":"a","path":".env"}',
    "op twice": b'{"op":"read","op":"write","path":"a"}',
    "path is null": b'{"op":"read","path":null}',
    "path is a number": b'{"op":"read","path":7}',
    "path is a list": b'{"op":"read","path":["a"]}',
    "NaN": b'{"op":"read","path":NaN}',
    "Infinity": b'{"op":"read","path":"a","subject":-Infinity}',
    "not UTF-8": b'{"op":"read","path":"\xff"}',
    "half a surrogate as bytes": b'{"op":"read","path":"\xed\xa0\x80"}',
    "raw NUL": b'{"op":"read","path":"a\0"}',
    "raw newline": b'{"op":"read","path":"a\x0bb"}',
    "byte order mark": b'\xef\xbb\xbf{"op":"read","path":"a"}',
    "UTF-16": '{"op":"read","path":"a"}'.encode("utf-16"),
    "deep": b'{"op":"read","path":' + b"[" * 100_000,
    "deep and whole": b'{"op":"read","path":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "long": b'{"op":"read","path":"' + b"a" * MAX_LINE + b'"}',
    "long number": b'{"op":"read","path":' + b"9" * 100_000 + b"}",
    "comment": b'{"op":"read","path":"a"} // fine',
    "single quotes": b"{'op':'read','path':'a'}",
    "argv is text": b'{"op":"execute","argv":"ls -l"}',
    "argv of numbers": b'{"op":"execute","argv":["sleep",1]}',
    "env is a list": b'{"op":"execute","argv":["ls"],"env":[["A","1"]]}',
    "env of numbers": b'{"op":"execute","argv":["ls"],"env":{"A":1}}',
    "cwd is null": b'{"op":"execute","argv":["ls"],"cwd":null}',
    "subject without anything": b'{"op":"read","path":"a","subject":""}',
    "subject without a name": b'{"op":"read","path":"a","subject":"agent:"}',
    "subject with an empty name": b'{"op":"read","path":"a","subject":"agent::00"}',
    "subject with an empty fingerprint": b'{"op":"read","path":"a","subject":"agent:claude:"}',
    "subject of another kind": b'{"op":"read","path":"a","subject":"root:claude:00"}',
    "subject with a control": b'{"op":"read","path":"a","subject":"agent:a\\u202eb:00"}',
    "subject too long": b'{"op":"read","path":"a","subject":"agent:' + b"a" * 400 + b':00"}',
}


@pytest.mark.parametrize("line", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_a_deny(line: bytes) -> None:
    action, verdict = judge_line(line, "/p", policy)
    assert action is None
    written = json.loads(as_json(action, verdict))
    assert list(written) == KEYS
    assert (written["verdict"], written["risk"], written["step"]) == ("deny", "high", "malformed")
    assert written["reason"].endswith(".")
    assert len(written["reason"]) < 200


@pytest.mark.parametrize(
    "fields",
    [
        {"op": "read"},
        {"op": "read", "path": ""},
        {"op": "read", "path": "a\0b"},
        {"op": "read", "path": "\ud800"},
        {"op": "rename", "path": "a"},
        {"op": "rename", "path": "a", "to": "\udfff"},
        {"op": "execute"},
        {"op": "execute", "argv": [""]},
        {"op": "execute", "argv": ["ls", "\ud800"]},
        {"op": "execute", "argv": ["ls"], "env": {"": "x"}},
        {"op": "network", "url": "https://\ud800"},
        {"op": "network"},
        {"op": "mcp", "tool": "\ud800"},
        {"op": "mcp"},
    ],
    ids=str,
)
def test_what_can_be_read_and_not_be_meant_is_a_deny_too(fields: dict[str, Any]) -> None:
    action, verdict = judge_line(json.dumps(fields).encode(), "/p", policy)
    assert action is not None
    assert (verdict.ruling, verdict.step) == (Ruling.DENY, "malformed")
    written = as_json(action, verdict)
    assert written.isascii()
    assert list(json.loads(written)) == [*KEYS, *(["to"] if fields["op"] == "rename" else [])]
    assert as_text(action, verdict).encode()


def test_the_rename_alone_has_to() -> None:
    line = b'{"op":"rename","path":"a","to":"b"}'
    assert json.loads(as_json(*judge_line(line, "/p", policy)))["to"] == "b"
    assert "a  -> b" in as_text(*judge_line(line, "/p", policy))


def test_one_line_whatever_is_in_the_target() -> None:
    verdict = Verdict(Ruling.ASK, Risk.LOW, "default", "So.", "a\n\u2028\u202e\x85é/\ud800")
    action = Action(Op.READ, "/p", path="x")
    written = as_json(action, verdict)
    assert written.isascii()
    assert len(written.splitlines()) == 1
    assert json.loads(written)["target"] == verdict.target
    shown = as_text(action, verdict)
    assert len(shown.splitlines()) == 1
    assert "\u202e" not in shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(
    st.sampled_from(["op", "path", "to", "argv", "cwd", "env", "url", "tool", "subject", "x"]),
    st.sampled_from([*Op, "assistant", "a", "agent:x:00"]) | st.lists(st.text(), max_size=3) | JSON,
)


@given(line=st.binary() | FIELDS.map(lambda fields: json.dumps(fields).encode()))
def test_no_line_crashes_it(line: bytes) -> None:
    action, verdict = judge_line(line, "/p", policy)
    written = as_json(action, verdict)
    assert written.isascii()
    assert len(written.splitlines()) == 1
    assert len(as_text(action, verdict).splitlines()) == 1
    if action is None:
        assert verdict.ruling is Ruling.DENY
        with pytest.raises(LineError):
            read_action(line, "/p")
