"""What grants are found by, and the canonical texts of what they are for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.grant import Grant
from zeke_bridge.model.target import Facts, Target
from zeke_bridge.warden.form import malformed
from zeke_bridge.warden.grants import GrantIndex, endpoint, target_text

A, B = Target("a é.py"), Target("b.py")


def grant(name: str, expires: float | None) -> Grant:
    return Grant(name, "project", Op.WRITE, "assistant", "a", 0.0, expires)


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        ([5.0, None, 7.0], "1"),
        ([None, 5.0], "0"),
        ([5.0, 7.0], "1"),
        ([7.0, 5.0], "0"),
        ([7.0, 7.0], "0"),
        ([None, None], "0"),
        ([3.0], None),
    ],
)
def test_of_several_for_one_the_longest_counts(ends: list[float | None], found: str | None) -> None:
    index = GrantIndex(grant(str(number), end) for number, end in enumerate(ends))
    hit = index.find(Op.WRITE, "assistant", "a", 3.0)
    assert (hit.id if hit else None) == found
    assert len(index.grants) == len(ends)


@given(st.lists(st.none() | st.floats(0, 10), max_size=4), st.floats(0, 10))
def test_it_is_found_while_any_of_them_holds(ends: list[float | None], now: float) -> None:
    index = GrantIndex(grant(str(number), end) for number, end in enumerate(ends))
    holds = any(end is None or now < end for end in ends)
    assert (index.find(Op.WRITE, "assistant", "a", now) is not None) is holds
    for key in ((Op.CREATE, "assistant", "a"), (Op.WRITE, "agent:a:b", "a"), (Op.WRITE, "assistant", "A")):  # fmt: skip
        assert index.find(*key, now) is None


def command(**changes: Any) -> Action:
    return Action(Op.EXECUTE, "/p", **{"argv": ("ls", "é"), **changes})


@pytest.mark.parametrize(
    ("action", "facts", "text"),
    [
        (Action(Op.READ, "/p", path="x"), Facts(A), "a é.py"),
        (Action(Op.RENAME, "/p", path="x", to="y"), Facts(A, B), '["a é.py","b.py"]'),
        (command(), Facts(), '{"argv":["ls","é"],"cwd":"","env":[],"program":""}'),
        (
            command(env=(("Z", "1"), ("A", "2"))),
            Facts(cwd=Target("sub"), program="/bin/ls"),
            '{"argv":["ls","é"],"cwd":"sub","env":[["A","2"],["Z","1"]],"program":"/bin/ls"}',
        ),
        (Action(Op.NETWORK, "/p", url="HTTPS://u.example:8443/a"), Facts(), "https://u.example:8443"),
        (Action(Op.MCP, "/p", tool="t"), Facts(), "t"),
    ],
)  # fmt: skip
def test_the_canonical_text_of_a_target(action: Action, facts: Facts, text: str) -> None:
    assert target_text(action, facts) == text


TOOLS = st.one_of(st.text(min_size=1, max_size=20), st.just('{"sha256":"","tool":"t"}'))
HASHES = st.sampled_from(["", "0" * 64, "1" * 64])


@given(TOOLS, HASHES, TOOLS, HASHES)
def test_a_tool_by_another_definition_is_another_target(
    name: str, digest: str, other_name: str, other_digest: str
) -> None:
    one = Action(Op.MCP, "/p", tool=name, tool_sha256=digest)
    other = Action(Op.MCP, "/p", tool=other_name, tool_sha256=other_digest)
    if malformed(one, Facts()) or malformed(other, Facts()):
        return
    same = (name, digest) == (other_name, other_digest)
    assert (target_text(one, Facts()) == target_text(other, Facts())) is same
    assert (one.digest() == other.digest()) is same


def test_a_tool_cannot_be_called_as_a_target_is() -> None:
    known = Action(Op.MCP, "/p", tool="t", tool_sha256="0" * 64)
    imitation = Action(Op.MCP, "/p", tool=target_text(known, Facts()))
    assert target_text(imitation, Facts()) == target_text(known, Facts())
    assert malformed(imitation, Facts())
    assert not malformed(known, Facts())


@pytest.mark.parametrize(
    ("action", "facts", "reason"),
    [
        (Action(Op.READ, "/p"), Facts(), "the path was not resolved"),
        (Action(Op.RENAME, "/p"), Facts(A), "a rename needs two paths"),
        (Action(Op.RENAME, "/p"), Facts(None, B), "a rename needs two paths"),
    ],
)
def test_without_facts_there_is_none(action: Action, facts: Facts, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        target_text(action, facts)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://example.com", ("https", "example.com", 443)),
        ("HTTP://Example.COM/a?b#c", ("http", "example.com", 80)),
        ("ws://a_b.example.", ("ws", "a_b.example", 80)),
        ("ssh://host:2222", ("ssh", "host", 2222)),
        ("custom://host:1", ("custom", "host", 1)),
        ("https://[::1]:8/", ("https", "[::1]", 8)),
        ("https://[0:0::1]", ("https", "[::1]", 443)),
        ("https://127.0.0.1", ("https", "127.0.0.1", 443)),
    ],
)
def test_endpoints(url: str, found: tuple[str, str, int]) -> None:
    assert endpoint(url) == found


CHARACTERS = "the URL holds spaces, backslashes or characters beyond ASCII"
HOST = "the URL has no plain host"
PORT = "the URL names no port and its scheme has none"
NAME = "the URL's host is not a host name"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://exämple.com", CHARACTERS),
        ("https://example.com/\n", CHARACTERS),
        ("https://example.com/a b", CHARACTERS),
        ("https://example.com\\@evil.com", CHARACTERS),
        ("", HOST),
        ("example.com", HOST),
        ("file:///etc/passwd", HOST),
        ("https://user@example.com", HOST),
        ("https://example%2ecom", HOST),
        ("custom://host", PORT),
        ("https://host:0", PORT),
        ("//host", PORT),
        ("https://-x", NAME),
        ("https://a$b", NAME),
        ("https://" + "a" * 300, NAME),
        ("https://host:99999", "Port out of range"),
        ("https://host:x", "Port could not be cast"),
        ("https://[::g]", ""),
    ],
)
def test_what_two_programs_might_read_differently(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}"):
        endpoint(url)
