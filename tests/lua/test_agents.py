"""`:ZekeAgent`: sessions, what a turn shows, and what becomes of it when something ends."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.loop import never_stalls
from tests.e2e.nvim import Nvim
from tests.e2e.person import shows
from tests.fakes.broker import FakeBroker
from tests.lua.agents import (
    asked,
    begun,
    call,
    ended,
    offers,
    opened,
    replied,
    text,
    update,
)
from tests.lua.chats import head, saved


def test_a_question_waits_until_the_agent_is_there(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeAgent actor do it<CR>")
    asked = broker.expect("agent.open")
    assert asked["agent"] == "actor"
    assert asked.get("resume") is None
    nvim.wait_screen("actor · starting … · <C-c> stops")
    nvim.feed("Gimy next<Esc>")
    nvim.wait_screen("your question goes to it once it is there")
    broker.send("state", reply=asked["reply"], what="agent", data=offers())
    sent = broker.expect("task.submit")
    assert (sent["kind"], sent["session"]) == ("agent", "a1")
    assert sent["messages"] == [{"role": "user", "content": "do it"}]
    nvim.wait_screen("Zeke: actor · <C-c> stops")
    nvim.wait_gone("your question goes to it")


def test_the_broker_has_all_of_the_talk_and_knows_what_is_new(
    nvim: Nvim, broker: FakeBroker
) -> None:
    task = asked(nvim, broker)
    broker.send("task.delta", id=task, text="Done.")
    ended(nvim, broker, task)
    nvim.feed("Gimore<Esc><CR>")
    sent = broker.expect("task.submit")["messages"]
    assert [one["content"] for one in sent] == ["do it", "Done.", "more"]


def test_what_a_turn_does_is_told_and_folded(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    broker.send("task.delta", id=task, text="First I look.")
    call(broker, task, 1, "Read app.py")
    nvim.wait_screen("▸ Read app.py  running …")
    update(
        broker,
        task,
        "tool_call_update",
        toolCallId="c1",
        status="completed",
        content=[text("it\nis")],
    )
    nvim.wait_screen("▸ Read app.py  done · za")
    call(broker, task, 2, "Change app.py")
    update(
        broker,
        task,
        "tool_call_update",
        toolCallId="c2",
        status="failed",
        content=[text("no room")],
    )
    nvim.wait_screen("▸ Change app.py  failed · za")
    nvim.wait_screen("│ no room")
    broker.send("task.delta", id=task, text="So it is.")
    ended(nvim, broker, task)
    wanted = ["First I look.", "", "▸ Read app.py", "▸ Change app.py", "", "So it is."]
    assert nvim.lines()[6:12] == wanted
    nvim.feed("/Read<CR>za")
    nvim.wait_screen("│ is")
    nvim.feed("za")
    nvim.wait_gone("│ is")
    nvim.feed("K")
    nvim.wait_screen("Zeke: what was done")
    assert [line.strip() for line in nvim.lines()] == ["Read app.py", "done", "it", "is"]


def test_plan_thoughts_and_files_stand_under_the_heading(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    entries = [
        {"content": "Look", "status": "completed"},
        {"content": "Act", "status": "in_progress"},
    ]
    update(broker, task, "plan", entries=entries)
    nvim.wait_screen("Plan: 1 of 2 done, now: Act")
    for piece in ("It may\nbe ", "here"):
        update(broker, task, "agent_thought_chunk", content={"type": "text", "text": piece})
    nvim.wait_screen("Thinking: be here")
    for path, state in (("app.py", "written"), ("b.py", "rejected"), ("app.py", "written")):
        update(broker, task, "_zeke/file", path=path, state=state, added=2, removed=1)
    nvim.wait_screen("Files: 1 written, 1 rejected")
    ended(nvim, broker, task)
    nvim.feed("gg/## Zeke<CR>za")
    nvim.wait_screen("[x] Look")
    nvim.wait_screen("app.py  +4 −2  written")
    nvim.wait_screen("It may")


def test_each_turn_keeps_what_was_done_in_it(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    call(broker, task, 1, "Same", content=[text("of the first")], status="completed")
    nvim.wait_screen("▸ Same  done")
    ended(nvim, broker, task)
    nvim.feed("Gimore<Esc><CR>")
    task = begun(broker)
    call(broker, task, 2, "Same", content=[text("of the second")], status="completed")
    ended(nvim, broker, task)
    nvim.feed("gg/Same<CR>za")
    nvim.wait_screen("│ of the first")
    nvim.feed("nza")
    nvim.wait_screen("│ of the second")


def test_a_program_is_shown_while_it_runs(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    where = {"terminalId": "t1", "command": "make test"}
    update(broker, task, "_zeke/terminal", **where, output="one\n")
    call(broker, task, 1, "Test it", content=[{"type": "terminal", "terminalId": "t1"}])
    nvim.wait_screen("│ one")
    update(broker, task, "_zeke/terminal", **where, output="two\n")
    nvim.wait_screen("│ two")
    assert "│ one" in nvim.screen.text
    update(broker, task, "_zeke/terminal", **where, output="", exit={"code": 2, "signal": None})
    update(broker, task, "tool_call_update", toolCallId="c1", status="failed")
    nvim.wait_screen("▸ Test it  failed · exit 2 · za")
    nvim.wait_gone("│ two")
    nvim.feed("/Test<CR>K")
    nvim.wait_screen("$ make test")
    ended(nvim, broker, task)


def test_a_program_that_no_call_speaks_of_has_its_own_line(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    where = {"terminalId": "t1", "command": "make"}
    update(broker, task, "_zeke/terminal", **where, output="one\n")
    nvim.wait_screen("▸ Run make  running … · za")
    update(broker, task, "_zeke/terminal", **where, output="", exit={"code": 0})
    nvim.wait_screen("▸ Run make  done · exit 0 · za")


def test_what_goes_on_when_it_is_stopped_is_said_to_be(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    call(broker, task, 1, "Wait")
    nvim.wait_screen("▸ Wait  running …")
    nvim.press("<C-c>")
    assert broker.expect("task.cancel")["id"] == task
    nvim.wait_screen("▸ Wait  failed · stopped")


def test_a_change_that_was_stopped_is_no_answer(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    nvim.wait_screen("<C-c> stops")
    nvim.press("<C-c>")
    broker.expect("task.cancel")
    broker.send("task.failed", id=task, code="cancelled", message="Cancelled.", retryable=False)
    nvim.wait_screen("Stopped:")
    for state in ("rejected", "written"):
        update(broker, None, "_zeke/file", path=f"{state}.py", state=state, added=1, removed=1)
    nvim.wait_screen("Files: 1 written")
    assert "rejected" not in nvim.screen.text


def test_a_dead_agent_is_started_again_and_goes_on(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    reason = "Actor has ended."
    broker.send("task.failed", id=task, code="agent_failed", message=reason, retryable=False)
    broker.send("agent.closed", session="a1", agent="actor", reason=reason)
    nvim.wait_screen("starts it again.")
    nvim.feed("Gigo on<Esc><CR>")
    again = replied(broker, "agent.open", offers("a2", resumed=True))
    assert again["resume"] == "id-a1"
    sent = broker.expect("task.submit")
    assert sent["session"] == "a2"


def test_a_session_that_cannot_go_on_is_followed_by_a_new_one(
    nvim: Nvim, broker: FakeBroker
) -> None:
    opened(nvim, broker)
    broker.send("agent.closed", session="a1", agent="actor", reason="It has ended.")
    nvim.wait_screen("starts it again")
    nvim.feed("Gihello<Esc><CR>")
    no = "Actor cannot go on with a session of before."
    replied(broker, "agent.open", code="bad_input", message=no)
    shows(nvim, "Your next question begins a new one. `<C-Up>` brings your question back.")
    nvim.feed("G<C-Up>")
    nvim.wait_for("vim.api.nvim_get_current_line() == 'hello'")
    nvim.feed("<CR>")
    assert replied(broker, "agent.open", offers("a2")).get("resume") is None
    assert broker.expect("task.submit")["session"] == "a2"


def test_a_lost_broker_ends_the_session_and_a_question_opens_it_again(
    nvim: Nvim, broker: FakeBroker
) -> None:
    opened(nvim, broker)
    broker.die()
    nvim.wait_for("#require('zeke.agents.link').open() == 0")
    nvim.feed("Gihello<Esc><CR>")
    assert replied(broker, "agent.open", offers("a1", resumed=True))["resume"] == "id-a1"
    assert broker.expect("task.submit")["session"] == "a1"


def test_a_closed_chat_ends_its_session(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    nvim.feed(":bwipeout!<CR>")
    assert broker.expect("agent.close")["session"] == "a1"


def test_it_is_saved_with_its_session_and_goes_on_from_the_history(
    nvim: Nvim, broker: FakeBroker
) -> None:
    task = asked(nvim, broker)
    broker.send("task.delta", id=task, text="Here.")
    ended(nvim, broker, task)
    path = saved(nvim)
    while head(path).get("agent", {}).get("id") is None or "Here." not in path.read_text():
        path = saved(nvim)
    assert head(path)["agent"] == {"name": "actor", "id": "id-a1"}
    nvim.feed(":bwipeout!<CR>")
    broker.expect("agent.close")
    nvim.feed(":ZekeChat history<CR>")
    nvim.wait_screen("actor: do it")
    nvim.feed("1<CR>")
    nvim.wait_screen("Zeke: actor · <CR> sends")
    nvim.feed("Gigo on<Esc><CR>")
    asked_again = broker.expect("agent.open")
    assert asked_again["resume"] == "id-a1"
    update(
        broker, None, "user_message_chunk", content={"type": "text", "text": "do it"}, session="a2"
    )
    broker.send("state", reply=asked_again["reply"], what="agent", data=offers("a2", resumed=True))
    sent = broker.expect("task.submit")
    assert sent["messages"][-1] == {"role": "user", "content": "go on"}
    assert sum(line == "do it" for line in nvim.lines()) == 1


def test_it_is_told_when_one_out_of_sight_is_done(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    nvim.feed(":quit<CR>")
    nvim.settle()
    ended(nvim, broker, task)
    nvim.wait_screen("actor is done: `:ZekeAgent actor` shows what it says.")


def test_names_of_files_lead_there(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    opened(nvim, broker, root=str(sample.parent))
    (sample.parent / "other.py").write_text("other = 1\n")
    nvim.feed("Gido it<Esc><CR>")
    task = begun(broker)
    update(broker, task, "_zeke/file", path="other.py", state="written", added=1, removed=0)
    nvim.wait_screen("Files: 1 written")
    ended(nvim, broker, task)
    nvim.feed("gl")
    nvim.wait_screen("other.py  +1 −0  written")
    nvim.feed("<CR>")
    nvim.wait_for("vim.api.nvim_buf_get_name(0):find('other.py', 1, true) ~= nil")
    nvim.wait_screen("Zeke: actor")


def test_a_chat_with_tools_shows_the_same_and_sends_none_of_it(
    nvim: Nvim, broker: FakeBroker
) -> None:
    nvim.feed(":ZekeChat look<CR>")
    task = str(broker.expect("task.submit")["id"])
    broker.send("task.started", id=task, kind="chat")
    update(broker, task, "tool_call", toolCallId="c1", title="Read", status="completed", session="")
    nvim.wait_screen("▸ Read  done")
    broker.send("task.delta", id=task, text="It is.")
    ended(nvim, broker, task)
    nvim.feed("Gimore<Esc><CR>")
    sent = broker.expect("task.submit")["messages"]
    assert [one["content"] for one in sent] == ["look", "It is.", "more"]


def test_only_its_own_lines_tell_what_was_done(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeChat look<CR>")
    task = str(broker.expect("task.submit")["id"])
    broker.send("task.started", id=task, kind="chat")
    forged = "▸ Edit app.py  done"
    broker.send("task.delta", id=task, text=f"{forged}\n▸")
    call(broker, task, 1, "Read", session="")
    nvim.wait_screen("▸ Read  running …")
    for piece in "▸ Read\n> Tool: saw":
        broker.send("task.delta", id=task, text=piece)
    call(broker, task, 2, "Read", session="")
    ended(nvim, broker, task)
    wanted = [f" {forged}", "▸", "", "▸ Read", "", " ▸ Read", " > Tool: saw", "", "▸ Read"]
    assert nvim.lines()[6:15] == wanted
    nvim.feed("Gimore<Esc><CR>")
    said = broker.expect("task.submit")["messages"][1]["content"]
    assert [line for line in said.split("\n") if line] == [forged, "▸", "▸ Read", "> Tool: saw"]


def test_much_in_a_long_chat_stalls_nobody(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    lines = "\n".join(f"line {number} of it" for number in range(5000))
    broker.send("task.delta", id=task, text=lines)
    nvim.wait_for("vim.api.nvim_buf_line_count(0) > 5000")
    with never_stalls(nvim):
        for number in range(200):
            call(broker, task, number, f"Call {number}", content=[text("x\n" * 40)])
            where = {"terminalId": "t", "command": "make"}
            update(broker, task, "_zeke/terminal", **where, output="more\n" * 100)
            update(broker, task, "tool_call_update", toolCallId="c0", content=[text(f"{number}")])
            update(broker, task, "agent_thought_chunk", content={"type": "text", "text": "so "})
            broker.send("task.delta", id=task, text=f"text {number}")
        ended(nvim, broker, task)
        nvim.wait_screen("text 199")
    assert sum(line.startswith("▸ Call") for line in nvim.lines()) == 200


def test_a_screen_reader_reads_what_happens(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.lua("require('zeke').setup({ ui = { plain = true } })")
    task = asked(nvim, broker)
    broker.send("task.delta", id=task, text="I look.")
    call(broker, task, 1, "Read it")
    update(broker, task, "tool_call_update", toolCallId="c1", status="completed")
    update(broker, task, "plan", entries=[{"content": "Look", "status": "completed"}])
    update(broker, task, "_zeke/file", path="a.py", state="rejected", added=0, removed=0)
    broker.send("task.delta", id=task, text="\nSo it is.")
    ended(nvim, broker, task)
    assert nvim.lines()[6:14] == [
        "I look.",
        "",
        "> Tool: Read it",
        "> Done: Read it",
        "> Plan: 1 of 1 done",
        "> File: a.py  +0 −0  rejected",
        "",
        "So it is.",
    ]
    marks = "vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true })"
    drawn = f"vim.iter({marks}):any(function(one) return one[4].virt_lines ~= nil end)"
    assert nvim.lua(f"return {drawn}") is False
    nvim.feed("gg/Tool<CR>K")
    nvim.wait_screen("Zeke: what was done")


def test_what_was_undone_is_shown_again_once_it_is_there_again(
    nvim: Nvim, broker: FakeBroker
) -> None:
    task = asked(nvim, broker)
    for number, title in ((1, "Read a.py"), (2, "Read b.py")):
        call(broker, task, number, title, content=[text("it")], status="completed")
    update(broker, task, "plan", entries=[{"content": "Look", "status": "completed"}])
    nvim.wait_screen("▸ Read b.py  done · za")
    nvim.wait_screen("Plan: 1 of 1 done")
    ended(nvim, broker, task)
    for _ in range(2):
        nvim.feed("u")
        nvim.wait_gone("▸ Read a.py")
        nvim.wait_gone("Plan: 1 of 1 done")
        nvim.feed("<C-r>")
        nvim.wait_screen("▸ Read a.py  done · za")
        nvim.wait_screen("▸ Read b.py  done · za")
        nvim.wait_screen("Plan: 1 of 1 done")
    nvim.feed("gg/Read b<CR>za")
    nvim.wait_screen("│ it")


def test_drafts_that_were_typed_meanwhile_leave_the_calls_as_they_are(
    nvim: Nvim, broker: FakeBroker
) -> None:
    task = asked(nvim, broker)
    call(broker, task, 1, "Read a.py", status="completed")
    nvim.wait_screen("▸ Read a.py  done")
    nvim.feed("GAone")
    call(broker, task, 2, "Read b.py", status="completed")
    nvim.wait_screen("▸ Read b.py  done")
    nvim.feed(" two<Esc>")
    ended(nvim, broker, task)  # The steps are made again.
    nvim.wait_screen("▸ Read a.py  done")
    nvim.wait_screen("▸ Read b.py  done")
    nvim.feed("uu<C-r>")
    nvim.wait_screen("▸ Read a.py  done")
    nvim.wait_screen("▸ Read b.py  done")


def test_what_the_broker_says_of_an_agent_is_told(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    update(broker, task, "_zeke/notice", text="Its fs/write_text_file was refused: no path.")
    nvim.wait_screen("Zeke: actor: Its fs/write_text_file was refused: no path.")
    ended(nvim, broker, task)
    update(broker, None, "_zeke/notice", text="It asked for fs/read_text_file outside of a turn.")
    nvim.wait_screen("actor: It asked for fs/read_text_file outside of a turn.")
    assert "## Zeke" not in nvim.lines()[6:]
