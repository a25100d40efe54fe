from __future__ import annotations

import pytest

from zeke_bridge.config.catalog import Tiers
from zeke_bridge.core.routing.offer import Offer

MODELS = ("qwen3:8b", "qwen3:latest", "llama3:8b", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "a-20")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("qwen3:8b", "qwen3:8b"),
        ("qwen3", "qwen3:latest"),
        ("llama3", "llama3:8b"),
        ("gpt-4o", "gpt-4o-2024-11-20"),
        ("gpt-4", None),
        ("a", None),
        ("", None),
    ],
)
def test_spelling(said: str, meant: str | None) -> None:
    assert Offer("x", models=MODELS).spelled(said) == meant


def test_only_a_complete_list_refuses() -> None:
    assert not Offer("x", models=MODELS).refuses("other")
    assert not Offer("x").refuses("other")
    assert Offer("x", models=MODELS, complete=True).refuses("other")
    assert not Offer("x", models=MODELS, complete=True).refuses("qwen3")


def test_what_does_not_chat_is_never_the_first_that_does() -> None:
    odd = [
        "text-embedding-3-small",
        "gpt-image-2",
        "whisper-large-v3",
        "gpt-realtime-2",
        "gpt-audio",
        "llama-guard",
        "gemini-3.8-flash-tts",
        "gemini-3.8-live",
        "o3-deep-research",
        "omni-moderation",
        "veo-4",
    ]
    assert [*Offer("x", models=tuple(odd)).choices("balanced")] == []
    (choice,) = Offer("x", models=(*odd, "chatty")).choices("balanced")
    assert choice == ("chatty", "is the first in the list that chats")


def test_one_tier_stands_in_for_another() -> None:
    offer = Offer("x", models=("big", "small", "z"), tiers=Tiers(fast=("small",), smart=("big",)))
    assert [*offer.choices("code")] == [
        ("big", "suits hard questions"),
        ("small", "suits quick answers"),
    ]


def test_an_embedding_is_chosen_only_among_embeddings() -> None:
    offer = Offer("x", models=("chat", "bge-m3", "nomic-embed-text"), preferred="chat")
    assert [model for model, _ in offer.choices("embed")] == ["bge-m3", "nomic-embed-text"]
