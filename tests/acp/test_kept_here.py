"""What a client embeds of a project whose consent file keeps its text on this machine."""

from __future__ import annotations

import json

import pytest
from acp import schema
from acp.exceptions import RequestError

from tests.acp.person import Person, command, editor, words
from tests.fakes.house import House, house
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.anyio

SECRET = "secret-91c4"


def _inner(home: House) -> str:
    """The URI of a file below another consent file."""
    (home.project / "inner").mkdir()
    kept = json.dumps({"version": 1, "local_only": True})
    (home.project / "inner" / ".zeke-consents.json").write_text(kept)
    (home.project / "inner" / "s.txt").write_text(f"{SECRET}\n")
    return f"file://{home.project}/%69nner/s.txt#L1:1"


def _embedded(uri: str) -> list[schema.TextContentBlock | schema.EmbeddedResourceContentBlock]:
    resource = schema.TextResourceContents(uri=uri, text=f"{SECRET}\n")
    embedded = schema.EmbeddedResourceContentBlock(type="resource", resource=resource)
    return [*words("ANSWER: heard"), embedded]


async def test_no_agent_is_told_of_it(home: House) -> None:
    uri, person = _inner(home), Person("project")
    async with editor(home, person, *command(home, prompts=[[{"say": "heard"}]])) as client:
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        with pytest.raises(RequestError, match="keeps its text on this machine"):
            await client.prompt(session_id=session.session_id, prompt=_embedded(uri))
        assert person.text == ""
        # Nothing of it was said, and the session goes on.
        await client.prompt(session_id=session.session_id, prompt=words("go"))
        await client.prompt(
            session_id=session.session_id, prompt=_embedded(f"file://{home.project}/a.py")
        )
        assert person.text == "heardheard"


async def test_no_model_elsewhere_is_told_of_it() -> None:
    with FakeProvider() as provider, house(provider) as home:
        (home.base / "config").mkdir()
        (home.base / "config" / "config.toml").write_text('default_model = "openai:echo"\n')
        uri, person = _inner(home), Person()
        async with editor(home, person, "--agent", "zeke") as client:
            session = await client.new_session(cwd=str(home.project), mcp_servers=[])
            for prompt in (_embedded(uri), words("ANSWER: heard")):
                with pytest.raises(RequestError):
                    await client.prompt(session_id=session.session_id, prompt=prompt)
        assert SECRET not in json.dumps(provider.requests, default=str)
    assert person.text == ""
