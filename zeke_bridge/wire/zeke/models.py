"""The answer of ``GET /v1/models``: OpenAI's list, with what we know beside the names.

https://platform.openai.com/docs/api-reference/models/list
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from zeke_bridge.model.exchange import ModelInfo
from zeke_bridge.wire.zeke.body import Reply


class ModelRow(Reply):
    """One model; ``id`` is ``provider:model``.

    Prices are US dollars a million tokens, null when nobody knows; ``context`` is in tokens, 0 when
    nobody knows.
    """

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = ""
    local: bool = False
    input_price: float | None = None
    output_price: float | None = None
    context: int = 0


class ModelsAnswer(Reply):
    """All of them."""

    data: list[ModelRow]
    object: Literal["list"] = "list"

    @staticmethod
    def fields_of(infos: Iterable[ModelInfo]) -> dict[str, Any]:
        """The JSON for ``infos``."""
        return {"object": "list", "data": [ModelsAnswer.row_of(info) for info in infos]}

    @staticmethod
    def row_of(info: ModelInfo) -> dict[str, Any]:
        """The JSON for one of them."""
        return {
            "id": info.id,
            "object": "model",
            "created": 0,
            "owned_by": info.provider,
            "local": info.local,
            "input_price": info.input_price,
            "output_price": info.output_price,
            "context": info.context,
        }

    def infos(self) -> list[ModelInfo]:
        """The same as values."""
        return [
            ModelInfo(
                row.id, row.owned_by, row.local, row.input_price, row.output_price, row.context
            )
            for row in self.data
        ]
