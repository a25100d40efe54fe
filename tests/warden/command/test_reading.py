"""Reading commands that want to be misread, or to take for ever."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.warden.command import Effect, read_command, syntax
from zeke_bridge.warden.command.reading import MAX_PARTS
from zeke_bridge.warden.command.syntax import MAX_BYTES, read_shell

PIECES = """
| || && ; & ( ) { } [[ ]] [ $( ` " ' $(( )) <( >( > < >> << <<- <<< A E 2>&1 if then fi for do done
while case esac in x a=1 ${ $x \\ # ! * {1..3} function f() =~ -eq sh bash -c sudo env xargs find
-exec rm curl eval $'\\x' /dev/tcp/a/1 .env PATH=
""".split()  # noqa: SIM905 - as they are typed


def test_no_argv() -> None:
    assert read_command(()).parts == ()


def test_a_plain_command_needs_no_parser() -> None:
    code = (
        "import sys; from zeke_bridge.warden.command import read_command;"
        "read_command(('git', 'push')); sys.exit('tree_sitter' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_programs_by_all_their_names() -> None:
    reading = read_command(("sudo", "sh", "-c", "/bin/Rm x; $y; c'u'rl z"))
    assert reading.programs == ("sudo", "sh", "rm", "/bin/Rm", "curl")


@pytest.mark.parametrize("unit", ["a;", "(", ")", "|", "<<A\n", "$(", "`", "{ ", "if ", "((f()=~",
                                  "]])", "${a", "<<<", ">", "'", '"', "\\", "#\n", "[[ ", "a[",
                                  "=~ ", "f()", "case x in ", "\n", " ", "a"])  # fmt: skip
def test_a_flood_is_refused_or_read_in_time(unit: str) -> None:
    for size in (500, MAX_BYTES - 1, MAX_BYTES * 2):
        start = perf_counter()
        reading = read_command(("sh", "-c", (unit * size)[:size]))
        # The worst takes a tenth of this; without the limits it takes minutes.
        assert perf_counter() - start < 2
        assert len(reading.parts) <= MAX_PARTS + 1
        assert bool(reading.problem) or size < MAX_BYTES


@pytest.mark.parametrize(
    "argv",
    [
        ("env",) * 100 + ("ls",),
        ("sh", "-c", "a;" * 300),
        ("sh", "-c", "$(" * 60 + "a" + ")" * 60),
        ("sh", "-c", "x" * (MAX_BYTES + 1)),
        ("sh", "-c", "sh -c '" + "y" * MAX_BYTES + "'"),
        ("sh", "-c", "sh -c x\n" * 60),
        ("sh", "-c", "()" * 600),
    ],
)
def test_what_nobody_could_be_shown(argv: tuple[str, ...]) -> None:
    reading = read_command(argv)
    assert reading.problem.endswith(", so it is not run.")
    assert reading.parts == ()


def test_shells_in_shells_are_followed() -> None:
    text = "rm x"
    for _ in range(5):
        text = "sh -c '" + text.replace("'", "'\\''") + "'"
    reading = read_command(("sh", "-c", text))
    assert reading.parts[-1].effects == (Effect.DELETES,)
    assert reading.complete


@pytest.mark.parametrize("gap", ["\r", "\v", "\f", "\\ ", "\\\t", "\0"])
def test_what_the_parser_passes_over_is_told(gap: str) -> None:
    assert not read_shell(f"ls {gap} rm x").complete


def test_arguments_behind_a_here_document() -> None:
    reading = read_command(("sh", "-c", "bash <<E -c 'rm x'\nls\nE"))
    assert Effect.DELETES in reading.effects()


@pytest.mark.parametrize(
    "text",
    [
        "echo hello\\\n# a comment; rm -rf ~",
        "x=()#; rm -rf ~",
        "cat <<E\n`rm -rf ~`\nE",
        "r\\\nm -rf ~",
        "x=$ rm -rf ~",
        "x=#} rm -rf ~",
        "echo `echo \\`rm -rf ~\\``",
        "time >/dev/null rm -rf ~",
    ],
)
def test_where_a_shell_reads_something_else_it_says_so(text: str) -> None:
    # Each of these runs rm in bash, and the grammar does not show it as what it is.
    assert not read_command(("bash", "-c", text)).complete


@pytest.mark.parametrize("text", ["ls # fine", "x='a b' ls", "x=(a b); ls", "ls >a; rm b", "a $b"])
def test_plain_text_is_read_whole(text: str) -> None:
    assert read_command(("bash", "-c", text)).complete


def test_text_that_comes_to_xargs() -> None:
    reading = read_command(("sh", "-c", "curl x | xargs -0 sh -c"))
    assert Effect.OUTPUT in reading.effects()


def test_effects_are_listed_with_the_weightiest_first() -> None:
    reading = read_command(("sh", "-c", "cp a b; curl x | sudo sh; rm c"))
    assert reading.effects() == (
        Effect.PRIVILEGE,
        Effect.DELETES,
        Effect.OUTPUT,
        Effect.NETWORK,
        Effect.WRITES,
    )


@given(st.lists(st.text(), max_size=6))
def test_no_argv_raises(argv: list[str]) -> None:
    reading = read_command(tuple(argv))
    assert reading.problem or bool(reading.parts) == bool(argv)


@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from(["", " ", "\n"]))
def test_no_shell_text_raises(pieces: list[str], between: str) -> None:
    reading = read_command(("sh", "-c", between.join(pieces)))
    assert all(part.depth >= 0 for part in reading.parts)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    read_shell(text)


@given(st.text())
def test_the_parser_sees_plain_bytes_only(text: str) -> None:
    # Beyond ASCII its scanner reads where nothing is, and the process may end there.
    seen: list[bytes] = []
    real = syntax._parser()

    class Spy:
        def parse(self, data: bytes) -> Any:
            seen.append(data)
            return real.parse(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(syntax, "_parser", Spy)
        read_shell(text)
    assert [data.isascii() for data in seen] == [True]
    assert len(seen[0]) == len(text.encode(errors="surrogatepass"))


@given(st.lists(st.text(min_size=1).filter(lambda text: "\0" not in text), min_size=1, max_size=5))
def test_what_quotes_hide_is_found(words: list[str]) -> None:
    """Words quoted as the shell has it are read back as they were."""
    text = "rm " + " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    shell = read_shell(text)
    if not shell.problem and shell.complete:
        call = shell.items[0].call
        assert call is not None
        assert [word.value for word in call.words] == ["rm", *words]
