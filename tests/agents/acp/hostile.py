"""An agent that keeps to nothing: it prints the raw lines that its script gives it.

    python tests/agents/acp/hostile.py SCRIPT.json

``SCRIPT.json`` is ``{"answers": {METHOD: LINES}}``; ``initialize`` and ``session/new`` have decent
answers of their own unless it names them. ``LINES`` are printed when a request or notification
``METHOD`` arrives; in each ``$ID`` is the id of the request and ``$CWD`` the directory. A line that
is an object is one of

    {"wait": METHOD}     read on until METHOD has come (or, with "reply", an answer to that id)
    {"repeat": N, "line": TEXT}   the same line N times, ``$N`` counting
    {"bytes": HEX}       these bytes
    {"stderr": TEXT}     on its error output
    {"file": PATH, "text": TEXT}  a file, written without asking anybody
    {"sleep": true}      reads and answers no more, until its input ends
    {"deaf": true}       not even that
    {"exit": CODE}

Every answer that it gets is kept in ``SCRIPT.json.heard``, a line each.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

GREETING = '{"jsonrpc":"2.0","id":$ID,"result":{"protocolVersion":1,"agentCapabilities":{}}}'
SESSION = '{"jsonrpc":"2.0","id":$ID,"result":{"sessionId":"s1"}}'
END = '{"jsonrpc":"2.0","id":$ID,"result":{"stopReason":"end_turn"}}'


class Hostile:
    def __init__(self, script: Path) -> None:
        answers = json.loads(script.read_text())["answers"]
        self.answers = {"initialize": [GREETING], "session/new": [SESSION], **answers}
        self.heard = script.with_name(script.name + ".heard")
        self.heard.touch()
        # Not ``sys.stdout``, which with PYTHONUNBUFFERED loses what is left of a write cut short.
        self.output = open(1, "wb", closefd=False)  # noqa: SIM115

    def run(self) -> None:
        while (message := self.read()) is not None:
            if "method" in message:
                request = json.dumps(message.get("id"))
                for line in self.answers.get(message["method"], []):
                    self.do(line, request)

    def read(self) -> dict[str, Any] | None:
        line = sys.stdin.buffer.readline()
        if not line:
            return None
        message: dict[str, Any] = json.loads(line)
        if "method" not in message:
            with self.heard.open("ab") as file:
                file.write(line)
        return message

    def do(self, line: Any, request: str) -> None:
        if isinstance(line, str):
            self.write(
                line.replace("$ID", request).replace("$CWD", str(Path.cwd())).encode() + b"\n"
            )
        elif "wait" in line or "reply" in line:
            while (message := self.read()) is not None:
                if message.get("method", 0) == line.get("wait"):
                    return
                if "reply" in line and "method" not in message and message["id"] == line["reply"]:
                    return
            sys.exit(0)
        elif "repeat" in line:
            text = line["line"].replace("$ID", request) + "\n"
            self.write("".join(text.replace("$N", str(n)) for n in range(line["repeat"])).encode())
        elif "bytes" in line:
            self.write(bytes.fromhex(line["bytes"]))
        elif "file" in line:
            Path(line["file"]).write_text(line["text"])
        elif "stderr" in line:
            sys.stderr.write(line["stderr"])
            sys.stderr.flush()
        elif "sleep" in line:
            while sys.stdin.buffer.read(65536):
                pass
        elif "deaf" in line:
            signal.pause()
        else:
            os._exit(line["exit"])

    def write(self, data: bytes) -> None:
        self.output.write(data)
        self.output.flush()


if __name__ == "__main__":
    Hostile(Path(sys.argv[1])).run()
