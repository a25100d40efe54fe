"""The models that can be asked now, and what their names may mean, for ``:ZekeSetModel``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from zeke_bridge.broker.session import Session
from zeke_bridge.config.catalog import Catalog, Work, catalog
from zeke_bridge.model.exchange import ModelInfo

_DATE = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")


async def models(session: Session) -> dict[str, Any]:
    """The models of the editor's core as plain data. Raises ``CoreError``.

    ``providers`` maps every name of a built-in provider to the proper one, ``works`` every word for
    a task class to the dearest model that it may lead to: empty when nothing is known of that. The
    user's own routes may lead elsewhere.
    """
    listed, known = await session.client().models(), catalog()
    works = {name: dearest(listed, work, known) for name, work in known.works.items()}
    return {
        "models": [asdict(model) for model in listed],
        "providers": dict(known.names),
        "works": {word: works[name] for word, name in known.words.items()},
    }


def dearest(listed: Iterable[ModelInfo], work: Work, known: Catalog) -> str:
    """The dearest of the models that the providers have for ``work``; empty for none known."""
    if work.by_price:
        return ""
    rows = list(listed)
    found = [_first(rows, one.name, one.tiers.of(work.tier)) for one in known.providers]
    priced = [model for model in found if model is not None and _price(model) > 0]
    return max(priced, key=_price).id if priced else ""


def _first(rows: Sequence[ModelInfo], provider: str, names: Sequence[str]) -> ModelInfo | None:
    """The first of ``names`` that ``provider`` lists, perhaps as a dated snapshot."""
    having = {_DATE.sub("", row.id): row for row in rows if row.provider == provider}
    there = (having.get(f"{provider}:{name}") for name in names)
    return next((row for row in there if row is not None), None)


def _price(model: ModelInfo) -> float:
    return (model.input_price or 0.0) + (model.output_price or 0.0)
