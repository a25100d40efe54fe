"""What bounds come to, without a system."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.workspace.process.containment.rules import DEVICES, Bounds, Rule, around, rules

FILES = (
    "/etc/passwd",
    "/dev/null",
    "/dev/pts/0",
    "/home/p/.git/config",
    "/home/p/src/a",
    "/home/p/src/.envrc",
    "/home/s/token",
    "/home/s2/x",
)


def names(path: str, files: Sequence[str] = FILES) -> Sequence[str]:
    start = path.rstrip("/") + "/"
    below = (file.removeprefix(start) for file in files if file.startswith(start))
    return tuple(dict.fromkeys(rest.split("/")[0] for rest in below))


def reached(path: str, tops: Sequence[str]) -> bool:
    return any(path == top or path.startswith(top.rstrip("/") + "/") for top in tops)


@pytest.mark.parametrize(
    ("top", "kept", "expected"),
    [
        ("/", [], ["/"]),
        ("/home/p", [], ["/home/p"]),
        ("/home/p", ["/home/p"], []),
        ("/home/p", ["/home"], []),
        ("/home/p", ["/"], []),
        ("/home/p", ["/home/p2", "/etc"], ["/home/p"]),
        ("/home/p", ["/home/p/.git"], ["/home/p/src"]),
        ("/home/p", ["/home/p/none"], ["/home/p/.git", "/home/p/src"]),
        ("/home/p", ["/home/p/src/b/c"], ["/home/p/.git", "/home/p/src/.envrc", "/home/p/src/a"]),
        ("/", ["/home/s"], ["/dev", "/etc", "/home/p", "/home/s2"]),
    ],
)
def test_what_is_around(top: str, kept: list[str], expected: list[str]) -> None:
    assert sorted(around(top, kept, names)) == expected


path = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(lambda p: "/" + "/".join(p))


@given(st.lists(path, max_size=12), st.lists(path, max_size=5), path)
def test_all_but_what_is_kept(files: list[str], kept: list[str], top: str) -> None:
    tops = tuple(around(top, kept, lambda at: names(at, files)))
    for file in files:
        inside = reached(file, [top]) and not reached(file, kept)
        # A file that is a directory as well, of a kept one, is only known by its entries.
        partly = any(each.startswith(f"{file}/") for each in kept)
        assert reached(file, tops) == (inside and not partly)
    assert not any(reached(each, tops) for each in kept)


def test_the_rules() -> None:
    bounds = Bounds(("/home/p", "/home/s2"), ("/home/p/.git",), ("/home/s",))
    found = set(rules(bounds, names))
    assert found == {
        *(Rule(path, "read") for path in ("/etc", "/home/p", "/home/s2", "/dev/null")),
        *(Rule(path, "write") for path in ("/home/p/src", "/home/s2", *DEVICES)),
    }


def test_what_is_hidden_is_not_written_either() -> None:
    bounds = Bounds(("/home",), (), ("/home/s/token",))
    tops = [rule.path for rule in rules(bounds, names)]
    assert not reached("/home/s/token", tops)
    assert not reached("/dev/pts/0", tops)
