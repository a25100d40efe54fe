"""``:ZekeContext``, ``:ZekeTest`` and ``:ZekeRefactor``, as far as the front goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

SENT = {
    "names": 12,
    "whole": False,
    "commits": 1,
    "files": [
        {"path": "README.md", "lines": 40, "whole": True},
        {"path": "src/a.py", "lines": 1, "whole": False},
    ],
    "left": [{"path": "b.py", "why": "You denied it."}],
}


def test_what_was_shown_stands_above_the_answer(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    other = sample.with_name("other.py")
    other.write_text("x = 1\n")
    nvim.edit(other)
    nvim.command("call setline(1, 'x = 2')")
    nvim.command("new")
    nvim.feed(':ZekeContext "what is x?"<CR>')
    task = broker.expect("task.submit")
    assert (task["kind"], task["instruction"]) == ("context", "what is x?")
    [first, second] = task["opened"]
    assert first == {"path": str(other), "text": "x = 2", "language": "python"}
    assert second == {"path": str(sample), "language": "python"}
    nvim.wait_screen("Zeke on this project …")
    broker.send("task.sent", id=task["id"], **SENT)
    broker.send("task.delta", id=task["id"], text="It is ")
    broker.send("task.delta", id=task["id"], text="2.")
    nvim.wait_screen("It is 2.")
    broker.send("task.done", id=task["id"], kind="context", text="It is 2.", model="tiny")
    nvim.wait_screen("Zeke on this project · tiny")
    buffer = nvim.lua("return vim.fn.bufnr('zeke://context/')")
    assert nvim.lines(buffer) == [
        "> **Shown to the model:** the first 12 file names, the subjects of 1 commit",
        "> - README.md (40 lines)",
        "> - src/a.py (its first 1 line)",
        "> ",
        "> **Left out:**",
        "> - b.py: You denied it.",
        "",
        "It is 2.",
    ]


def test_nothing_but_files_is_open(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.command("terminal true")
    nvim.command("enew")
    nvim.command("call setline(1, 'a scratch')")
    nvim.command("edit /proc/self/nothing/there")
    assert nvim.lua("return require('zeke.context').opened()")[-1]["path"] == str(sample)
    paths = nvim.lua("""return vim.tbl_map(function(f) return f.path end,
      require('zeke.context').opened())""")
    assert len(paths) == 2


def test_of_a_long_buffer_its_beginning_goes(nvim: Nvim) -> None:
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.fn['repeat']({('x'):rep(99)}, 5000))")
    [file] = nvim.lua("return require('zeke.context').opened()")
    assert 16_000 < len(file["text"]) < 65_536
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, { ('x'):rep(100000) })")
    assert nvim.lua("return require('zeke.context').opened()") == []


def test_a_question_is_needed(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeContext<CR>")
    nvim.wait_screen("Ask something about the project, as in `:ZekeContext")
    nvim.feed(":ZekeRefactor<CR>")
    nvim.wait_screen("Say what to refactor, as in `:ZekeRefactor extract a function`.")
    assert not broker.seen("hello")


def test_a_refactoring_is_a_diff_like_any_edit(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":1,5ZekeRefactor use sum<CR>")
    task = broker.expect("task.submit")
    assert (task["kind"], task["instruction"]) == ("refactor", "use sum")
    hunks = [{"start_line": 2, "old": ["    result = 0"], "new": ["    return sum(values)"]}]
    tick = nvim.lua("return vim.b.changedtick")
    broker.send("task.patch", id=task["id"], hunks=hunks, changedtick=tick, note="")
    nvim.wait_screen("return sum(values)")
    nvim.feed("gR")
    assert broker.expect("edit.reject")["id"] == task["id"]
    nvim.wait_gone("return sum(values)")


@pytest.mark.parametrize(
    ("keys", "kind", "lines"),
    [("<Plug>(zeke-test)", "test", (2, 3)), ("<Plug>(zeke-refactor)x<CR>", "refactor", (2, 3))],
)
def test_the_maps_take_a_range(
    nvim: Nvim, broker: FakeBroker, keys: str, kind: str, lines: tuple[int, int]
) -> None:
    plug, _, rest = keys.partition(")")
    nvim.lua("vim.keymap.set('x', 'Q', ..., { remap = true })", f"{plug})")
    nvim.feed(f"2GVjQ{rest}")
    task = broker.expect("task.submit")
    assert task["kind"] == kind
    assert (task["buffer"]["start_line"], task["buffer"]["end_line"]) == lines
