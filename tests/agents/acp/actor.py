"""An agent that does what a script says; also for tests elsewhere.

    python tests/agents/acp/actor.py SCRIPT.json

``SCRIPT.json`` is ``{"prompts": [[STEP, …], …], …}``: a list of steps for each prompt, the last one
again for those beyond. A step is an object with one of these keys; paths may be relative, and are
then from the session's directory:

    say, think: TEXT                     a chunk of the answer, of its thoughts
    update: {…}                          any session update, as on the wire
    plan: [[CONTENT, STATUS], …]         commands: [[NAME, DESCRIPTION], …]      mode: ID
    read: PATH, line, limit              through fs/read_text_file
    write: PATH, text                    through fs/write_text_file
    edit: PATH, old, new                 reads it, replaces, writes it
    run: [PROGRAM, …], env, cwd          terminal: create, wait, output, release
    permit: {toolCall}, options          session/request_permission
    ask: MESSAGE, schema | url           elicitation/create
    hang: true                           until it is cancelled
    wait: PATH                           until somebody writes into that FIFO
    die: CODE, text                      prints text on its error output and exits
    stop: REASON                         ends the turn

What comes back is said as a line ``NAME = JSON`` of the answer when the step has ``as: NAME``; an
error is ``{"error": {"code": …, "message": …}}``. Other keys of the script: ``capabilities``,
``auth`` (methods; ``login`` is the one that lets in), ``modes``, ``models``, ``config``,
``sessions`` (for session/list), ``replay`` (updates of session/load), ``slow`` (what never answers),
``sdk`` (true: by the SDK's own agent side, which checks what it gets and takes a second to start).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import sys
import threading
from pathlib import Path
from typing import Any, Protocol

Json = dict[str, Any]

METHODS = {
    "initialize": "initialize",
    "authenticate": "authenticate",
    "session/new": "new_session",
    "session/load": "load_session",
    "session/resume": "resume_session",
    "session/list": "list_sessions",
    "session/close": "close_session",
    "session/set_mode": "set_session_mode",
    "session/set_config_option": "set_config_option",
    "session/prompt": "prompt",
    "session/cancel": "cancel",
}


class Refused(Exception):
    """An error of JSON-RPC."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, "data": data}


class Wire(Protocol):
    async def request(self, method: str, params: Json) -> Any: ...

    async def notify(self, method: str, params: Json) -> None: ...


