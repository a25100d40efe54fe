"""What providers really say, in their own words, and what it means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.wire.refusal import Meaning, meaning

ROWS: list[tuple[Meaning, int, dict[str, Any]]] = [
    # OpenAI
    ("key", 401, {"message": "Incorrect API key provided: sk-x.", "code": "invalid_api_key"}),
    ("model", 404, {"message": "The model `x` does not exist", "code": "model_not_found"}),
    ("rate", 429, {"message": "Rate limit reached", "code": "rate_limit_exceeded"}),
    ("quota", 429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}),
    ("context", 400, {"message": "too long", "code": "context_length_exceeded"}),
    ("context", 400, {"message": "Input tokens exceed the configured limit of 272000 tokens."}),
    ("filter", 400, {"message": "Invalid prompt: …", "code": "invalid_prompt"}),
    (
        "input",
        400,
        {"message": "Unsupported parameter: 'max_tokens'", "code": "unsupported_parameter"},
    ),
    # Azure
    ("filter", 400, {"message": "The response was filtered", "code": "content_filter"}),
    # Anthropic
    (
        "context",
        400,
        {
            "type": "invalid_request_error",
            "message": "prompt is too long: 210000 tokens > 200000 maximum",
        },
    ),
    (
        "context",
        400,
        {"message": "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"},
    ),
    ("context", 413, {"type": "request_too_large", "message": "Request exceeds the maximum size"}),
    ("quota", 400, {"message": "Your credit balance is too low to access the Anthropic API."}),
    ("filter", 400, {"message": "Output blocked by content filtering policy"}),
    ("model", 404, {"type": "not_found_error", "message": "model: claude-x"}),
    ("busy", 529, {"type": "overloaded_error", "message": "Overloaded"}),
    ("busy", 0, {"type": "overloaded_error", "message": "Overloaded"}),
    # Google
    (
        "key",
        400,
        {
            "code": 400,
            "message": "API key not valid. Please pass a valid API key.",
            "status": "INVALID_ARGUMENT",
            "details": [{"reason": "API_KEY_INVALID"}],
        },
    ),
    (
        "context",
        400,
        {
            "message": "The input token count (1200000) exceeds the maximum number of tokens allowed (1048575)."
        },
    ),
    (
        "model",
        404,
        {"message": "models/x is not found for API version v1beta", "status": "NOT_FOUND"},
    ),
    (
        "rate",
        429,
        {
            "message": "You exceeded your current quota, please check your plan",
            "status": "RESOURCE_EXHAUSTED",
        },
    ),
    ("busy", 503, {"message": "The model is overloaded.", "status": "UNAVAILABLE"}),
    # Groq
    (
        "context",
        413,
        {
            "message": "Request too large for model `x` on tokens per minute (TPM)",
            "code": "rate_limit_exceeded",
        },
    ),
    ("context", 400, {"message": "Please reduce the length of the messages or completion."}),
    ("busy", 498, {"message": "Flex tier capacity exceeded", "code": "capacity_exceeded"}),
    # xAI: its error is a sentence, and beside it a code
    (
        "key",
        400,
        {
            "code": "Client specified an invalid argument",
            "message": "Incorrect API key provided: xa***3.",
        },
    ),
    (
        "context",
        400,
        {
            "message": "This model's maximum prompt length is 131072 but the request contains 140000 tokens."
        },
    ),
    ("filter", 403, {"message": "Content violates usage guidelines."}),
    # GLM
    ("key", 401, {"code": "1002", "message": "Authorization Token非法"}),
    ("quota", 429, {"code": "1113", "message": "您的账户已欠费"}),
    ("model", 400, {"code": "1211", "message": "模型不存在"}),
    ("context", 400, {"code": "1261", "message": "Prompt 超长"}),
    (
        "filter",
        400,
        {"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"},
    ),
    ("rate", 429, {"code": "1302", "message": "您当前使用该API的并发数过高"}),
    ("busy", 429, {"code": "1305", "message": "当前API请求过多"}),
    # Copilot
    (
        "model",
        400,
        {"message": "The requested model is not supported.", "code": "model_not_supported"},
    ),
    (
        "context",
        400,
        {
            "message": "prompt token count of 130000 exceeds the limit of 128000",
            "code": "model_max_prompt_tokens_exceeded",
        },
    ),
    # OpenRouter
    ("quota", 402, {"code": 402, "message": "This request requires more credits"}),
    (
        "filter",
        403,
        {"code": 403, "message": "Input flagged", "metadata": {"reasons": ["violence"]}},
    ),
    ("model", 400, {"code": 400, "message": "x/y is not a valid model ID"}),
    ("model", 404, {"code": 404, "message": "No endpoints found for x/y."}),
    ("late", 408, {"code": 408, "message": "Request timed out"}),
    # LiteLLM, with and without a database
    (
        "key",
        401,
        {"message": "Authentication Error, Invalid proxy server token passed", "code": "401"},
    ),
    ("key", 400, {"message": "No connected db.", "type": "no_db_connection", "code": "400"}),
    (
        "model",
        400,
        {"message": "/chat/completions: Invalid model name passed in model=x. Call `/v1/models`"},
    ),
    ("context", 400, {"message": "litellm.ContextWindowExceededError: …"}),
    ("filter", 400, {"message": "litellm.ContentPolicyViolationError: …"}),
    # vLLM, llama.cpp, Ollama, Mistral, DeepSeek, Bedrock
    (
        "context",
        400,
        {
            "message": "The decoder prompt (length 9000) is longer than the maximum model length of 4096."
        },
    ),
    (
        "context",
        400,
        {
            "type": "exceed_context_size_error",
            "message": "the request exceeds the available context size",
        },
    ),
    ("model", 404, {"message": 'model "x" not found, try pulling it first'}),
    (
        "context",
        400,
        {
            "message": "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"
        },
    ),
    ("model", 400, {"message": "Model Not Exist"}),
    ("quota", 402, {"message": "Insufficient Balance"}),
    ("context", 400, {"message": "Input is too long for requested model."}),
    # What no words make clearer
    ("place", 404, {"message": "Not Found"}),
    ("moved", 302, {}),
    ("late", 504, {}),
    ("failed", 500, {"message": "boom"}),
    ("failed", 502, {}),
    ("failed", 409, {}),
    ("input", 422, {"message": "field required"}),
    ("rate", 0, {"message": "x", "type": "rate_limit_exceeded"}),
    ("failed", 0, {"message": "x"}),
]


@pytest.mark.parametrize(("kind", "status", "fields"), ROWS)
def test_what_each_says(kind: Meaning, status: int, fields: dict[str, Any]) -> None:
    assert meaning(status, fields) == kind


def test_a_number_in_a_sentence_is_no_code() -> None:
    assert meaning(400, {"message": "maximum context length is 1301 tokens"}) == "context"
    assert meaning(400, {"message": "seed must be below 1113"}) == "input"


@given(
    status=st.integers(0, 999),
    fields=st.dictionaries(
        st.sampled_from(["message", "code", "type", "status", "details", "metadata"]),
        st.none() | st.integers() | st.text() | st.lists(st.none() | st.text()),
    ),
)
def test_everything_means_something(status: int, fields: dict[str, Any]) -> None:
    assert meaning(status, fields)
