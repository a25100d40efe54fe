"""What the fake provider can do, by the name of the model; see ``provider``."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Body = dict[str, Any]
Handler = Callable[["Call"], Awaitable[web.StreamResponse]]

_COMMENT = {"lua": "--", "python": "#", "sh": "#", "": "#"}


class Call:
    """One chat request and the ways to answer it."""

    def __init__(self, fake: Any, request: web.Request, body: Body) -> None:
        self.fake = fake
        self.request = request
        self.body = body
        self.text = "\n".join(str(turn.get("content")) for turn in body.get("messages", []))
        self.streamed = bool(body.get("stream"))

    async def say(self, text: str) -> web.StreamResponse:
        """Answer ``text``, as a stream of words or whole, as it was asked for."""
        if not self.streamed:
            choice = {"index": 0, "finish_reason": "stop"}
            choice["message"] = {"role": "assistant", "content": text}
            return web.json_response(
                {**self._head("chat.completion"), "choices": [choice], "usage": self._usage(text)}
            )
        response = await self.open()
        if self.body.get("return_progress"):
            # As llama.cpp does.
            empty = {"index": 0, "delta": {"role": "assistant", "content": None}}
            progress = {"total": 9, "cache": 0, "processed": 9, "time_ms": 1}
            await self.event(response, [empty], prompt_progress=progress)
        for word in re.findall(r"\s*\S+|\s+$", text):
            await self.delta(response, word)
        return await self.close(response, text)

    async def play(self, said: str | list[Body] | Body) -> web.StreamResponse:
        """Answer with a text, with chunks as they are, or with a whole body."""
        if isinstance(said, str):
            return await self.say(said)
        if isinstance(said, dict):
            return web.json_response(said)
        response = await self.open()
        for chunk in said:
            await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    async def open(self, kind: str = "text/event-stream") -> web.StreamResponse:
        """Send the headers of a stream."""
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(self.request)
        return response

    async def delta(self, response: web.StreamResponse, text: str) -> None:
        """Send the next piece of text."""
        await self.event(
            response, [{"index": 0, "delta": {"content": text}, "finish_reason": None}]
        )

    async def close(self, response: web.StreamResponse, text: str) -> web.StreamResponse:
        """Send the end of a stream."""
        await self.event(response, [{"index": 0, "delta": {}, "finish_reason": "stop"}])
        if (self.body.get("stream_options") or {}).get("include_usage"):
            await self.event(response, [], usage=self._usage(text))
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    async def event(self, response: web.StreamResponse, choices: list[Any], **more: Any) -> None:
        """Send one chunk."""
        chunk = {**self._head("chat.completion.chunk"), "choices": choices, **more}
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())

    async def hold(self) -> None:
        """Say that this call waits, and wait until it is let go."""
        self.fake.held.set()
        await self.fake.gate.wait()

    def _head(self, kind: str) -> Body:
        return {"id": "chatcmpl-fake", "object": kind, "created": 1, "model": self.body["model"]}

    def _usage(self, text: str) -> Body:
        asked, answered = len(self.text.split()), len(text.split())
        total = asked + answered
        return {
            "prompt_tokens": asked,
            "completion_tokens": answered,
            "total_tokens": total,
        }


def fault(status: int, message: str, code: str) -> web.Response:
    """An error as OpenAI sends it."""
    return web.json_response(
        {"error": {"message": message, "type": "fake_error", "code": code, "param": None}},
        status=status,
    )


def schema_of(body: Body) -> Body | None:
    """The JSON schema that ``body`` demands."""
    form = body.get("response_format") or {}
    return (form.get("json_schema") or {}).get("schema") if form else None


def instance(schema: Body, name: str = "value") -> Any:
    """Something that fits ``schema``: one of each thing."""
    if "enum" in schema:
        return schema["enum"][min(1, len(schema["enum"]) - 1)]
    kind = schema.get("type")
    if kind == "object":
        return {key: instance(part, key) for key, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [instance(schema.get("items", {}), name)]
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    return {"boolean": True, "null": None}.get(kind, f"A {name} of the fake.")


def scripted(text: str) -> str | None:
    """The answer that the prompt itself asks for."""
    found = re.search(r"ANSWER:[ \t]*(.*)", text)
    return found[1].replace("\\n", "\n") if found else None


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and content of the fenced blocks in ``text``."""
    return [(m[2], m[3]) for m in re.finditer(r"^(`{3,})(\S*)\n(.*?)\n\1$", text, re.M | re.S)]


