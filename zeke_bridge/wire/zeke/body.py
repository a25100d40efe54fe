"""What every body of the bridge's own endpoints has in common: strict in, lenient out.

A request refuses fields it does not know; an answer may have more than is read here, so that an
older client understands a newer core. Knows no endpoint.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from zeke_bridge.model.errors import BadAnswerError, InputError
from zeke_bridge.model.exchange import Audience

MAX_NAME = 256


def _whole(number: Any) -> Any:
    """``5.0`` as 5: JSON has one kind of number only."""
    if isinstance(number, float) and number.is_integer():
        return int(number)
    return number


WHOLE = BeforeValidator(_whole)
"""For whole numbers: stands behind the limits of an annotated ``int``."""


class Request(BaseModel):
    """The body of a question."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Reply(BaseModel):
    """The body of an answer."""

    model_config = ConfigDict(extra="ignore")


Body = TypeVar("Body", bound=BaseModel)


class Addressed(Request):
    """A question to some model; ``stream`` asks for events."""

    model: str = Field(default="auto", min_length=1, max_length=MAX_NAME)
    project: str = Field(default="", max_length=MAX_NAME)
    local_only: bool = False
    stream: bool = False

    def audience(self) -> Audience:
        """Which model, and who may see the text."""
        return Audience(self.model, self.project, self.local_only)


ADDRESS = tuple(Addressed.model_fields)


def addressed(audience: Audience) -> dict[str, Any]:
    """The fields of a streaming question to ``audience``."""
    return {
        "model": audience.model,
        "project": audience.project,
        "local_only": audience.local_only,
        "stream": True,
    }


def build(shape: type[Body], **fields: Any) -> Body:
    """A request of these fields; raises ``InputError`` naming the first that is wrong."""
    return read_request(shape, fields)


def read_request(shape: type[Body], body: Any) -> Body:
    """``body`` (parsed JSON) as a request; raises ``InputError`` naming the field."""
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from error


def read_answer(shape: type[Body], body: Any) -> Body:
    """``body`` (parsed JSON) as an answer; raises ``BadAnswerError``."""
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        row = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, row["loc"])) or "it"
        message = f"The routing core's answer makes no sense: {where}: {row['msg']}."
        raise BadAnswerError(message) from error


def invalid(error: ValidationError, prefix: str = "") -> InputError:
    """The sentence for the first thing wrong with a request. It does not quote the input."""
    row = error.errors(include_input=False, include_url=False)[0]
    where = prefix + ".".join(map(str, row["loc"]))
    if row["type"] == "string_too_long":
        longest = row.get("ctx", {}).get("max_length")
        return InputError(f"{where} is too long ({longest} characters at most): select less.")
    if row["type"] == "extra_forbidden":
        return InputError(f"{where[:MAX_NAME]}: there is no such field here.")
    return InputError(f"{where or 'The request'}: {row['msg']}.")
