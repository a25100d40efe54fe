"""Filling in what stands at the cursor: by a model that is made for it, or by a chat."""

from __future__ import annotations

from typing import Any

from zeke_bridge.core.prompts.excerpt import block
from zeke_bridge.core.prompts.prompt import turns
from zeke_bridge.model.exchange import CompleteAsk

CURSOR = "<CURSOR>"
# Characters before and after the cursor. What is before counts for more; the small model reads
# about 150 tokens a second, and a completion that comes late is none.
_BEFORE, _AFTER = 8_000, 2_000
_SMALL_BEFORE, _SMALL_AFTER = 640, 200
# How far another answer may stray from the likeliest one; more each time.
_STRAY, _MOST_STRAY = 0.6, 1.0
# Room in a chat for what a model thinks before it answers, and for the fence.
_THINKING = 1_000


def middle(ask: CompleteAsk, *, small: bool) -> dict[str, Any]:
    """The fields of a legacy completion with a suffix, all but ``model``.

    https://platform.openai.com/docs/api-reference/completions/create
    """
    prefix, suffix = _around(ask, small=small)
    body = {
        "prompt": prefix,
        "suffix": suffix,
        "max_tokens": ask.max_tokens,
        **_heat(ask),
    }
    return {**body, "stop": ["\n"]} if one_line(ask.suffix) else body


def chat(ask: CompleteAsk, *, small: bool) -> dict[str, Any]:
    """The fields of a chat request that asks for the same, all but ``model``."""
    prefix, suffix = _around(ask, small=small)
    where = f" of {ask.path}" if ask.path else ""
    what = f"{ask.language} code" if ask.language else "Text"
    end = "Only to the end of that line." if one_line(ask.suffix) else "A few lines at most."
    system = (
        f"You complete code. Answer with the text that belongs at {CURSOR}, in one fenced block "
        "and nothing else. Repeat nothing that stands before or after it."
    )
    code = block(f"{prefix}{CURSOR}{suffix}", ask.language)
    user = f"{what}{where}:\n{code}\n\nWhat belongs at {CURSOR}? {end}"
    if ask.alternative:
        # Said in words, because not every model takes a temperature.
        user += f" Not the first that comes to mind: choice {ask.alternative + 1}."
    room = ask.max_tokens + (16 if small else _THINKING)
    body: dict[str, Any] = {"messages": list(turns(system, user)), "max_tokens": room}
    return {**body, **_heat(ask)} if small else body


def _heat(ask: CompleteAsk) -> dict[str, Any]:
    """The likeliest answer, or another one, the same for the same number."""
    if not ask.alternative:
        return {"temperature": 0.0}
    warmer = min(_STRAY + 0.1 * ask.alternative, _MOST_STRAY)
    return {"temperature": warmer, "seed": ask.alternative}


def one_line(suffix: str) -> bool:
    """Whether more text stands behind the cursor in its line, so that one line is to be filled."""
    return bool(suffix.partition("\n")[0].strip())


def _around(ask: CompleteAsk, *, small: bool) -> tuple[str, str]:
    before, after = (_SMALL_BEFORE, _SMALL_AFTER) if small else (_BEFORE, _AFTER)
    return _before(ask.prefix, before), _after(ask.suffix, after)


def _before(prefix: str, most: int) -> str:
    """The last lines of ``prefix``.

    Where they start moves in steps and not with each key: a model that has read the beginning
    need not read it again.
    """
    step = most // 2
    over = len(prefix) - most
    if over <= 0:
        return prefix
    start = -(-over // step) * step
    line_start = prefix.find("\n", start - 1) + 1
    return prefix[line_start if 0 < line_start < len(prefix) else start :]


def _after(suffix: str, most: int) -> str:
    """The first lines of ``suffix``."""
    if len(suffix) <= most:
        return suffix
    kept = suffix[:most]
    return kept[: kept.rfind("\n") + 1] or kept
