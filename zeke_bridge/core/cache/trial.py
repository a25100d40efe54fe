"""The built-in pairs of questions, and what a cache with a given embedder makes of them.

``pairs.jsonl`` holds pairs that look alike and must never share an answer, by the reason why, and
pairs that ask the same in other words. With any embedder at all there must be no false hit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import orjson

from zeke_bridge.config.ghostllm import Caching
from zeke_bridge.core.cache.answers import AnswerCache
from zeke_bridge.core.cache.kept import Kept
from zeke_bridge.core.cache.question import Question
from zeke_bridge.core.cache.similar import Embed
from zeke_bridge.model.exchange import Cost


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions; ``same`` says whether one answer does for both, ``why`` what sets it apart."""

    one: str
    other: str
    same: bool
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """How it went: pairs that shared an answer and must not, that did and may, that may and did
    not.
    """

    false_hits: tuple[Pair, ...]
    hits: tuple[Pair, ...]
    missed: tuple[Pair, ...]


@cache
def pairs() -> tuple[Pair, ...]:
    """Every built-in pair."""
    text = files("zeke_bridge.core.cache").joinpath("pairs.jsonl").read_text(encoding="utf-8")
    return tuple(Pair(**orjson.loads(line)) for line in text.splitlines())


async def trial(embed: Embed) -> Trial:
    """Keep an answer to one question of each pair, and look for it with the other, both ways."""
    shared = {pair: await _share(embed, pair) for pair in pairs()}
    return Trial(
        tuple(pair for pair, hit in shared.items() if hit and not pair.same),
        tuple(pair for pair, hit in shared.items() if hit and pair.same),
        tuple(pair for pair, hit in shared.items() if not hit and pair.same),
    )


async def _share(embed: Embed, pair: Pair) -> bool:
    return await _serves(embed, pair.one, pair.other) or await _serves(embed, pair.other, pair.one)


async def _serves(embed: Embed, kept: str, asked: str) -> bool:
    """Whether the answer to ``kept`` is given to ``asked``."""
    answers = AnswerCache(Caching(similar=True), embed)
    answers.keep(_question(kept), _ANSWER, 0.0)
    question = _question(asked)
    return answers.find(question, 0.0) is not None or (
        await answers.find_similar(question, 0.0) is not None
    )


def _question(text: str) -> Question:
    body = {"messages": [{"role": "user", "content": text}]}
    return Question("", "", "auto", "chat", local_only=False, body=body)


_MESSAGE = {"role": "assistant", "content": "yes"}
_ANSWER = Kept({"choices": [{"message": _MESSAGE, "finish_reason": "stop"}]}, "", "", Cost(), 0.0)
