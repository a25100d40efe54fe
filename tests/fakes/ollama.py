"""A fake Ollama: OpenAI's dialect at ``/v1`` and its own API beside it, from recorded shapes."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.fakes.member import Body, Member

MODELS: dict[str, Body] = {
    "qwen2.5-coder:7b": {
        "capabilities": ["completion", "tools", "insert"],
        "parameters": 'stop                           "<|im_end|>"\nnum_ctx                        8192',
        "model_info": {"general.architecture": "qwen2", "qwen2.context_length": 32768},
        "details": {"format": "gguf", "family": "qwen2"},
    },
    "llava:latest": {
        "capabilities": ["completion", "vision"],
        "model_info": {"general.architecture": "llama", "llama.context_length": 4096},
    },
    "old:latest": {"details": {"format": "gguf"}},
}


class Ollama(Member):
    """Wants no key. ``broken`` is a model that cannot be shown."""

    who = "ollama"
    key = ""
    broken = ""

    def route(self, router: web.UrlDispatcher) -> None:
        router.add_get("/api/tags", self._tags)
        router.add_post("/api/show", self._show)
        router.add_post("/v1/completions", self.guarded(self._complete))

    async def _tags(self, _request: web.Request) -> web.Response:
        rows = [{"name": name, "model": name, "size": 1, "digest": "abc"} for name in MODELS]
        return web.json_response({"models": rows})

    async def _show(self, request: web.Request) -> web.Response:
        name = (await request.json())["model"]
        if name == self.broken:
            return web.json_response({"error": f"model '{name}' not found"}, status=404)
        return web.json_response(MODELS[name])

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        def chunk(text: str, reason: str | None = None, **more: Any) -> Body:
            choice = {"text": text, "index": 0, "finish_reason": reason}
            return {
                "id": "cmpl-1",
                "object": "text_completion",
                "created": 1,
                "model": self.requests[-1]["model"],
                "system_fingerprint": "fp_ollama",
                "choices": [choice],
                **more,
            }

        end = {**chunk(""), "choices": [], "usage": self.usage()}
        return await self.send(request, [chunk("return "), chunk("a"), chunk("", "stop"), end])
