"""The figures of a core reach an editor as plain data, or as a sentence."""

from __future__ import annotations

from pathlib import Path

import msgpack
import pytest

from tests.fakes.model import FakeModel
from tests.fakes.street import Street
from zeke_bridge.model.errors import BadAnswerError, UnreachableError
from zeke_bridge.model.stats import CostStats, ProviderCost, Stats

pytestmark = pytest.mark.anyio


async def test_figures_are_plain_data(tmp_path: Path) -> None:
    model = FakeModel()
    costs = CostStats(today=3.2, by_provider=(ProviderCost("openai", 3.2, 1.0, 4),))
    model.figures = Stats(costs=costs)
    street = Street(tmp_path, model)
    editor, _ = street.editor()
    state = await street.broker.state(editor, "stats", editor.cwd)
    assert state["where"] == "embedded"
    again = msgpack.unpackb(msgpack.packb(state))
    assert again["costs"]["today"] == 3.2
    assert again["costs"]["by_provider"][0]["provider"] == "openai"
    assert again["average_response_s"] is None


async def test_a_core_without_figures_is_named(tmp_path: Path) -> None:
    model = FakeModel()
    street = Street(tmp_path, model)
    editor, _ = street.editor(settings={"ghostllm": {"base_url": "http://far:1"}})
    model.figures = BadAnswerError("404")
    with pytest.raises(BadAnswerError, match="core http://far:1 keeps no figures"):
        await street.broker.state(editor, "stats", editor.cwd)
    model.figures = UnreachableError("It is away.")
    with pytest.raises(UnreachableError, match="away"):
        await street.broker.state(editor, "stats", editor.cwd)
