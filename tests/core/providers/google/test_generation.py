from __future__ import annotations

import pytest

from zeke_bridge.config.catalog import catalog
from zeke_bridge.core.providers.google.generation import generation


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("gemini-1.5-pro", (1, 5)),
        ("gemini-2.0-flash-001", (2, 0)),
        ("models/gemini-2.5-flash-lite", (2, 5)),
        ("gemini-3-pro-preview", (3, 0)),
        ("gemini-3.8-flash", (3, 8)),
        ("gemini-4-argon", (4, 0)),
        ("gemini-flash-latest", (99, 0)),
        ("gemma-4-27b", (0, 0)),
    ],
)
def test_a_version_is_read_from_the_name(model: str, version: tuple[int, int]) -> None:
    assert generation(model).version == version


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("gemini-2.0-flash", "penalties instructed"),
        ("gemini-2.5-pro", "budgets instructed"),
        ("gemini-3.8-flash", "levels combines penalties instructed"),
        ("gemma-4-27b", "penalties"),
    ],
)
def test_what_a_generation_takes(model: str, words: str) -> None:
    made = generation(model)
    all_of_them = ("budgets", "levels", "combines", "penalties", "instructed")
    assert [word for word in all_of_them if getattr(made, word)] == words.split()


def test_every_model_of_the_catalog_is_understood() -> None:
    known = catalog().provider("google")
    assert known is not None
    for model in (*known.tiers.fast, *known.tiers.balanced, *known.tiers.smart):
        assert (2, 5) <= generation(model).version < (99, 0)
