"""What a text mentions, and what of it the editor has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

FIND = "return require('zeke.mentions').find(...)"
GATHER = """
local text, origin = ...
origin = origin or {}
origin.base = vim.fn.getcwd()
local attachments, problems = require("zeke.mentions").gather(text, origin)
return { attachments, problems }
"""
PIECES = st.sampled_from(
    ["@", "file", "diff", ":", "a.py", "`", "``", "```", "\n", " ", "\\", '"', "~~~", "é", ".", ")"]
)


def found(nvim: Nvim, text: str) -> list[tuple[str, str | None]]:
    return [(one["kind"], one.get("argument")) for one in nvim.lua(FIND, text)]


def gather(nvim: Nvim, text: str, **origin: Any) -> tuple[Any, Any]:
    """With ``range`` or other places of the person; the buffer is the sample's."""
    attachments, problems = nvim.lua(GATHER, text, {"buffer": 1, **origin})
    return attachments, problems


def one(nvim: Nvim, text: str, **origin: Any) -> Any:
    attachments, problems = gather(nvim, text, **origin)
    assert problems == []
    [attachment] = attachments
    return attachment


def problem(nvim: Nvim, text: str, **origin: Any) -> str:
    attachments, problems = gather(nvim, text, **origin)
    assert list(attachments) == []
    [sentence] = problems
    assert isinstance(sentence, str)
    return sentence


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("@diff", [("diff", None)]),
        ("see @file:src/a.py:1-2, please", [("file", "src/a.py:1-2")]),
        ("(@buffer), @selection.", [("buffer", None), ("selection", None)]),
        ('@file:"a b.py"!', [("file", "a b.py")]),
        ("@file:app/(g)/[id].tsx) ok", [("file", "app/(g)/[id].tsx")]),
        ("@diagnostics:all @quickfix:location", [("diagnostics", "all"), ("quickfix", "location")]),
        ("看@file:文.py", [("file", "文.py")]),
        ("me@file.com x@diff @filex @diff-based @file.txt", []),
        ("`@diff` and ``a ` @diff``", []),
        ("a ` b\n\n@diff `", [("diff", None)]),
        ("```lua\n@diff\n```\n@buffer", [("buffer", None)]),
        ("~~~\n@diff\n```\n@diff", []),
        ("> ```\n> @diff\n> ```\n@buffer", [("buffer", None)]),
        ("\\@diff", []),
        ("\\\\@diff", [("diff", None)]),
        ("@src/a.py", []),
    ],
)
def test_what_a_text_mentions(
    nvim: Nvim, text: str, mentions: list[tuple[str, str | None]]
) -> None:
    assert found(nvim, text) == mentions


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("@selecton x", ["selection"]),
        ("what of (@Symbl:f) and @files:a.py", ["symbol", "file"]),
        ("@difff", ["diff"]),
        ("@fiel and @buffre", ["file", "buffer"]),
        ("@fiel\nwhat is it for?", ["file"]),
        ("x\n@quickfx\n", ["quickfix"]),
        ("@selection @diff @buffer.", []),
        ("me@fil.com, me@files, @files.com, npm @files/core, @files@host, @diffs-based", []),
        ("@symbols\ndef f():\n    @files(1)\n    def g(): ...", []),
        ("---@field x\n`@files` and \\@files\n```\n@files x\n```", []),
        ("@mike, @john and @property x", []),
        ("@files\n@property\ndef f(): ...", []),
    ],
)
def test_what_is_nearly_a_mention(nvim: Nvim, text: str, kinds: list[str]) -> None:
    doubtful = nvim.lua("return require('zeke.mentions.grammar').doubtful(...)", text)
    assert [one["kind"] for one in doubtful] == kinds


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(PIECES, max_size=30).map("".join))
def test_any_text(nvim: Nvim, text: str) -> None:
    raw = text.encode()
    mentions = nvim.lua(FIND, text)
    end = 0
    for mention in mentions:
        assert mention["from"] > end
        end = mention["to"]
        said = raw[mention["from"] - 1 : end].decode()
        assert said.startswith("@" + mention["kind"])
        assert said.endswith(mention.get("argument", ""), 0, len(said) - said.endswith('"'))
    assert end <= len(raw)
    if mentions:
        at = mentions[-1]["from"] - 1
        literal = (raw[:at] + b"\\" + raw[at:]).decode()
        assert len(nvim.lua(FIND, literal)) == len(mentions) - 1


def test_a_long_text_takes_no_time(nvim: Nvim) -> None:
    took = nvim.lua("""
      local text = ("`a`` @diff ``` b ~~~ "):rep(5000)
      local begun = os.clock()
      require("zeke.mentions").find(text)
      return (os.clock() - begun) * 1000""")
    assert took < 1000