class Actor:
    """The SDK calls these methods by name; so does ``Lines``."""

    wire: Wire

    def __init__(self, script: Json) -> None:
        self.script = script
        self.turn = 0
        self.cwd = ""
        self.session = "actor-1"
        self.cancelled = asyncio.Event()
        self.in_by: str | None = None
        self.config = script.get("config", [])

    def on_connect(self, conn: Any) -> None:
        self.wire = Sdk(conn)

    async def initialize(self, protocol_version: int, **_: Any) -> Json:
        await self._slow("initialize")
        return {
            "protocolVersion": self.script.get("version", 1),
            "agentCapabilities": self.script.get("capabilities", {}),
            "authMethods": self.script.get("auth", []),
            "agentInfo": {"name": "actor", "version": "1"},
        }

    async def authenticate(self, method_id: str, **_: Any) -> Json:
        self.in_by = method_id
        return {}

    async def new_session(self, cwd: str, **_: Any) -> Json:
        await self._slow("session/new")
        if self.script.get("auth") and self.in_by != self.script.get("login"):
            raise self._error(-32000, "Authentication required")
        self.cwd = cwd
        made: Json = {"sessionId": self.session}
        for key, name in (("modes", "modes"), ("config", "configOptions"), ("models", "models")):
            if key in self.script:
                made[name] = self.script[key]
        return made

    async def load_session(self, cwd: str, session_id: str, **_: Any) -> Json:
        self.cwd, self.session = cwd, session_id
        for update in self.script.get("replay", []):
            await self._update(update)
        return {}

    async def resume_session(self, cwd: str, session_id: str, **_: Any) -> Json:
        self.cwd, self.session = cwd, session_id
        return {}

    async def list_sessions(self, cursor: str | None = None, **_: Any) -> Json:
        pages = self.script["sessions"]
        number = int(cursor or 0)
        more = {"nextCursor": str(number + 1)} if number + 1 < len(pages) else {}
        return {"sessions": pages[number], **more}

    async def close_session(self, session_id: str, **_: Any) -> Json:
        if mark := self.script.get("closed"):
            Path(mark).write_text(session_id)
        return {}

    async def set_session_mode(self, mode_id: str, session_id: str, **_: Any) -> Json:
        if mode_id not in [one["id"] for one in self.script["modes"]["availableModes"]]:
            raise self._error(-32602, "Invalid params", {"details": "no such mode"})
        await self._update({"sessionUpdate": "current_mode_update", "currentModeId": mode_id})
        return {}

    async def set_config_option(
        self, config_id: str, session_id: str, value: Any, **_: Any
    ) -> Json:
        self.config = [
            {**one, "currentValue": value} if one["id"] == config_id else one for one in self.config
        ]
        return {"configOptions": self.config}

    async def cancel(self, session_id: str, **_: Any) -> None:
        self.cancelled.set()

    async def prompt(self, prompt: list[Any], session_id: str, **_: Any) -> Json:
        self.cancelled.clear()
        prompts = self.script.get("prompts") or [[]]
        steps = prompts[min(self.turn, len(prompts) - 1)]
        self.turn += 1
        for step in steps:
            if "stop" in step:
                return {"stopReason": step["stop"]}
            try:
                result = await self._do(step)
            except Refused as error:
                result = {"error": error.error}
            if "as" in step:
                await self._say(f"{step['as']} = {json.dumps(result)}\n")
            if self.cancelled.is_set():
                return {"stopReason": "cancelled"}
        usage = self.script.get("usage")
        return {"stopReason": "end_turn", **({"usage": usage} if usage else {})}

    async def _do(self, step: Json) -> Any:
        if "update" in step:
            return await self._update(step["update"])
        for name in ("say", "think", "plan", "commands", "mode", "hang", "wait", "die"):
            if name in step:
                return await getattr(self, f"_{name}")(step[name], step)
        if "read" in step:
            return await self._read(step["read"], step)
        if "write" in step:
            return await self._send(
                "fs/write_text_file", self._path(step["write"]), content=step["text"]
            )
        if "edit" in step:
            text = (await self._read(step["edit"], {}))["content"]
            new = text.replace(step["old"], step["new"])
            return await self._send("fs/write_text_file", self._path(step["edit"]), content=new)
        if "run" in step:
            return await self._run(step)
        if "permit" in step:
            options = step.get("options") or [
                {"optionId": "always", "name": "Always", "kind": "allow_always"},
                {"optionId": "once", "name": "Once", "kind": "allow_once"},
                {"optionId": "no", "name": "No", "kind": "reject_once"},
            ]
            call = self._placed(step["permit"])
            return await self._send("session/request_permission", toolCall=call, options=options)
        return await self._ask(step)

    async def _send(self, method: str, path: str = "", **params: Any) -> Any:
        # Past the SDK's own models, so that the wire has exactly what the script says.
        body = {"sessionId": self.session, **({"path": path} if path else {}), **params}
        return await self.wire.request(method, body)

    async def _update(self, update: Json) -> None:
        body = {"sessionId": self.session, "update": self._placed(update)}
        await self.wire.notify("session/update", body)

    async def _say(self, text: str, _: Json | None = None) -> None:
        content = {"type": "text", "text": text}
        await self._update({"sessionUpdate": "agent_message_chunk", "content": content})

    async def _think(self, text: str, _: Json) -> None:
        content = {"type": "text", "text": text}
        await self._update({"sessionUpdate": "agent_thought_chunk", "content": content})

    async def _plan(self, plan: list[list[str]], _: Json) -> None:
        entries = [
            {"content": text, "status": status, "priority": "medium"} for text, status in plan
        ]
        await self._update({"sessionUpdate": "plan", "entries": entries})

    async def _commands(self, commands: list[list[str]], _: Json) -> None:
        listed = [{"name": name, "description": text} for name, text in commands]
        await self._update(
            {"sessionUpdate": "available_commands_update", "availableCommands": listed}
        )

    async def _mode(self, mode: str, _: Json) -> None:
        await self._update({"sessionUpdate": "current_mode_update", "currentModeId": mode})

    async def _hang(self, _: Any, __: Json) -> None:
        await self.cancelled.wait()

    async def _wait(self, path: str, _: Json) -> None:
        await asyncio.to_thread(Path(self._path(path)).read_bytes)

    async def _die(self, code: int, step: Json) -> None:
        sys.stderr.write(step.get("text", ""))
        sys.stderr.flush()
        os._exit(code)

    async def _read(self, path: str, step: Json) -> Any:
        part = {key: step[key] for key in ("line", "limit") if key in step}
        return await self._send("fs/read_text_file", self._path(path), **part)

    async def _run(self, step: Json) -> Any:
        program, *args = step["run"]
        env = [{"name": name, "value": value} for name, value in step.get("env", {}).items()]
        cwd = {"cwd": self._path(step["cwd"])} if "cwd" in step else {}
        made = await self._send("terminal/create", command=program, args=args, env=env, **cwd)
        call = {
            "sessionUpdate": "tool_call",
            "toolCallId": f"run-{made['terminalId']}",
            "title": " ".join(step["run"]),
            "kind": "execute",
            "status": "in_progress",
            "content": [{"type": "terminal", "terminalId": made["terminalId"]}],
        }
        await self._update(call)
        ended = await self._send("terminal/wait_for_exit", terminalId=made["terminalId"])
        printed = await self._send("terminal/output", terminalId=made["terminalId"])
        await self._send("terminal/release", terminalId=made["terminalId"])
        await self._update(
            {
                "sessionUpdate": "tool_call_update",
                "toolCallId": call["toolCallId"],
                "status": "completed",
            }
        )
        return {**ended, **printed}

    async def _ask(self, step: Json) -> Any:
        if "url" in step:
            where = {"mode": "url", "url": step["url"], "elicitationId": step.get("id", "e1")}
        else:
            where = {"mode": "form", "requestedSchema": step["schema"]}
        return await self._send("elicitation/create", message=step["ask"], **where)

    def _path(self, path: str) -> str:
        return str(Path(self.cwd, path))

    def _placed(self, value: Any) -> Any:
        """``{cwd}`` in a string of the script is the session's directory."""
        if isinstance(value, str):
            return value.replace("{cwd}", self.cwd)
        if isinstance(value, dict):
            return {key: self._placed(one) for key, one in value.items()}
        return [self._placed(one) for one in value] if isinstance(value, list) else value

    def _error(self, code: int, message: str, data: Any = None) -> Exception:
        if not self.script.get("sdk"):
            return Refused(code, message, data)
        from acp.exceptions import RequestError

        return RequestError(code, message, data)

    async def _slow(self, what: str) -> None:
        if self.script.get("slow") == what:
            await asyncio.Event().wait()


