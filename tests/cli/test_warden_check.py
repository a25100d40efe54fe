"""``zeke warden check``: one line in, one line out, in order; nobody asked, nothing touched."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.model.action import Op

LIMIT = 60
WRITE = {"op": "write", "path": "src/a.py"}


def test_the_example_of_the_specification(shell: Any) -> None:
    (verdict,) = shell.verdicts(WRITE)
    assert list(verdict) == ["verdict", "risk", "step", "reason", "target"]
    assert verdict | {"reason": ""} == {
        "verdict": "ask",
        "risk": "medium",
        "step": "default",
        "reason": "",
        "target": "src/a.py",
    }


HOSTILE = [
    b"",
    b"{",
    b"\xff\xfe",
    b"\0",
    b'{"op":"write","path":"a\\u0000b"}',
    b'{"op":"read","path":"\\ud800"}',
    b'{"op":"read","path":"a","path":"b"}',
    b'{"op":"read","path":NaN}',
    b'{"op":"read","path":"' + b"a/" * 700_000 + b'"}',
    b"[" * 200_000,
    b'{"op":"rename","path":"src/a.py","to":"\\u202e"}',
    b'{"op":"read","path":"a","why":"because"}',
    b'{"op":"execute","argv":"rm -rf /"}',
]


def test_each_line_has_its_answer_in_order(shell: Any) -> None:
    good = json.dumps(WRITE).encode()
    lines = [line for hostile in HOSTILE for line in (hostile, good)]
    done = shell.check(b"\n".join(lines))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(verdicts) == len(lines)
    assert all(verdict["verdict"] == "ask" for verdict in verdicts[1::2])
    named = dict(zip(HOSTILE, verdicts[::2], strict=True))
    renamed = named.pop(HOSTILE[10])
    assert renamed["verdict"] in ("ask", "ask_once", "deny")
    for verdict in named.values():
        assert (verdict["verdict"], verdict["step"]) == ("deny", "malformed"), verdict


def test_ends_of_lines(shell: Any) -> None:
    line = json.dumps(WRITE).encode()
    for typed, expected in ((b"", 0), (b"\n", 1), (line, 1), (line + b"\r\n" + line, 2)):
        answers = shell.check(typed).stdout.splitlines()
        assert len(answers) == expected
        assert all(json.loads(answer)["verdict"] == "ask" for answer in answers if typed != b"\n")


def test_a_person_reads_it_too(shell: Any) -> None:
    typed = json.dumps({"op": "read", "path": "src/\u202ea"}).encode() + b"\nnope\n"
    done = shell.run("check", "--project", "project", typed=typed)
    first, second = done.stdout.decode().splitlines()
    assert "read src/\\u{202e}a" in first
    assert second.split()[:3] == ["deny", "high", "malformed"]
    assert "\u202e" not in first


def test_answers_come_one_by_one_and_files_are_looked_at_each_time(shell: Any) -> None:
    with shell.start("check", "--project", str(shell.root), "--json") as running:

        def ask(action: dict[str, Any]) -> tuple[str, str]:
            running.stdin.write(json.dumps(action).encode() + b"\n")
            running.stdin.flush()
            verdict = json.loads(running.stdout.readline())
            return verdict["verdict"], verdict["step"]

        read = {"op": "read", "path": "src/a.py"}
        assert ask(read) == ("allow", "auto_read")
        (shell.root / "src" / "a.py").unlink()
        (shell.root / "src" / "a.py").symlink_to("/etc/passwd")
        assert ask(read) == ("ask_once", "outside")
        (shell.root / "src" / "a.py").unlink()
        os.mkfifo(shell.root / "src" / "a.py")
        assert ask(read) == ("deny", "not_regular")
        assert ask(WRITE | {"path": "b.py"}) == ("ask", "default")
        shell.grant("b.py")
        assert ask(WRITE | {"path": "b.py"}) == ("allow", "project_grant")
        shell.strange("b.py", denies=((Op.WRITE, "b.*"),))
        assert ask(WRITE | {"path": "b.py"}) == ("deny", "project_deny")
        running.stdin.close()
        assert running.wait(LIMIT) == 0


def test_a_line_may_come_in_pieces(shell: Any) -> None:
    with shell.start("check", "--project", str(shell.root), "--json") as running:
        line = json.dumps(WRITE).encode()
        for piece in (line[:9], line[9:] + b"\n" + line[:5]):
            running.stdin.write(piece)
            running.stdin.flush()
        assert json.loads(running.stdout.readline())["verdict"] == "ask"
        running.stdin.write(line[5:])
        running.stdin.close()
        assert json.loads(running.stdout.readline())["verdict"] == "ask"
        assert running.stdout.readline() == b""


def test_many_lines(shell: Any) -> None:
    count = 5_000
    typed = b"".join(b'{"op":"create","path":"src/n%d.py"}\n' % number for number in range(count))
    answers = shell.check(typed).stdout.splitlines()
    assert len(answers) == count
    for number in (0, 1, 999, count - 1):
        assert json.loads(answers[number])["target"] == f"src/n{number}.py"


def test_a_reader_who_has_seen_enough(shell: Any) -> None:
    running = shell.start("check", "--project", str(shell.root), "--json")
    running.stdin.write(json.dumps(WRITE).encode() + b"\n")
    running.stdin.flush()
    assert running.stdout.readline()
    running.stdout.close()
    running.stdin.write(b"{}\n")
    running.stdin.close()
    assert running.wait(LIMIT) == 0
    assert running.stderr.read() == b""
    running.stderr.close()


def test_an_interrupt_says_nothing(shell: Any) -> None:
    # A shell that runs the tests in the background has interrupts ignored, also by their children.
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        running = shell.start("check", "--project", str(shell.root), "--json")
    finally:
        signal.signal(signal.SIGINT, ours)
    with running:
        running.stdin.write(b"{}\n")
        running.stdin.flush()
        assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert running.wait(LIMIT) == 130
        assert running.stderr.read() == b""


def _all_of(base: Path) -> dict[str, tuple[int, int, int]]:
    found = {}
    for folder, folders, files in os.walk(base):
        for name in [*folders, *files, "."]:
            status = os.lstat(f"{folder}/{name}")
            found[f"{folder}/{name}"] = (status.st_ino, status.st_size, status.st_mtime_ns)
    return found


@pytest.mark.parametrize("remembering", [False, True])
def test_nothing_is_touched_and_nothing_made(shell: Any, remembering: bool) -> None:
    if remembering:
        shell.grant("src/a.py")
    before = _all_of(shell.base)
    verdicts = shell.verdicts(
        WRITE,
        {"op": "create", "path": "new/b.py"},
        {"op": "delete", "path": "src/a.py"},
        {"op": "rename", "path": "src/a.py", "to": "src/b.py"},
        {"op": "execute", "argv": ["touch", "made"]},
        {"op": "network", "url": "https://example.org/"},
        {"op": "mcp", "tool": "t"},
    )
    assert verdicts[0]["verdict"] == ("allow" if remembering else "ask")
    assert verdicts[3]["to"] == "src/b.py"
    assert _all_of(shell.base) == before


def test_the_configuration(shell: Any) -> None:
    shell.configure("[ghostllm]\nauto_approve_write = true\n")
    other = shell.base / "other.toml"
    other.write_text('[ghostllm]\nauto_approve_patterns = ["src/*.py", "~/x"]\n')
    assert shell.verdicts(WRITE)[0]["step"] == "auto_write"
    arguments = ("--config", str(other))
    assert shell.verdicts(WRITE, arguments=arguments)[0]["step"] == "auto_pattern"
    done = shell.check(json.dumps(WRITE | {"path": "b.py"}).encode(), *arguments)
    assert json.loads(done.stdout)["step"] == "default"
    assert done.stderr.startswith(b"zeke: auto_approve_patterns: '~/x' is not used: ")
    assert done.stderr.count(b"\n") == 1


def test_a_file_that_came_with_the_project(shell: Any) -> None:
    shell.strange("src/a.py", "b.py", denies=((Op.WRITE, "b.py"),))
    actions = [WRITE, WRITE | {"path": "b.py"}]
    lines = b"".join(json.dumps(action).encode() + b"\n" for action in actions)
    done = shell.check(lines)
    assert [json.loads(line)["step"] for line in done.stdout.splitlines()] == [
        "default",
        "project_deny",
    ]
    assert b"not trusted yet" in done.stderr
    shell.say("trust", "--project", str(shell.root), "--yes")
    done = shell.check(lines)
    assert [json.loads(line)["step"] for line in done.stdout.splitlines()] == [
        "project_grant",
        "project_deny",
    ]
    assert done.stderr == b""


def test_a_grant_is_for_one_subject(shell: Any) -> None:
    agent = f"agent:claude:{'0f' * 32}"
    shell.grant("src/a.py", agent)
    verdicts = shell.verdicts(WRITE, WRITE | {"subject": agent}, WRITE | {"subject": agent[:-1]})
    assert [verdict["verdict"] for verdict in verdicts] == ["ask", "allow", "ask"]


def test_the_directory_is_taken_as_it_is(shell: Any) -> None:
    (shell.base / "link").symlink_to(shell.root / "src")
    typed = b'{"op":"read","path":"a.py"}\n{"op":"read","path":"../.env"}'
    done = shell.run("check", "--project", "link", "--json", typed=typed)
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["verdict"], first["target"]) == ("allow", "a.py")
    assert (second["verdict"], second["risk"]) == ("ask_once", "high")


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        (["--project", "nowhere", "--json"], 1, "nowhere"),
        (["--project", "project/src/a.py", "--json"], 1, "not a directory"),
        (
            ["--project", "project", "--config", "nowhere.toml"],
            1,
            "nowhere.toml cannot be read: No such",
        ),
        (["--project", "", "--json"], 1, "is empty"),
        (["--project", "project", "--config", "deep.toml"], 1, "is not TOML"),
        (["--project", "project", "--config", "project"], 1, "cannot be read"),
        (["--project", "project", "--config", "bad.toml"], 1, "not TOML"),
        (["--project", "project", "--config", "odd.toml"], 1, "auto_approve_reads"),
        (["--project", "project", "--config", "sly.toml"], 1, "\\u{1b}"),
        (["--json"], 2, "--project"),
        (["--project", "project", "--ask"], 2, "--ask"),
    ],
)
def test_what_cannot_be_used(shell: Any, arguments: list[str], status: int, word: str) -> None:
    (shell.base / "bad.toml").write_text("[ghostllm\n")
    (shell.base / "deep.toml").write_text("a = " + "[" * 20_000)
    (shell.base / "odd.toml").write_text("[ghostllm]\nauto_approve_reads = true\n")
    (shell.base / "sly.toml").write_text('"\\u001b[2J" = 1\n')
    done = shell.run("check", *arguments, typed=json.dumps(WRITE).encode())
    assert (done.returncode, done.stdout) == (status, b"")
    complaints = done.stderr
    assert word in complaints.decode()
    if status == 1:
        assert complaints.startswith(b"zeke: ")
        assert complaints.count(b"\n") == 1


def test_no_standard_input(shell: Any) -> None:
    with (shell.base / "out").open("wb") as out:
        running = shell.start("check", "--project", "project", stdin=out, stdout=out)
        _, complaints = running.communicate(timeout=LIMIT)
    assert running.returncode == 1
    assert complaints == b"zeke: Standard input cannot be read: Bad file descriptor.\n"


def test_a_full_disk(shell: Any) -> None:
    with Path("/dev/full").open("wb") as full:
        running = shell.start("check", "--project", "project", stdout=full)
        _, complaints = running.communicate(b"{}\n", timeout=LIMIT)
    assert running.returncode == 1
    assert complaints == b"zeke: Standard output cannot be written: No space left on device.\n"


def test_pipes_that_do_not_wait(shell: Any) -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with shell.start("check", "--project", "project", "--json", stdin=reader) as running:
        os.close(reader)
        for _ in range(3):
            os.write(writer, b"{}\n")
            assert b"malformed" in running.stdout.readline()
        os.close(writer)
        assert running.wait(LIMIT) == 0


def test_the_help_has_the_exit_status(shell: Any) -> None:
    said = " ".join(shell.say("check", "--help").replace("│", " ").split())
    assert "Exit status: 0" in said
    assert "ask_once" in said
