"""The names that a person chooses from."""

from __future__ import annotations

import pytest

from tests.fakes.street import Street

pytestmark = pytest.mark.anyio


async def test_the_files_of_a_project_without_its_secrets(street: Street) -> None:
    (street.project / ".env").write_text("KEY=1\n")
    (street.project / "src").mkdir()
    (street.project / "src" / "é.py").write_text("x\n")
    editor, _ = street.editor()
    found = await street.broker.state(editor, "files", str(street.project / "src"))
    assert found == {
        "root": str(street.project),
        "files": ["a.py", "b.py", "src/é.py"],
        "whole": True,
    }