class Lines:
    """JSON-RPC on standard input and output, as lines."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.ids = itertools.count(1)
        self.waiting: dict[int, asyncio.Future[Any]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        # Not ``sys.stdout``, which with PYTHONUNBUFFERED loses what is left of a write cut short.
        self.output = open(1, "w", closefd=False)  # noqa: SIM115

    async def request(self, method: str, params: Json) -> Any:
        number = next(self.ids)
        self.waiting[number] = asyncio.get_running_loop().create_future()
        self.write({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return await self.waiting[number]

    async def notify(self, method: str, params: Json) -> None:
        self.write({"jsonrpc": "2.0", "method": method, "params": params})

    def write(self, message: Json) -> None:
        self.output.write(json.dumps(message) + "\n")
        self.output.flush()

    async def listen(self) -> None:
        loop, lines = asyncio.get_running_loop(), asyncio.Queue[str]()

        def read() -> None:
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, "")

        threading.Thread(target=read, daemon=True).start()
        while line := await lines.get():
            message = json.loads(line)
            if "method" in message:
                task = asyncio.create_task(self.answer(message))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            elif "error" in message:
                self.waiting.pop(message["id"]).set_exception(Refused(**message["error"]))
            else:
                self.waiting.pop(message["id"]).set_result(message["result"])

    async def answer(self, message: Json) -> None:
        method = getattr(self.actor, METHODS[message["method"]])
        params = {_snake(name): value for name, value in message["params"].items()}
        made: Json = {"jsonrpc": "2.0", "id": message.get("id")}
        try:
            made["result"] = await method(**params)
        except Refused as error:
            made["error"] = error.error
        if "id" in message:
            self.write(made)


class Sdk:
    """The same by the SDK, whose own models would not let everything of a script through."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection._conn

    async def request(self, method: str, params: Json) -> Any:
        from acp.exceptions import RequestError

        try:
            return await self.connection.send_request(method, params)
        except RequestError as error:
            raise Refused(**error.to_error_obj()) from None

    async def notify(self, method: str, params: Json) -> None:
        await self.connection.send_notification(method, params)


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: "_" + found[0].lower(), name)


async def main() -> None:
    actor = Actor(json.loads(Path(sys.argv[1]).read_text()))
    if not actor.script.get("sdk"):
        lines = actor.wire = Lines(actor)
        await lines.listen()
        return
    import acp

    await acp.run_agent(actor, use_unstable_protocol=True)  # type: ignore[arg-type]


if __name__ == "__main__":
    asyncio.run(main())
