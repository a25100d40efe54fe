"""Errors as Google sends them: ``{"error": {"code", "message", "status", "details"}}``.

https://ai.google.dev/gemini-api/docs/troubleshooting and https://google.aip.dev/193. What they mean
is ``wire.fault``'s to say; here are the answers that are no errors to Google, and say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.model.errors import CoreError, FilteredError, ProviderError
from zeke_bridge.wire import fault

refused = fault.from_provider
"""The error for an answer with a status that is not 200."""

_UNSAID = {"", "BLOCK_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED"}
_ENDS_WELL = {"STOP", "MAX_TOKENS", "FINISH_REASON_UNSPECIFIED"}
_CALLS = {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"}


def broken(event: dict[str, Any], who: str) -> CoreError:
    """The error inside a stream (``event`` has ``error``)."""
    return fault.from_provider_event(event, who)


def check_question(feedback: Any, who: str) -> None:
    """Raise what says that the question was blocked; ``feedback`` is ``promptFeedback``."""
    cause = feedback.get("blockReason") if isinstance(feedback, Mapping) else None
    if isinstance(cause, str) and cause not in _UNSAID:
        raise FilteredError(f"{who} blocked the question ({cause}): ask in other words.")


def check_end(finish: Any, message: Any, who: str) -> None:
    """Raise what says why there is no answer; ``finish`` is why it ended."""
    if not isinstance(finish, str) or finish in _ENDS_WELL:
        return
    quote = f" It said: {message}" if isinstance(message, str) and message else ""
    if finish in _CALLS:
        raise ProviderError(f"{who} made a tool call that makes no sense: try again.{quote}")
    if finish in {"OTHER", "LANGUAGE"}:
        raise ProviderError(f"{who} stopped without an answer ({finish}): try again.{quote}")
    raise FilteredError(f"{who} blocked its answer ({finish}): ask in other words.{quote}")
