"""``zeke warden check``: a verdict for every line of standard input, asking nobody."""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from zeke_bridge.app.consents import Trial, own_rules
from zeke_bridge.cli.complaint import complain
from zeke_bridge.cli.warden.project import AsJson, Config, chosen
from zeke_bridge.model.action import Action
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.verdict import Verdict
from zeke_bridge.warden.line import MAX_LINE, as_json, as_text, judge_line

_INPUT, _OUTPUT = 0, 1
_CHUNK = 64 * 1024


def check(
    project: Annotated[
        str, typer.Option(metavar="DIR", help="The project's root directory, taken as it is.")
    ],
    config: Config = None,
    as_data: AsJson = False,
) -> None:
    """Judge one action a line from standard input, asking nobody.

    One verdict a line comes out, in order, and nothing is touched. A line is a JSON object: "op"
    (read, write, create, delete, rename, execute, network, mcp); "path"; "to"
    for rename; "argv", "cwd" and "env" for execute; "url" for network; "tool"
    for mcp; and, unless the built-in assistant asks, "subject"
    (agent:NAME:FINGERPRINT or mcp:NAME:FINGERPRINT).

    With --json a verdict is {"verdict": allow|ask|ask_once|deny, "risk":
    low|medium|high, "step": what decided, "reason": a sentence, "target": the
    canonical path}, and "to" for rename. Input that cannot be read is a deny
    of the step "malformed".

    Approvals in the project's .zeke-consents.json count if you trust the
    file; its refusals count always. Approvals of a running session are not
    known here.

    Exit status: 0 when judging began, whatever the verdicts; 1, with a
    sentence on standard error, when the project, the configuration or
    standard input or output cannot be used; 2 for a wrong command line.
    """
    root = chosen(project)
    trial = Trial(root, own_rules(config))
    for warning in trial.warnings():
        complain(warning)
    try:
        _answer(trial, root, as_json if as_data else as_text)
    except BrokenPipeError:
        # Whoever read has seen enough.
        return
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _answer(trial: Trial, root: str, write: Callable[[Action | None, Verdict], str]) -> None:
    for lines in _read_lines():
        # These came together and are answered together, so one look at the rules will do.
        judge = trial.judge()
        answers = [write(*judge_line(line, root, judge)) for line in lines]
        _write_all("".join(f"{answer}\n" for answer in answers).encode())


def _read_lines() -> Iterator[list[bytes]]:
    """Yield the lines that have come, as soon as they have, without their newlines.

    Of a line that is too long only so much is kept as shows that.

    Raises:
        InputError: there is no standard input to read.
    """
    held = b""
    while chunk := _read_chunk():
        first, *others = chunk.split(b"\n")
        held += first
        if others:
            yield [held, *others[:-1]]
            held = others[-1]
        held = held[: MAX_LINE + 1]
    if held:
        yield [held]


def _read_chunk() -> bytes:
    while True:
        try:
            return os.read(_INPUT, _CHUNK)
        except BlockingIOError:
            select.select([_INPUT], [], [])
        except OSError as error:
            if error.errno == errno.EIO:
                # The terminal it was typed at is gone.
                return b""
            raise InputError(f"Standard input cannot be read: {error.strerror}.") from error


def _write_all(content: bytes) -> None:
    while content:
        try:
            content = content[os.write(_OUTPUT, content) :]
        except BlockingIOError:
            select.select([], [_OUTPUT], [])
        except BrokenPipeError:
            raise
        except OSError as error:
            raise InputError(f"Standard output cannot be written: {error.strerror}.") from error
