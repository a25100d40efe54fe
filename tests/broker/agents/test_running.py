"""Programs of an agent: consent, what is shown of them, and that they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from tests.fakes.street import Street
from zeke_bridge.agents.effects import Command
from zeke_bridge.broker.agents.running import MOST_RUNNING, execution, visible, without_shell
from zeke_bridge.model.errors import DeniedError, ProcessError

Make = Callable[..., Any]


@pytest.fixture
async def bench(bench: Make, street: Street) -> AsyncGenerator[Make, None]:
    yield bench
    await street.processes.aclose()


pytestmark = pytest.mark.anyio


async def started(one: Any, command: Command, count: int = 1, choice: str = "once") -> Any:
    starting = asyncio.create_task(one.hands.start(command))
    await one.answer(choice, count)
    return await starting


def updates(one: Any) -> list[Any]:
    return [told for told in one.said if told["sessionUpdate"] == "_zeke/terminal"]


async def test_it_runs_what_was_allowed(bench: Make) -> None:
    one = bench()
    starting = asyncio.create_task(one.hands.start(Command(("echo", "hello \x1b"))))
    asked = await one.answer("once")
    assert (asked["verb"], asked["subject"]) == ("run", "codex (agent)")
    program = await starting
    assert program.id == "terminal-1"
    assert (await program.wait()).code == 0
    printed = program.output()
    assert (printed.text, printed.truncated, printed.ended.code) == ("hello \x1b\n", False, 0)
    await one.street.turn()
    last = updates(one)[-1]
    assert last["exit"] == {"code": 0, "signal": None}
    assert {told["terminalId"] for told in updates(one)} == {"terminal-1"}
    assert "".join(told["output"] for told in updates(one)) == "hello \\u{1b}\n"
    assert "\x1b" not in last["command"]
    assert one.lines()[0]["result"] == "started"
    await program.release()
    assert program.output().text == ""


async def test_it_does_not_run_what_is_denied(bench: Make) -> None:
    one = bench()
    with pytest.raises(DeniedError):
        await started(one, Command(("echo", "hello")), choice="deny")
    assert updates(one) == []
    with pytest.raises(DeniedError, match="no program"):
        await one.hands.start(Command(("no-such-program",)))


async def test_it_may_take_as_long_as_its_agent_lets_it(bench: Make) -> None:
    one = bench()
    free = await started(one, Command(("true",)))
    bound = await started(one, Command(("true",), seconds=600.0), count=2)
    given = [program._terminal._limits.seconds for program in (free, bound)]
    assert given == [24 * 3600.0, 600.0]


async def test_it_is_shown_while_it_runs(bench: Make) -> None:
    one = bench()
    program = await started(one, Command(("sh", "-c", "echo one; exec sleep 60")))
    printed = asyncio.Event()
    say = one.said.append

    def heard(update: Any) -> None:
        say(update)
        if update.get("output"):
            printed.set()

    program._say = heard
    async with asyncio.timeout(30):
        await printed.wait()
    assert updates(one)[-1]["output"] == "one\n"
    assert "exit" not in updates(one)[-1]
    await program.kill()
    assert (await program.wait()).signal == "SIGTERM"


async def test_a_flood_is_cut_to_its_end(bench: Make) -> None:
    one = bench()
    flood = "import sys; sys.stdout.write('x' * 3_000_000 + 'end')"
    program = await started(one, Command(("python3", "-c", flood), output_bytes=1000))
    await program.wait()
    await one.street.turn()
    assert program.output().truncated
    assert len(program.output().text) == 1000
    assert max(len(told["output"]) for told in updates(one)) <= 4096
    assert "".join(told["output"] for told in updates(one)).endswith("end")


async def test_all_end_with_the_session(bench: Make) -> None:
    one = bench(settings={"ghostllm": {"enable_consent": False}})
    sleeping = Command(("sleep", "60"))
    programs = [await one.hands.start(sleeping) for _ in range(MOST_RUNNING)]
    with pytest.raises(ProcessError, match="run already"):
        await one.hands.start(sleeping)
    await programs[0].kill()
    await one.street.turn()
    programs.append(await one.hands.start(sleeping))
    await one.hands.aclose()
    assert all([(await program.wait()).signal == "SIGTERM" for program in programs])
    with pytest.raises(ProcessError, match="session is over"):
        await one.hands.start(sleeping)


@pytest.mark.parametrize(
    ("given", "run"),
    [
        (("ls",), ("ls",)),
        (("ls -l",), ("sh", "-c", "ls -l")),
        (("a>b",), ("sh", "-c", "a>b")),
        (("ls", "a b"), ("ls", "a b")),
        ((), ()),
    ],
)
async def test_a_text_for_a_shell_goes_to_one(
    bench: Make, given: tuple[str, ...], run: tuple[str, ...]
) -> None:
    assert without_shell(given) == run
    assert execution(bench().owner, Command(given)).argv == run


async def test_output_is_shown_line_by_line() -> None:
    assert visible("a\tb\r\n\x1b[31mred\n") == "a       b\n\\u{1b}[31mred\n"
