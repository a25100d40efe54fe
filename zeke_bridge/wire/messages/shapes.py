"""The request of the Messages API: what is read of it, and what must not be wrong about it.

Fields that are not here are left out of the question: they say where or at what price an answer is
made, not what is asked. The shapes are those of https://platform.claude.com/docs/en/api/messages.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from zeke_bridge.model.errors import InputError
from zeke_bridge.wire.openai import ZekeFields
from zeke_bridge.wire.zeke import invalid
from zeke_bridge.wire.zeke.body import WHOLE

Marks = dict[str, Any]
"""``cache_control``: where a provider may keep what it has read."""


class Shape(BaseModel):
    """A part of a request."""

    # Built when the first such request comes: few ever get one.
    model_config = ConfigDict(extra="allow", strict=True, defer_build=True)


class Base64Source(Shape):
    """The data itself."""

    type: Literal["base64"]
    media_type: str
    data: str = Field(min_length=1)


class UrlSource(Shape):
    """Where the data is."""

    type: Literal["url"]
    url: str = Field(min_length=1)


class TextSource(Shape):
    """A document that is plain text."""

    type: Literal["text"]
    data: str


class TextBlock(Shape):
    """Text."""

    type: Literal["text"]
    text: str
    cache_control: Marks | None = None


class ImageBlock(Shape):
    """A picture."""

    type: Literal["image"]
    source: Annotated[Base64Source | UrlSource, Field(discriminator="type")]
    cache_control: Marks | None = None


def _as_blocks(content: Any) -> Any:
    """Text alone is one block of text, and none when it is empty."""
    if not isinstance(content, str):
        return content
    return [{"type": "text", "text": content}] if content else []


Picture = Annotated[TextBlock | ImageBlock, Field(discriminator="type")]
Pictures = Annotated[
    list[Picture], BeforeValidator(_as_blocks, json_schema_input_type=str | list[Picture])
]
Texts = Annotated[
    list[TextBlock], BeforeValidator(_as_blocks, json_schema_input_type=str | list[TextBlock])
]


class ToolReferenceBlock(Shape):
    """A tool that was found; all that are described can be called here anyway."""

    type: Literal["tool_reference"]
    tool_name: str
    cache_control: Marks | None = None


class ContentSource(Shape):
    """A document in pieces."""

    type: Literal["content"]
    content: Pictures


def _off(enabled: Any) -> Any:
    """No answer here has a place for them, and one without them is not what was asked for."""
    if enabled is True:
        raise ValueError("answers here cite nothing: leave citations out")
    return enabled


class Citations(Shape):
    """That the answer need not say where it has things from."""

    # A literal would take 0, too.
    enabled: Annotated[bool, BeforeValidator(_off), Field(json_schema_extra={"const": False})] = (
        False
    )


class DocumentBlock(Shape):
    """A document."""

    type: Literal["document"]
    source: Annotated[
        Base64Source | UrlSource | TextSource | ContentSource, Field(discriminator="type")
    ]
    title: str | None = None
    context: str | None = None
    citations: Citations | None = None
    cache_control: Marks | None = None


class SearchResultBlock(Shape):
    """Something that was found."""

    type: Literal["search_result"]
    source: str
    title: str
    content: list[TextBlock]
    citations: Citations | None = None
    cache_control: Marks | None = None


class ThinkingBlock(Shape):
    """What a model thought, signed by whoever runs it."""

    type: Literal["thinking"]
    thinking: str
    signature: str = ""


class RedactedThinkingBlock(Shape):
    """The same, encrypted."""

    type: Literal["redacted_thinking"]
    data: str


class ToolUseBlock(Shape):
    """A tool call."""

    type: Literal["tool_use"]
    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    input: dict[str, Any]
    cache_control: Marks | None = None


Result = Annotated[
    TextBlock | ImageBlock | DocumentBlock | SearchResultBlock | ToolReferenceBlock,
    Field(discriminator="type"),
]
ResultContent = Annotated[
    list[Result], BeforeValidator(_as_blocks, json_schema_input_type=str | list[Result])
]


class ToolResultBlock(Shape):
    """What a tool answered."""

    type: Literal["tool_result"]
    tool_use_id: str = Field(min_length=1)
    content: ResultContent = Field(default_factory=list)
    is_error: bool = False
    cache_control: Marks | None = None


Asked = Annotated[
    TextBlock | ImageBlock | DocumentBlock | SearchResultBlock | ToolResultBlock,
    Field(discriminator="type"),
]
AskedContent = Annotated[
    list[Asked], BeforeValidator(_as_blocks, json_schema_input_type=str | list[Asked])
]
Said = Annotated[
    TextBlock | ThinkingBlock | RedactedThinkingBlock | ToolUseBlock, Field(discriminator="type")
]
SaidContent = Annotated[
    list[Said], BeforeValidator(_as_blocks, json_schema_input_type=str | list[Said])
]


class UserTurn(Shape):
    """What the user says, and what tools answered."""

    role: Literal["user"]
    content: AskedContent


class AssistantTurn(Shape):
    """What the model said before."""

    role: Literal["assistant"]
    content: SaidContent


class SystemTurn(Shape):
    """An instruction in the middle of the conversation."""

    role: Literal["system"]
    content: Texts


Turn = Annotated[UserTurn | AssistantTurn | SystemTurn, Field(discriminator="role")]


class Tool(Shape):
    """A tool that the client runs."""

    type: Literal["custom"] | None = None
    name: str = Field(min_length=1)
    description: str = ""
    input_schema: dict[str, Any]
    strict: bool | None = None
    cache_control: Marks | None = None


class FreeChoice(Shape):
    """Whether some tool may, must or must not be called."""

    type: Literal["auto", "any", "none"]
    disable_parallel_tool_use: bool = False


class NamedChoice(Shape):
    """The one tool that must be called."""

    type: Literal["tool"]
    name: str = Field(min_length=1)
    disable_parallel_tool_use: bool = False


ToolChoice = Annotated[FreeChoice | NamedChoice, Field(discriminator="type")]


class Metadata(Shape):
    """Who asks, in the client's own books."""

    user_id: str | None = None


