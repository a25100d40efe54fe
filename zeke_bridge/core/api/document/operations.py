"""The operations of the document, as data: one for each method of each path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["look", "question"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One of them. ``asked`` and ``told`` name schemas; ``told`` is empty where text is told.

    ``streamed`` says what its stream is like, where it has one. ``fault`` names the schema of its
    errors. A ``question`` reaches a model.
    """

    method: str
    path: str
    name: str
    summary: str
    told: str
    asked: str = ""
    streamed: str = ""
    kind: Kind = "question"
    fault: str = "Fault"
    tag: str = "zeke"


_PIECES = 'Events `delta` with {"text"}, then one `done` with the whole answer, or `error`.'
_CHUNKS = (
    "Chunks of a chat completion as the provider sent them, then `[DONE]`. With "
    "`stream_options.include_usage` the last one has no choices, and holds usage and receipt."
)
_EVENTS = "Anthropic's events, from `message_start` to `message_stop`; `ping` at any time; `error`."


def _code(task: str, asked: str, summary: str, told: str = "TextAnswer") -> Operation:
    return _zeke(f"code/{task}", asked, summary, told)


def _zeke(task: str, asked: str, summary: str, told: str = "TextAnswer") -> Operation:
    name = task.replace("/", "_")
    return Operation("post", f"/v1/zeke/{task}", name, summary, told, asked, _PIECES)


def _look(path: str, name: str, summary: str, told: str, tag: str = "core") -> Operation:
    return Operation("get", path, name, summary, told, kind="look", tag=tag)


OPERATIONS = (
    Operation(
        "post",
        "/v1/chat/completions",
        "chat",
        "Answer a chat, as OpenAI's API does",
        "ChatAnswer",
        "ChatRequest",
        _CHUNKS,
        tag="openai",
    ),
    Operation(
        "post",
        "/v1/completions",
        "completions",
        "Continue a text, as OpenAI's older API does",
        "CompletionAnswer",
        "CompletionRequest",
        "Chunks of a text completion, then `[DONE]`.",
        tag="openai",
    ),
    Operation(
        "post",
        "/v1/embeddings",
        "embeddings",
        "Turn texts into vectors",
        "EmbeddingAnswer",
        "EmbeddingRequest",
        tag="openai",
    ),
    _look("/v1/models", "models", "Every model that can be asked now", "ModelsAnswer", "openai"),
    _look("/v1/models/{id}", "model", "One of them", "ModelRow", "openai"),
    Operation(
        "post",
        "/v1/messages",
        "messages",
        "Answer a conversation, as Anthropic's API does",
        "Message",
        "MessagesRequest",
        _EVENTS,
        fault="MessagesFault",
        tag="anthropic",
    ),
    Operation(
        "post",
        "/v1/messages/count_tokens",
        "count_tokens",
        "Guess how many tokens a conversation has, by its length",
        "TokensAnswer",
        "TokensRequest",
        kind="look",
        fault="MessagesFault",
        tag="anthropic",
    ),
    _code("complete", "CompleteQuestion", "Say what belongs at the cursor"),
    _code("explain", "SnippetQuestion", "Explain code"),
    _code("refactor", "RefactorQuestion", "Rewrite code"),
    _code("test", "SnippetQuestion", "Write tests for code"),
    _code("analyze", "AnalyzeQuestion", "Find what is wrong in several pieces", "AnalyzeAnswer"),
    _zeke("project/context", "ContextQuestion", "Answer a question about a project"),
    _zeke("terminal/suggest", "TerminalQuestion", "Suggest a command", "SuggestAnswer"),
    _zeke("terminal/explain", "TerminalQuestion", "Explain a command"),
    _zeke("terminal/debug", "DebugQuestion", "Say why a command failed"),
    _look("/health", "health", "Whether the core and its providers can answer", "HealthAnswer"),
    _look("/auth/status", "auth_status", "Which providers have a key", "AuthAnswer"),
    _look("/budget", "budget", "The cost limit nearest its end", "BudgetAnswer"),
    _look("/stats", "stats", "What was asked, and what it cost", "Stats"),
    _look("/metrics", "metrics", "The same for Prometheus", ""),
    Operation(
        "delete", "/cache", "clear_cache", "Forget kept answers", "Cleared", kind="look", tag="core"
    ),
    _look("/openapi.json", "openapi", "This document", "Document"),
)