def test_a_file_is_left_to_the_broker(nvim: Nvim, sample: Path) -> None:
    path = str(sample)
    whole = {"kind": "file", "label": "@file:app.py", "path": path, "language": "python"}
    assert one(nvim, "@file:app.py") == whole
    assert one(nvim, f"@file:{path}")["path"] == path
    lines = one(nvim, "what is @app.py:2-3?")
    assert (lines["label"], lines["first"], lines["last"]) == ("@app.py:2-3", 2, 3)
    assert one(nvim, "@file:app.py:4")["last"] == 4
    assert gather(nvim, "@file:app.py @file:app.py")[0] == [whole]
    sample.with_name("b:1").write_text("x\n")
    assert one(nvim, "@file:b:1")["path"].endswith("/b:1")


def test_what_is_changed_here_is_what_is_meant(nvim: Nvim, sample: Path) -> None:
    nvim.command("call setline(2, '    changed = 1')")
    said = one(nvim, "@file:app.py:1-2")
    assert said["text"] == "def total(values):\n    changed = 1"
    assert (said["path"], said["first"], said["last"]) == (str(sample), 1, 2)
    assert one(nvim, "@buffer")["text"].startswith("def total(values):\n    changed")
    nvim.command("silent write")
    assert "text" not in one(nvim, "@file:app.py")
    assert "text" not in one(nvim, "@buffer")


