"""The built-in assistant is stopped while it waits for the person, in a real Neovim."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Opener
from tests.e2e.person import answer, run
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")

ON_CHANGE = "require('zeke.review').of(vim.api.nvim_get_current_buf()) ~= nil"


def test_a_stop_keeps_what_was_accepted_of_several_files(house: House, editor: Opener) -> None:
    nvim = editor(settings={"default_model": "openai:echo"})
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "echo"}
    one = {"path": "a.py", "edits": [{"old_text": "return 1", "new_text": "return 2"}]}
    two = {"path": "app.py", "edits": [{"old_text": "result = 0", "new_text": "result = 1"}]}
    made = [
        {"index": n, "id": f"c{n}", "type": "function", "function": function}
        for n, function in enumerate(
            {"name": "edit_file", "arguments": json.dumps(given)} for given in (one, two)
        )
    ]
    chunks = [
        {**head, "choices": [{"index": 0, "delta": {"role": "assistant", "tool_calls": made}}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    ]
    house.provider.script.append(chunks)
    run(nvim, "ZekeAgent zeke change both")
    nvim.wait_for(f"{ON_CHANGE} and require('zeke.review').of(vim.fn.bufnr()).name == ...", "a.py")
    nvim.feed("ga")
    answer(nvim, "1")
    run(nvim, "ZekeChat")
    nvim.wait_for("vim.b.zeke_chat ~= nil")
    nvim.wait_screen("▸ Edit a.py  done")
    nvim.wait_screen("Files: 1 written")
    nvim.press("<Esc><C-c>")
    nvim.wait_screen("▸ Edit app.py  not written")
    nvim.wait_screen("▸ Edit a.py  done")
    nvim.wait_screen("Files: 1 written, 1 not written")
    assert "return 2" in (house.project / "a.py").read_text()
    assert "result = 0" in (house.project / "app.py").read_text()
    house.provider.script.append("Good.")
    nvim.feed("Gigo on<Esc><CR>")
    nvim.wait_screen("Good.")
    told = [turn for turn in house.provider.requests[-1]["messages"] if turn["role"] == "tool"]
    assert [turn["content"].partition(".py ")[2][:14] for turn in told] == [
        "is written, 1 ",
        "is not written",
    ]