class Thinking(Shape):
    """How much to think before the answer."""

    type: Literal["enabled", "disabled", "adaptive", "between_tools"]
    budget_tokens: Annotated[int, Field(ge=1), WHOLE] | None = None


class JsonFormat(Shape):
    """The answer is to be JSON of this shape."""

    type: Literal["json_schema"]
    schema_: dict[str, Any] = Field(alias="schema")


class OutputConfig(Shape):
    """What the answer is to be like."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: JsonFormat | None = None


class TokensRequest(Shape):
    """The body of ``/v1/messages/count_tokens``."""

    model: str = Field(default="auto", min_length=1)
    messages: list[Turn] = Field(min_length=1)
    system: Texts | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    cache_control: Marks | None = None
    zeke: ZekeFields | None = None


class MessagesRequest(TokensRequest):
    """The body of ``/v1/messages``."""

    max_tokens: Annotated[int, Field(ge=1), WHOLE]
    stream: bool = False
    temperature: float | None = None
    top_p: float | None = None
    top_k: Annotated[int, WHOLE] | None = None
    stop_sequences: list[str] | None = None
    metadata: Metadata | None = None
    output_format: JsonFormat | None = None


Request = TypeVar("Request", bound=TokensRequest)


def read(body: Any) -> MessagesRequest:
    """``body`` (parsed JSON) as a question; raises ``InputError`` naming what is wrong."""
    return _read(MessagesRequest, body)


def read_tokens(body: Any) -> TokensRequest:
    """``body`` (parsed JSON) as something to be counted; raises ``InputError`` likewise."""
    return _read(TokensRequest, body)


def _read(shape: type[Request], body: Any) -> Request:
    if isinstance(body, dict):
        _refuse_what_runs_there(body)
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from error


def _refuse_what_runs_there(body: dict[str, Any]) -> None:
    """An answer without these would be a wrong one, and only Anthropic itself has them."""
    for name in ("container", "mcp_servers"):
        if body.get(name):
            raise InputError(f"{name} is for what runs at Anthropic: leave it out here.")
    tools = body.get("tools")
    for tool in tools if isinstance(tools, list) else ():
        kind = tool.get("type") if isinstance(tool, dict) else None
        if isinstance(kind, str) and kind != "custom":
            raise InputError(
                f"Tools of the type {kind[:64]} are Anthropic's own: here only those work that the "
                "client runs and describes by an input_schema."
            )