def reply(call: Call) -> str:
    """What "echo" says: JSON, rewritten code, or an explanation."""
    wanted = scripted(call.text)
    if (schema := schema_of(call.body)) is not None:
        return wanted or json.dumps(instance(schema))
    system = str(call.body["messages"][0].get("content"))
    language, code = (blocks(call.text) or [("", "")])[-1]
    mark = _COMMENT.get(language, "//")
    if "SEARCH" in system:
        first = code.split("\n")[0]
        new = wanted if wanted is not None else f"{mark} changed by the fake\n{first}"
        return f"<<<<<<< SEARCH\n{first}\n=======\n{new}\n>>>>>>> REPLACE"
    if "rewrit" in system:
        new = wanted if wanted is not None else f"{mark} changed by the fake\n{code}"
        return new if "```" in new else f"```{language}\n{new}\n```"
    # About the code, so that the answer is as long whatever prompt stands around it.
    said = " ".join((code or str(call.body["messages"][-1].get("content"))).split())[:200]
    return wanted if wanted is not None else f"This is what the fake says about: {said}"


async def echo(call: Call) -> web.StreamResponse:
    """Answer at once."""
    return await call.say(reply(call))


async def slow(call: Call) -> web.StreamResponse:
    """Answer a word every ``fake.delay`` seconds; where that is None, one for each ``fake.step``."""
    response = await call.open()
    words = [f"word{number} " for number in range(100)]
    for word in words:
        if call.fake.delay is None:
            await call.fake.steps.acquire()
        await call.delta(response, word)
        await asyncio.sleep(call.fake.delay or 0)
    return await call.close(response, "".join(words))


async def fast200(call: Call) -> web.StreamResponse:
    """200 deltas a second for five seconds."""
    response, loop = await call.open(), asyncio.get_running_loop()
    start = loop.time()
    for number in range(1000):
        await call.delta(response, f"token{number} " + "\n" * (number % 12 == 11))
        await asyncio.sleep(max(0.0, start + (number + 1) / 200 - loop.time()))
    return await call.close(response, "")


async def held(call: Call) -> web.StreamResponse:
    """One delta, then nothing until ``release``, then the rest."""
    response = await call.open()
    await call.delta(response, "first ")
    await call.hold()
    await call.delta(response, "second")
    return await call.close(response, "first second")


async def hang(call: Call) -> web.StreamResponse:
    """Headers, then nothing."""
    response = await call.open()
    await call.hold()
    return response


async def silent(call: Call) -> web.StreamResponse:
    """Nothing at all; once it is let go, what "echo" says."""
    await call.hold()
    return await call.say(reply(call))


async def half(call: Call) -> web.StreamResponse:
    """One event, half an event, the end."""
    response = await call.open()
    await call.delta(response, "one ")
    await response.write(b'data: {"choices": [{"delta": {"cont')
    await response.write_eof()
    return response


async def cut(call: Call) -> web.StreamResponse:
    """A stream that ends between two events, before its end."""
    response = await call.open()
    await call.delta(response, "one ")
    await response.write_eof()
    return response


async def html(_call: Call) -> web.StreamResponse:
    """A web page."""
    return web.Response(text="<!doctype html><title>Login</title>", content_type="text/html")


