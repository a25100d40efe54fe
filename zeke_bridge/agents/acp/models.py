"""Models as they were before they became config options: ``models`` of a new session.

Agents in use still say them like this (``SessionModelState``, ``session/set_model``), some of them
beside the config option, and the SDK knows them no more. Where there is no such option, they become
one of ours. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zeke_bridge.warden.escape import shorten

MODEL = "_zeke_model"
"""The id of that option."""
_NAME = 200
_MOST = 500


def among(config: Sequence[Mapping[str, Any]], models: Any) -> list[Mapping[str, Any]]:
    """``config``, and the option that ``models`` is when ``config`` has none for the model."""
    if any(one.get("category") == "model" for one in config):
        return list(config)
    return [*config, *_option(models)]


def _option(models: Any) -> list[dict[str, Any]]:
    """The config option that ``models`` is; none when it is not of this form."""
    if not isinstance(models, Mapping) or not isinstance(models.get("currentModelId"), str):
        return []
    listed = models.get("availableModels")
    if not isinstance(listed, list) or not listed or not all(map(_is_model, listed)):
        return []
    choices = [
        {
            "value": one["modelId"],
            "name": shorten(one["name"], _NAME),
            "description": shorten(one.get("description") or "", _NAME),
        }
        for one in listed[:_MOST]
    ]
    return [
        {
            "id": MODEL,
            "type": "select",
            "name": "Model",
            "category": "model",
            "currentValue": models["currentModelId"],
            "options": choices,
        }
    ]


def current(config: Sequence[Mapping[str, Any]], value: str) -> list[Mapping[str, Any]]:
    """``config`` with another model."""
    return [{**one, "currentValue": value} if one["id"] == MODEL else one for one in config]


def _is_model(one: Any) -> bool:
    return (
        isinstance(one, Mapping)
        and isinstance(one.get("modelId"), str)
        and isinstance(one.get("name"), str)
        and isinstance(one.get("description") or "", str)
    )
