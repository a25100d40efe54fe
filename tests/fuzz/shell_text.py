"""A command: read to its end or given up with a sentence, and shown without anything hidden."""

from __future__ import annotations

from zeke_bridge.warden.command import command_lines, read_command

SHELLS = (("sh", "-c"), ("bash", "-lc"), ("env", "A=1", "bash", "-c"), ("eval",))


def check(data: bytes) -> None:
    """Raise ``AssertionError`` when reading ``data`` breaks a promise.

    The first byte says whether the rest is a shell's text or arguments with NUL between.
    """
    text = data[1:].decode(errors="replace")
    kind = data[0] if data else 0
    argv = tuple(text.split("\0")) if kind % 5 == 4 else (*SHELLS[kind % 5], text)
    reading = read_command(argv)
    if reading.problem:
        assert reading.problem.endswith(".")
        assert not reading.parts
        return
    assert reading.parts
    lines = command_lines(argv, (("NAME", text),), argv[0], "sub", whole=True)
    assert all(line.isprintable() for line in lines)
    assert any(line.startswith("whole ") for line in lines)
