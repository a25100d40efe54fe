"""Prices and context sizes from genai-prices, whose data come with it: nothing is fetched.

The library is imported on first use, because its data take a while to load (see ``load``). Does
not know the user's own prices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zeke_bridge.core.costs.rate import Price, Steps, flat

if TYPE_CHECKING:
    from decimal import Decimal

    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, TieredPrices

_VERSION = re.compile(r"(?:[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|\d{2}-\d{4})|-latest|:(?!free$)[a-z]+)$")
_PREFIX = "models/"
# Whoever has a model of these makers' names passes it on: their weights are not given away.
_CLOSED = ("openai", "anthropic", "google", "x-ai")
_OPEN = re.compile(r"gpt-oss|gemma")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look a model up: lists by their ids, then the list for ``base_url``.

    ``by_name`` says that then the name alone may tell; ``closed`` that it may only for models
    that nobody can run at home.
    """

    ids: tuple[str, ...] = ()
    base_url: str = ""
    by_name: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """One model of the list."""

    _info: ModelInfo

    @property
    def context(self) -> int | None:
        """Tokens that it can read, when that is known."""
        return self._info.context_window

    def price(self, now: float) -> Price | None:
        """What holds at ``now``; None when the list names no price."""
        prices = self._info.get_prices(datetime.fromtimestamp(now, UTC))
        if prices.input_mtok is None and prices.output_mtok is None:
            return None
        request = prices.requests_kcount
        return Price(
            _steps(prices.input_mtok),
            _steps(prices.output_mtok),
            _steps(prices.cache_read_mtok),
            _steps(prices.cache_write_mtok),
            _steps(prices.output_reasoning_mtok),
            _steps(request)[0][1] / 1000.0 if request is not None else 0.0,
        )


def load() -> DataSnapshot:
    """The list; from the second call on at once."""
    from genai_prices import data_snapshot

    return data_snapshot.get_snapshot()


def find(model: str, place: Place) -> Listed | None:
    """The model that goes by ``model``, or by it without its date or tag; None: not listed."""
    snapshot = load()
    for name in _names(model):
        for provider in place.ids:
            if found := _look(snapshot, name, provider=provider):
                return found
        if place.base_url and (found := _look(snapshot, name, url=place.base_url)):
            return found
        if place.by_name and (found := _by_name(snapshot, name, place.closed)):
            return found
    return None


def _names(model: str) -> Iterator[str]:
    """``model`` and shorter forms of it: a date, a tag and a prefix say nothing of a price."""
    name = model.lower().removeprefix(_PREFIX)
    yield name
    while (shorter := _VERSION.sub("", name)) != name:
        yield shorter
        name = shorter


def _by_name(snapshot: DataSnapshot, name: str, closed: bool) -> Listed | None:
    maker, slash, rest = name.partition("/")
    if slash and (found := _look(snapshot, rest, provider=maker)) and not closed:
        return found
    last = name.rpartition("/")[2]
    if not closed:
        return _look(snapshot, last)
    if _OPEN.search(last):
        return None
    return _first(snapshot, last, _CLOSED)


def _first(snapshot: DataSnapshot, name: str, providers: Sequence[str]) -> Listed | None:
    return next((one for p in providers if (one := _look(snapshot, name, provider=p))), None)


def _look(
    snapshot: DataSnapshot, name: str, provider: str | None = None, url: str | None = None
) -> Listed | None:
    try:
        return Listed(snapshot.find_provider_model(name, None, provider, url)[1])
    except LookupError:
        return None


def _steps(price: Decimal | TieredPrices | None) -> Steps:
    if price is None:
        return ()
    tiers = getattr(price, "tiers", None)
    if tiers is None:
        return flat(float(price))  # type: ignore[arg-type]
    return flat(float(price.base)) + tuple((tier.start, float(tier.price)) for tier in tiers)  # type: ignore[union-attr]
