"""The paths that a declared request names, however it says them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.agents.effects import Declared
from zeke_bridge.broker.agents.named import MOST_NAMED, MOST_TEXT, NOBODY_KNOWS, named

Make = Callable[..., Any]
ROOT = "/p/of mine"
HOME = str(Path.home())


def text(said: str) -> dict[str, Any]:
    return {"content": [{"type": "content", "content": {"type": "text", "text": said}}]}


def read(title: str = "t", **raw: Any) -> Declared:
    return Declared(title, "read", raw=raw)


SECRETS: list[tuple[Declared, str]] = [
    (read(rawInput={"cmd": "cat ~/.ssh/id_rsa"}), f"{HOME}/.ssh/id_rsa"),
    (read(rawInput={"query": "id_rsa in ~/.ssh"}), f"{HOME}/.ssh"),
    (read(rawInput={"query": "id_rsa in ~/.ssh"}), "id_rsa"),
    (read(rawInput={"url": "FILE:///home/me/.ssh/id_rsa"}), "/home/me/.ssh/id_rsa"),
    (read(rawInput={"q": "see File:///etc/shadow"}), "/etc/shadow"),
    (read(rawInput={"q": "cat<'/etc/a b'"}), "/etc/a"),
    (read(rawInput={"args": ["--file=/home/me/.ssh/id_rsa"]}), "/home/me/.ssh/id_rsa"),
    (read(rawInput={"args": ["-d", "@/etc/passwd"]}), "/etc/passwd"),
    (read(rawInput={"q": "cc -I/usr/x"}), "/usr/x"),
    (read(rawInput={"q": "line\nof .env, too"}), ".env"),
    (read(rawInput={"~/.netrc": 1}), f"{HOME}/.netrc"),
    (read("Read ~/.ssh/id_rsa"), f"{HOME}/.ssh/id_rsa"),
    (read("Read `../x`"), "../x"),
    (read("Show server.pem!"), "server.pem"),
    (read("Append to .bashrc"), ".bashrc"),
    (read(**text("Read /etc/shadow and .env")), "/etc/shadow"),
    (read(**text("Read /etc/shadow and .env")), ".env"),
    (read(**text("cat $NO_SUCH_VARIABLE/x")), NOBODY_KNOWS),
    (read(rawInput={"url": "file://[x"}), NOBODY_KNOWS),
    (Declared("t", "execute", argv=("sh", "-c", "cat ~/.ssh/a")), f"{HOME}/.ssh/a"),
]


@pytest.mark.parametrize(("request_", "path"), SECRETS)
def test_a_path_is_found_within_words(request_: Declared, path: str) -> None:
    assert path in named(request_, ROOT)


@pytest.mark.parametrize(
    "request_",
    [
        read("Search the web"),
        read("Read https://example.com/.env/x"),
        read(rawInput={"url": "https://example.com/etc"}),
        read(**text("All is well, he said. 1 + 1 = 2")),
        read(content=[{"type": "diff", "newText": "a /etc/shadow"}]),
    ],
)
def test_what_is_no_path_is_none(request_: Declared) -> None:
    assert named(request_, ROOT) == ()


@pytest.mark.parametrize("root", ["/p/of mine", "/p/a@b-c/d-e", "/p"])
def test_the_project_may_be_called_anything(root: str) -> None:
    found = named(read(f"cat {root}/src/a.py"), root)
    assert all(path.startswith(("./", f"{root}/", "b-c/")) for path in found)
    assert any(path.endswith("src/a.py") for path in found)


def test_each_is_named_once_and_too_many_are_unknown() -> None:
    assert named(read(**text("src/a src/a\nsrc/a")), ROOT) == ("src/a",)
    many = named(read(**text(" ".join(f"src/{n}" for n in range(MOST_NAMED + 10)))), ROOT)
    assert (len(many), many[-1]) == (MOST_NAMED + 1, NOBODY_KNOWS)


def test_what_is_too_long_to_be_looked_at_is_unknown() -> None:
    assert named(read(**text("a " * (MOST_TEXT // 2 - 1))), ROOT) == ()
    assert NOBODY_KNOWS in named(read(**text("a " * MOST_TEXT)), ROOT)


@pytest.mark.anyio
async def test_it_is_asked_about_each_time(bench: Make) -> None:
    one = bench()
    for number, (request, _) in enumerate(SECRETS[:5], 1):
        asking = asyncio.create_task(one.hands.declared(request))
        asked = await one.answer("once", number)
        assert await asking
        assert asked["choices"] == ["once", "deny"]