async def garbage(call: Call) -> web.StreamResponse:
    """Bytes that mean nothing, as a stream or as JSON."""
    response = await call.open("text/event-stream" if call.streamed else "application/json")
    await response.write(b"data: {not json\xff\xfe\n\n\x00\x01\x02")
    await response.write_eof()
    return response


async def noise(call: Call) -> web.StreamResponse:
    """Something that is not HTTP."""
    call.request.transport.write(b"\x16\x03\x01 this is no HTTP at all\r\n\r\n")
    call.request.transport.close()
    return await _gone()


async def reset(call: Call) -> web.StreamResponse:
    """One event, then the connection is reset."""
    response = await call.open()
    await call.delta(response, "one ")
    _abort(call)
    return await _gone()


async def reset_early(call: Call) -> web.StreamResponse:
    """The connection is reset before any answer."""
    _abort(call)
    return await _gone()


async def stream_fault(call: Call) -> web.StreamResponse:
    """An error inside a stream."""
    response = await call.open()
    await call.delta(response, "one ")
    error = {"error": {"message": "The engine exploded", "type": "server_error", "code": 500}}
    await response.write(f"data: {json.dumps(error)}\n\n".encode())
    await response.write_eof()
    return response


async def missing_part(call: Call) -> web.StreamResponse:
    """An analysis without its last id, unless that is asked alone."""
    return await call.say(json.dumps(_without_last(call, lambda parts, name: parts.pop(name))))


async def malformed_part(call: Call) -> web.StreamResponse:
    """An analysis whose last part is of the wrong shape, unless that is asked alone."""

    def spoil(parts: Body, name: str) -> None:
        parts[name] = {"findings": [{"line": "twelve", "severity": "terrible"}]}

    return await call.say(json.dumps(_without_last(call, spoil)))


async def tools(call: Call) -> web.StreamResponse:
    """A call of the first tool that was offered."""
    function = call.body["tools"][0]["function"]["name"]
    used = {"name": function, "arguments": '{"path": "a.py"}'}
    made = {"index": 0, "id": "call_1", "type": "function", "function": used}
    if not call.streamed:
        message = {"role": "assistant", "content": None, "tool_calls": [made]}
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
        return web.json_response({**call._head("chat.completion"), "choices": [choice]})
    response = await call.open()
    await call.event(response, [{"index": 0, "delta": {"tool_calls": [made]}}])
    await call.event(response, [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}])
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def failing(status: int, message: str, code: str) -> Handler:
    """A behaviour that always answers with an error."""

    async def fail(_call: Call) -> web.StreamResponse:
        return fault(status, message, code)

    return fail


def _without_last(call: Call, spoil: Callable[[Body, str], Any]) -> Body:
    answer = instance(schema_of(call.body) or {})
    names = list(answer["results"])
    if len(names) > 1:
        spoil(answer["results"], names[-1])
    return answer


def _abort(call: Call) -> None:
    own = call.request.transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.request.transport.abort()


async def _gone() -> web.StreamResponse:
    # The connection is gone: there is nobody to answer. The loop cancels this handler.
    await asyncio.Event().wait()
    raise AssertionError


BEHAVIOURS: dict[str, Handler] = {
    "echo": echo,
    "slow": slow,
    "fast200": fast200,
    "held": held,
    "hang": hang,
    "silent": silent,
    "half": half,
    "cut": cut,
    "html": html,
    "garbage": garbage,
    "noise": noise,
    "reset": reset,
    "reset-early": reset_early,
    "stream-fault": stream_fault,
    "missing-part": missing_part,
    "malformed-part": malformed_part,
    "tools": tools,
    "refuse401": failing(401, "Incorrect API key provided", "invalid_api_key"),
    "limit429": failing(429, "Rate limit reached", "rate_limit_exceeded"),
    "boom500": failing(500, "Internal error", "server_error"),
    "gone404": failing(404, "The model `gone404` does not exist", "model_not_found"),
    "long400": failing(
        400, "This model's maximum context length is 8192 tokens", "context_length_exceeded"
    ),
}