def test_a_file_that_is_not_there_names_the_nearest(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    assert problem(nvim, "@file") == "@file: Say which file, as in @file:src/a.py."
    assert problem(nvim, "@file:nothing.py") == "@file:nothing.py: There is no file nothing.py."
    assert "is a directory: name a file in it" in problem(nvim, f"@file:{sample.parent}")
    assert "There are no lines 3 to 1." in problem(nvim, "@file:app.py:3-1")
    broker.states["files"] = {"root": str(sample.parent), "files": ["app.py"], "whole": True}
    nvim.lua(
        "require('zeke.mentions.places').refresh(vim.fn.getcwd(), function() vim.g.came = 1 end)"
    )
    nvim.wait_for("vim.g.came")
    assert problem(nvim, "@file:ap.py").endswith("There is no file ap.py: did you mean app.py?")
    assert problem(nvim, "@file:app.pu").endswith("There is no file app.pu: did you mean app.py?")


def test_buffers_by_name(nvim: Nvim, sample: Path) -> None:
    for folder in ("one", "two"):
        other = sample.parent / folder / "same.py"
        other.parent.mkdir()
        other.write_text("x = 1\n")
        nvim.edit(other)
    assert one(nvim, "@buffer:one/same.py")["path"] == str(sample.parent / "one" / "same.py")
    assert one(nvim, "@buffer:app.py")["path"] == str(sample)
    assert "Several buffers are called so: one/same.py, two/same.py." in problem(
        nvim, "@buffer:same.py"
    )
    assert problem(nvim, "@buffer:ap.py").endswith("did you mean app.py?")
    nvim.command("enew")
    nvim.command("call setline(1, 'typed here')")
    number = nvim.lua("return vim.api.nvim_get_current_buf()")
    said = one(nvim, f"@buffer:#{number}")
    assert (said["path"], said["text"]) == ("", "typed here")


def test_without_a_buffer_before_it(nvim: Nvim) -> None:
    for text, sentence in (
        ("@buffer", "There was no buffer before this chat"),
        ("@selection", "Nothing was selected there"),
        ("@diagnostics", "say @diagnostics:all"),
        ("@symbol:x", "There was no buffer before this chat"),
    ):
        _, [said] = nvim.lua(GATHER, text)
        assert sentence in said
    assert nvim.lua(GATHER, "@diff")[0] == [{"kind": "diff", "label": "@diff", "path": ""}]


def test_the_selection(nvim: Nvim, sample: Path) -> None:
    assert "select lines first" in problem(nvim, "@selection")
    said = one(nvim, "@selection", range={"buffer": 1, "first": 2, "last": 3})
    assert said == {
        "kind": "selection",
        "label": "@selection",
        "path": str(sample),
        "is_file": True,
        "first": 2,
        "last": 3,
        "language": "python",
        "text": "    result = 0\n    for value in values:",
    }
    assert "There are no lines 90 to 99" in problem(
        nvim, "@selection", range={"buffer": 1, "first": 90, "last": 99}
    )
    assert problem(nvim, "@selection:x") == "@selection:x: Nothing can stand after @selection."


def test_diagnostics(nvim: Nvim, sample: Path) -> None:
    assert one(nvim, "@diagnostics")["text"] == ""
    assert "No buffer has any diagnostics." in problem(nvim, "@diagnostics:all")
    nvim.lua("""
      vim.diagnostic.set(vim.api.nvim_create_namespace("t"), 1, {
        { lnum = 3, col = 2, message = "two\\n  lines", severity = 2 },
        { lnum = 0, col = 0, message = "wrong", severity = 1, source = "linter" },
      })""")
    said = one(nvim, "@diagnostics")
    assert said["text"] == "1:1 error: wrong (linter)\n4:3 warn: two lines"
    assert said["path"] == str(sample)
    assert one(nvim, "@diagnostics:all")["path"] == str(sample)
    assert "Only all can stand after" in problem(nvim, "@diagnostics:some")


def test_the_lists(nvim: Nvim, sample: Path) -> None:
    assert "The quickfix list is empty." in problem(nvim, "@quickfix")
    assert "The location list is empty." in problem(nvim, "@quickfix:location")
    nvim.lua("""
      local entries = {
        { bufnr = 1, lnum = 2, col = 5, type = "E", text = " wrong\\nhere" },
        { filename = "other.py", lnum = 1, text = "found" },
        { text = "a word about it" },
        { bufnr = 1, lnum = 3, text = "again" },
      }
      vim.fn.setqflist(entries)
      vim.fn.setloclist(0, { entries[2] })""")
    said, problems = gather(nvim, "@quickfix")
    assert problems == []
    assert [(one["path"], one["text"]) for one in said] == [
        (str(sample), "2:5 error: wrong here\n3:1 again"),
        (str(sample.with_name("other.py")), "1:1 found"),
        ("", "a word about it"),
    ]
    assert one(nvim, "@quickfix:location")["text"] == "1:1 found"
    nvim.lua("""vim.fn.setqflist(vim.tbl_map(function(number)
      return { filename = number .. ".py", lnum = 1, text = "x" } end, vim.fn.range(40)))""")
    said, _ = gather(nvim, "@quickfix")
    assert (len(said), said[-1]["text"]) == (32, "1:1 x\n(8 more entries)")


def test_too_many_files_in_one_message(nvim: Nvim, sample: Path) -> None:
    for number in range(70):
        (sample.parent / f"f{number}.py").write_text("x\n")
    text = " ".join(f"@file:f{number}.py" for number in range(70))
    said, problems = gather(nvim, text)
    assert len(said) == 64
    assert problems == ["A message takes 64 files at most, and these are 70: mention fewer."]


LUA = """\
local M = {}

local function helper()
  local function inner() end
  return inner
end

function M.first(one)
  return helper(one)
end

M.second = function()
  return 2
end
"""


def test_symbols_by_a_parser(nvim: Nvim, sample: Path) -> None:
    other = sample.with_name("mod.lua")
    other.write_text(LUA)
    nvim.edit(other)
    here = {"buffer": nvim.lua("return vim.api.nvim_get_current_buf()")}
    said = one(nvim, "@symbol:M.first", **here)
    assert said["text"] == "function M.first(one)\n  return helper(one)\nend"
    assert (said["first"], said["last"], said["path"]) == (8, 10, str(other))
    assert one(nvim, "@symbol:second", **here)["first"] == 12
    assert one(nvim, "@symbol:helper", **here)["last"] == 6
    assert "There is no symbol inner" in problem(nvim, "@symbol:inner", **here)
    assert problem(nvim, "@symbol:helpr", **here).endswith("did you mean helper?")
    nvim.command("1delete")
    assert one(nvim, "@symbol:helper", **here)["first"] == 2


def test_symbols_of_c(nvim: Nvim, sample: Path) -> None:
    other = sample.with_name("a.c")
    other.write_text("static int *add(int a)\n{\n  return 0;\n}\nstruct point {\n  int x;\n};\n")
    nvim.edit(other)
    here = {"buffer": nvim.lua("return vim.api.nvim_get_current_buf()")}
    assert one(nvim, "@symbol:add", **here)["last"] == 4
    assert one(nvim, "@symbol:point", **here)["first"] == 5


SERVER = """
local answers = {}
vim.lsp.start({ name = "fake", cmd = function()
  return {
    request = function(method, _, callback)
      if method == "initialize" then
        callback(nil, { capabilities = { documentSymbolProvider = true } })
      elseif method == "textDocument/documentSymbol" then
        answers[#answers + 1] = callback
      else
        callback(nil, nil)
      end
      return true, 1
    end,
    notify = function() return true end,
    is_closing = function() return false end,
    terminate = function() end,
  }
end, root_dir = vim.fn.getcwd() })
_G.answer = function()
  local range = { start = { line = 0, character = 0 }, ["end"] = { line = 4, character = 17 } }
  answers[1](nil, { { name = "Sum", kind = 5, range = range, selectionRange = range, children = {
    { name = "total", kind = 12, range = range, selectionRange = range } } } })
end
"""


def test_symbols_by_a_language_server(nvim: Nvim) -> None:
    assert "No parser and no language server here knows python: use @selection." in problem(
        nvim, "@symbol:total"
    )
    nvim.lua(SERVER)
    nvim.wait_for("#vim.lsp.get_clients({ bufnr = 1, method = 'textDocument/documentSymbol' }) > 0")
    assert "Its language server is being asked" in problem(nvim, "@symbol:total")
    nvim.lua("answer()")
    said = one(nvim, "@symbol:total")
    assert (said["first"], said["last"]) == (1, 5)
    assert one(nvim, "@symbol:Sum.total")["text"].endswith("    return result")
    nvim.command("call append(0, 'x')")
    assert "Its language server is being asked" in problem(nvim, "@symbol:total")
