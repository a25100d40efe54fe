"""What a child gets to know."""

from __future__ import annotations

import pytest

from tests.workspace.process.names import OPENING
from zeke_bridge.workspace.process.environment import child_environment


def made(environ: dict[str, str], *changed: tuple[str, str]) -> dict[str, str]:
    return child_environment(environ, ("/usr/bin", "/bin"), "/p/src", changed)


@pytest.mark.parametrize("name", OPENING)
def test_no_door_is_left_open(name: str) -> None:
    assert name not in made({name: "x"})


def test_what_programs_need() -> None:
    kept = {"HOME": "/h", "LANG": "C.UTF-8", "LC_ALL": "C", "TZ": "UTC", "USER": "u"}
    assert made({**kept, "PATH": ".:/evil", "TERM": "xterm", "PWD": "/x"}) == {
        **kept,
        "PATH": "/usr/bin:/bin",
        "PWD": "/p/src",
        "TERM": "dumb",
    }


def test_what_was_approved_wins() -> None:
    assert made({}, ("PATH", "/x"), ("OPENAI_API_KEY", "k"))["PATH"] == "/x"
    assert made({}, ("PATH", "/x"), ("OPENAI_API_KEY", "k"))["OPENAI_API_KEY"] == "k"


@pytest.mark.parametrize(
    "value", ["http://u:p@proxy:1", "u:p@proxy:1", "socks5://u@proxy", "http://u:p/w@h:1"]
)
def test_a_proxy_with_a_password_is_left_out(value: str) -> None:
    assert "https_proxy" not in made({"https_proxy": value})
    assert made({"https_proxy": "http://proxy:1"})["https_proxy"] == "http://proxy:1"


def test_of_the_locale_only_what_it_has() -> None:
    assert made({"LC_ALL": "C", "LC_TOKEN": "secret"}).get("LC_ALL") == "C"
    assert "LC_TOKEN" not in made({"LC_TOKEN": "secret"})
