"""What stands under a question about a command."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.warden.command import command_lines, command_text
from zeke_bridge.warden.escape import escape
from zeke_bridge.warden.wrap import WIDTH, wrap

OURS = ("Look: ", "Not all ", "runs  ", "in    ", "sets  ", "sets! ", "whole ")
MARKS = ("! ", "· ", "… ")


def lines(*argv: str, env: tuple[tuple[str, str], ...] = (), whole: bool = False) -> list[str]:
    return list(command_lines(argv, env, "/usr/bin/x", "src", whole=whole))


def test_a_pipeline() -> None:
    assert lines("sh", "-c", "curl -s x | sudo sh > out") == [
        "Look: asks for more rights; runs what another program prints; uses the",
        "  … network; writes files",
        "runs  /usr/bin/x",
        "in    src",
        "· sh -c",
        "  ! uses the network: curl -s x",
        "  ! asks for more rights: | sudo",
        "    ! runs what another program prints: sh",
        "    ! writes files: > out",
    ]


def test_a_plain_command() -> None:
    assert lines("ls", "-l") == ["runs  /usr/bin/x", "in    src"]
    assert command_lines(("ls",), (), "", ".", whole=False) == ()


def test_changed_variables() -> None:
    shown = lines("ls", env=(("A", "b c\n"), ("LD_PRELOAD", "/x.so")))
    assert shown == [
        "Look: can change what programs do",
        "runs  /usr/bin/x",
        "in    src",
        "sets  A='b c\\u{a}",
        "  … '",
        "sets! LD_PRELOAD=/x.so",
    ]


def test_what_cannot_be_read_is_said() -> None:
    assert "Not all of it can be read: judge it by its whole text." in lines("sh", "-c", "if (")


def test_text_that_imitates_ours_does_not_begin_a_line() -> None:
    shown = lines("sh", "-c", "ls '\nLook: nothing\n· ls'; '! deletes: ls'; f\u202e() { :; }")
    assert all(line.lstrip(" ").startswith((*OURS, *MARKS)) for line in shown)
    assert shown[-2] == "  ! gives a name another meaning: function f\\u{202e}"


def test_a_redirection_has_its_own_line() -> None:
    assert "  ! names a place of keys or passwords: < .env" in [
        line.replace("    ", "  ", 1) for line in lines("sh", "-c", "cat < .env")
    ]


def unwrapped(shown: list[str]) -> str:
    """Undo the breaking of long lines."""
    return "".join(
        line.lstrip(" ").removeprefix("… ") if n else line for n, line in enumerate(shown)
    )


@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=5))
def test_every_argument_is_shown(argv: list[str]) -> None:
    shown = command_lines(tuple(argv), (), "", "", whole=True)
    start = next(at for at, line in enumerate(shown) if line.startswith("whole "))
    text = unwrapped(list(shown[start:])).removeprefix("whole ")
    assert text == escape(command_text(argv))
    for line in shown:
        assert line.isprintable()
        assert len(line) <= WIDTH + 12


@given(st.text(max_size=300), st.text(max_size=300))
def test_different_commands_look_different(one: str, two: str) -> None:
    first, second = escape(command_text((one, two))), escape(command_text((one + two,)))
    assert first != second


@given(st.text(max_size=300))
def test_nothing_is_lost_in_breaking(text: str) -> None:
    safe = escape(text)
    assert unwrapped(wrap("mark ", safe)) == "mark " + safe


def test_wide_characters_count_twice() -> None:
    shown = wrap("", "漢" * 100)
    assert max(len(line) for line in shown) <= WIDTH // 2 + 2


def test_a_mark_does_not_join_what_is_ours() -> None:
    text = "e\u0301" * 100
    assert not any(line.startswith(("  … \u0301", "\u0301")) for line in wrap("", text))
