"""Zeke's own assistant through ``zeke acp``, on a fake provider."""

from __future__ import annotations

import pytest

from tests.acp.person import Person, editor, words
from tests.fakes.house import house
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.anyio


async def test_it_answers_without_being_started() -> None:
    with FakeProvider() as provider, house(provider) as home:
        (home.base / "config").mkdir()
        (home.base / "config" / "config.toml").write_text('default_model = "openai:echo"\n')
        person = Person()
        async with editor(home, person, "--agent", "zeke") as client:
            session = await client.new_session(cwd=str(home.project), mcp_servers=[])
            done = await client.prompt(
                session_id=session.session_id, prompt=words("ANSWER: hello there")
            )
            assert done.stop_reason == "end_turn"
            found = await client.list_sessions(cwd=str(home.project))
            assert found.sessions == []
    assert person.text == "hello there"
    assert person.asked == []
