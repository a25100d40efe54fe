"""Services of OpenAI's dialect, each with what it does in its own way, from recorded shapes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable

from aiohttp import web

from tests.fakes.member import Body, Member, refusal


class OpenAI(Member):
    """Refuses what models that reason do not take."""

    who = "openai"

    async def chat(self, request: web.Request) -> web.StreamResponse:
        for name in ("max_tokens", "temperature", "top_p", "logprobs"):
            if name in self.requests[-1]:
                message = f"Unsupported parameter: '{name}' is not supported with this model."
                return refusal(
                    400,
                    message,
                    type="invalid_request_error",
                    param=name,
                    code="unsupported_parameter",
                )
        return await super().chat(request)

    def usage(self) -> Body:
        cached, reasoned = {"cached_tokens": 3}, {"reasoning_tokens": 1}
        return {
            **super().usage(),
            "prompt_tokens_details": cached,
            "completion_tokens_details": reasoned,
        }


class Groq(Member):
    """Puts usage under ``x_groq`` of the last chunk, and says how long a context is."""

    who = "groq"
    prefix = "/openai/v1"

    def rows(self) -> Iterable[Body]:
        return [
            {
                "id": "llama-3.1-8b-instant",
                "object": "model",
                "active": True,
                "context_window": 131072,
            }
        ]

    def events(self, body: Body) -> Iterable[Body | str]:
        first = {"role": "assistant", "content": ""}
        yield self.chunk(body, first, x_groq={"id": "req_1"})
        for text in self.said:
            yield self.chunk(body, {"content": text})
        timed = {"queue_time": 0.01, **self.usage(), "total_time": 0.02}
        yield self.chunk(body, {}, "stop", x_groq={"id": "req_1", "usage": timed})


class XAI(Member):
    """Counts usage up in every chunk, and thinks aloud."""

    who = "xai"

    def events(self, body: Body) -> Iterable[Body | str]:
        yield self.chunk(body, {"role": "assistant", "content": "", "reasoning_content": "Hm"})
        for number, text in enumerate(self.said, 1):
            yield self.chunk(
                body,
                {"content": text},
                usage={"prompt_tokens": 5, "completion_tokens": number, "total_tokens": 5 + number},
            )
        yield self.chunk(body, {"content": ""}, "stop", usage=self.usage())

    def stranger(self) -> web.Response:
        body = {
            "code": "Client specified an invalid argument",
            "error": "Incorrect API key provided: sk***r.",
        }
        return web.json_response(body, status=400)


class OpenRouter(Member):
    """Sends comments while it waits, and lists its models to anybody with their prices."""

    who = "openrouter"
    prefix = "/api/v1"

    def route(self, router: web.UrlDispatcher) -> None:
        router.add_get(self.prefix + "/key", self.guarded(self._key))

    def guarded(self, handler: object) -> object:
        return handler if handler == self.models else super().guarded(handler)

    async def _key(self, _request: web.Request) -> web.Response:
        return web.json_response({"data": {"label": "sk-or-v1-…", "limit": None, "usage": 0.1}})

    def rows(self) -> Iterable[Body]:
        return [
            {
                "id": "acme/seer",
                "context_length": 200000,
                "architecture": {"input_modalities": ["text", "image"]},
                "pricing": {"prompt": "0.000003", "completion": "0.000015"},
                "supported_parameters": ["tools", "temperature"],
            },
            {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
        ]

    def events(self, body: Body) -> Iterable[Body | str]:
        yield ": OPENROUTER PROCESSING\n\n"
        yield ": OPENROUTER PROCESSING\n\n"
        yield from super().events(body)


class LiteLLM(Member):
    """Its usage chunk has a choice; without a database a wrong key is a wrong request."""

    who = "litellm"

    def events(self, body: Body) -> Iterable[Body | str]:
        for text in self.said:
            yield self.chunk(body, {"content": text})
        yield self.chunk(body, {}, "stop")
        yield self.chunk(body, {}, None, usage=self.usage())

    def stranger(self) -> web.Response:
        return refusal(400, "No connected db.", type="no_db_connection", param=None, code="400")


class VLLM(Member):
    """Says how long a context is, and writes errors without ``error`` around them."""

    who = "vllm"

    def rows(self) -> Iterable[Body]:
        return [
            {
                "id": "Qwen/Qwen2.5-Coder-7B",
                "object": "model",
                "max_model_len": 32768,
                "root": "x",
                "permission": [],
            }
        ]

    async def chat(self, request: web.Request) -> web.StreamResponse:
        if self.requests[-1]["model"] != "Qwen/Qwen2.5-Coder-7B":
            message = f"The model `{self.requests[-1]['model']}` does not exist."
            return web.json_response(
                {
                    "object": "error",
                    "message": message,
                    "type": "NotFoundError",
                    "param": None,
                    "code": 404,
                },
                status=404,
            )
        return await super().chat(request)


class GLM(Member):
    """Wants a token signed with the key's second half, or the key itself; knows ``max_tokens``."""

    who = "glm"
    prefix = "/api/paas/v4"
    key = "an-id.a-secret"

    def knows(self, token: str) -> bool:
        if token.count(".") != 2:
            return token == "plain-key"
        name, _, secret = self.key.partition(".")
        text, _, signature = token.rpartition(".")
        header, claims = (json.loads(_decoded(part)) for part in text.split("."))
        made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
        now = time.time() * 1000
        return (
            header == {"alg": "HS256", "sign_type": "SIGN"}
            and hmac.compare_digest(made, _decoded(signature))
            and claims["api_key"] == name
            and claims["timestamp"] - 5000 <= now < claims["exp"]
        )

    def stranger(self) -> web.Response:
        return refusal(401, "令牌已过期或验证不正确", code="1000")

    def events(self, body: Body) -> Iterable[Body | str]:
        for text in self.said:
            yield self.chunk(body, {"role": "assistant", "content": text})
        yield self.chunk(body, {"role": "assistant", "content": ""}, "stop", usage=self.usage())


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
