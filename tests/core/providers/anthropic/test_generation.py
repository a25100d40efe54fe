from __future__ import annotations

import pytest

from zeke_bridge.config.catalog import catalog
from zeke_bridge.core.providers.anthropic.generation import generation


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("claude-3-haiku-20240307", (3, 0)),
        ("claude-3-5-sonnet-20241022", (3, 5)),
        ("claude-3-7-sonnet-latest", (3, 7)),
        ("claude-opus-4-20250514", (4, 0)),
        ("claude-sonnet-4-5-20250929", (4, 5)),
        ("claude-haiku-4-5", (4, 5)),
        ("claude-sonnet-4.6", (4, 6)),
        ("claude-opus-4-8", (4, 8)),
        ("claude-sonnet-5", (5, 0)),
        ("us.anthropic.claude-haiku-5-5-v1", (5, 5)),
        ("claude-mythos-preview", (99, 0)),
    ],
)
def test_a_version_is_read_from_the_name(model: str, version: tuple[int, int]) -> None:
    assert generation(model).version == version


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("claude-opus-4-1", "samples prefills budgets"),
        ("claude-haiku-4-5", "samples prefills budgets structured"),
        ("claude-opus-4-6", "samples adaptive structured"),
        ("claude-opus-4-7", "adaptive structured strains"),
        ("claude-sonnet-5-5", "adaptive structured strains"),
        ("claude-3-5-haiku-latest", "samples prefills"),
        ("MiniMax-M3", "samples prefills"),
    ],
)
def test_what_a_generation_takes(model: str, words: str) -> None:
    made = generation(model)
    all_of_them = ("samples", "prefills", "adaptive", "budgets", "structured", "strains")
    assert [word for word in all_of_them if getattr(made, word)] == [
        word for word in all_of_them if word in words.split()
    ]


def test_some_never_stop_thinking() -> None:
    assert not generation("claude-fable-5-1").quiet
    assert generation("claude-opus-5").quiet


def test_every_model_of_the_catalog_is_understood() -> None:
    known = catalog().provider("anthropic")
    assert known is not None
    for model in (*known.tiers.fast, *known.tiers.balanced, *known.tiers.smart):
        assert (4, 5) <= generation(model).version < (99, 0)
