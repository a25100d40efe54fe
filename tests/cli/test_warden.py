"""``zeke warden list | revoke | trust | explain | audit``: what :ZekeConsents does, at the shell."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import Any

import pytest

from tests.cli.conftest import COMMAND, LIMIT
from zeke_bridge.model.action import Op

SPOOF = "src/\x1b[2J\u202eyp.a\nApproved"


@pytest.fixture(autouse=True)
def _in_the_project(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shell.root / "src")


def verdict(shell: Any, target: str, **more: str) -> None:
    line = {
        "kind": "verdict",
        "digest": "d",
        "root": str(shell.root),
        "op": "write",
        "target": target,
        "to": "",
        "subject": "assistant",
        "verdict": "allow",
        "step": "person",
        "by": "once",
        "risk": "medium",
    }
    shell.audit().append(1_700_000_000.0, line | more)


class TestList:
    def test_nothing_yet(self, shell: Any) -> None:
        said = shell.say("list")
        assert str(shell.root) in said
        assert "there is none" in said
        assert "approvals (0)" in said
        assert ":ZekeConsents" in said
        assert not shell.state.exists()

    def test_what_is_remembered(self, shell: Any) -> None:
        first, second = shell.grant("src/a.py"), shell.grant("b.py", f"agent:claude:{'0f' * 32}")
        said = shell.say("list")
        assert "trusted" in said
        for grant in (first, second):
            (line,) = [line for line in said.splitlines() if grant.id in line]
            assert grant.target in line
            assert "since 2001-09-09T01:46:40Z" in line
            assert "until revoked" in line
        data = json.loads(shell.say("list", "--json"))
        assert data["trust"] == "trusted"
        assert data["git"] in ("none", "untracked")
        assert [grant["id"] for grant in data["project"]] == [first.id, second.id]
        assert data["project"][1]["subject"].startswith("agent:claude:")

    def test_what_came_with_the_project(self, shell: Any) -> None:
        shell.strange("src/a.py", denies=((Op.WRITE, "secret/**"),))
        said = shell.say("list", "--project", str(shell.root))
        assert "not trusted" in said
        assert "strange-0" in said
        assert "secret/**" in said
        data = json.loads(shell.say("list", "--json"))
        assert data["denies"] == [{"op": "write", "pattern": "secret/**"}]
        assert data["trust"] == "untrusted"

    def test_a_broken_file(self, shell: Any) -> None:
        shell.file.write_text('{"version": 1, "grants": "all"}')
        said = shell.say("list")
        assert "broken" in said
        assert "No grant of it counts" in said

    def test_everything_shown_is_escaped(self, shell: Any) -> None:
        shell.strange("src/\u202ea", denies=((Op.MCP, "*\u200d*"),))
        said = shell.say("list")
        assert "src/\\u{202e}a" in said
        assert "*\\u{200d}*" in said
        assert said.replace("\n", "").isprintable()


class TestRevoke:
    def test_for_good(self, shell: Any) -> None:
        grant, other = shell.grant("src/a.py"), shell.grant("b.py")
        older = shell.file.read_bytes()
        assert "Revoked: 1" in shell.say("revoke", grant.id)
        assert [left.id for left in shell.store().load(str(shell.root)).listed] == [other.id]
        shell.file.write_bytes(older)
        assert not shell.store().load(str(shell.root)).grants.grants

    def test_unknown_ids(self, shell: Any) -> None:
        grant = shell.grant("src/a.py")
        said = shell.say("revoke", grant.id, "nobody-1\x1b", "session-1", status=1)
        assert "Revoked: 1" in said
        assert "nobody-1\\u{1b}, session-1" in said
        assert not shell.store().load(str(shell.root)).listed
        assert "Not among" in shell.say("revoke", grant.id, status=1)

    def test_none_is_a_wrong_command_line(self, shell: Any) -> None:
        shell.say("revoke", status=2)


class TestTrust:
    def test_yes(self, shell: Any) -> None:
        shell.strange("src/a.py", "b.py")
        said = shell.say("trust", "--yes")
        assert said.index("strange-1") < said.index("Trusted: 2")
        assert len(shell.store().load(str(shell.root)).grants.grants) == 2
        assert "trusted already" in shell.say("trust", "--yes")

    def test_without_a_terminal_nobody_is_asked(self, shell: Any) -> None:
        shell.strange("src/a.py")
        assert "--yes" in shell.say("trust", status=1)
        assert shell.store().load(str(shell.root)).state == "untrusted"

    def test_reject(self, shell: Any) -> None:
        shell.strange("src/a.py")
        assert "Rejected" in shell.say("trust", "--reject")
        assert shell.store().load(str(shell.root)).rejected
        assert "rejected by you" in shell.say("list")
        assert "Trusted: 1" in shell.say("trust", "--yes")
        shell.say("trust", "--yes", "--reject", status=2)

    def test_nothing_to_trust(self, shell: Any) -> None:
        assert "nothing to trust" in shell.say("trust", "--yes", status=1)
        shell.file.write_text("{")
        assert "No grant of it counts" in shell.say("trust", "--yes", status=1)

    def test_a_directory_that_may_keep_none(self, shell: Any) -> None:
        shell.strange("src/a.py")
        shell.root.chmod(0o777)
        assert "Everybody can write" in shell.say("trust", "--yes", status=1)

    @pytest.mark.parametrize("change", [False, True])
    @pytest.mark.parametrize("answer", ["y", "n", ""])
    def test_at_a_terminal(self, shell: Any, answer: str, change: bool) -> None:
        shell.strange("src/a.py")
        ours, theirs = pty.openpty()
        running = subprocess.Popen(
            [*COMMAND, "trust", "--project", str(shell.root)],
            env=shell.environment | {"TERM": "dumb"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(ours, 4096)
        assert b"strange-0" in said
        if change:
            shell.strange("src/a.py", "src/evil.py")
        os.write(ours, f"{answer}\n".encode())
        assert running.wait(LIMIT) == (0 if answer == "y" and not change else 1)
        os.close(ours)
        trusted = shell.store().load(str(shell.root)).state == "trusted"
        assert trusted == (answer == "y" and not change)


class TestExplain:
    def test_each_operation_with_its_reason(self, shell: Any) -> None:
        said = shell.say("explain", "a.py")
        assert said.startswith(f"src/a.py in {shell.root}\n")
        lines = {line.split()[0]: line for line in said.splitlines()[1:5]}
        assert lines["read"].split()[1:4] == ["allow", "low", "auto_read"]
        assert lines["write"].split()[1:4] == ["ask", "medium", "default"]
        assert lines["create"].split()[1:4] == ["deny", "medium", "exists"]
        assert lines["delete"].split()[1:4] == ["ask", "high", "default"]
        assert "(auto_approve_read)." in lines["read"]
        assert not shell.state.exists()

    def test_one_operation_as_data(self, shell: Any) -> None:
        grant = shell.grant("src/a.py")
        verdict(shell, "src/a.py")
        verdict(shell, "src/b.py")
        data = json.loads(shell.say("explain", "a.py", "--op", "write", "--json"))
        (one,) = data["verdicts"]
        assert (one["verdict"], one["step"], one["by"]) == ("allow", "project_grant", grant.id)
        assert one["why"].endswith(f"for the project: {grant.id}.")
        (decision,) = data["decisions"]
        assert decision["why"] == "You allowed it once."
        shell.say("explain", "a.py", "--op", "rename", status=2)

    def test_from_elsewhere_paths_begin_at_the_project(
        self, shell: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(shell.base)
        said = shell.say("explain", "src/a.py", "--project", str(shell.root))
        assert said.startswith("src/a.py in ")
        assert "auto_read" in said

    @pytest.mark.parametrize(
        ("path", "step"),
        [
            ("../.env", "secret"),
            ("../.git/config", "protected"),
            ("/etc/hostname", "outside"),
            ("../.zeke-consents.json", "never"),
            (".", "not_regular"),
            ("", "malformed"),
            ("x" * 300, "malformed"),
        ],
    )
    def test_steps(self, shell: Any, path: str, step: str) -> None:
        assert step in shell.say("explain", "--op", "write", "--", path)

    def test_everything_shown_is_escaped(self, shell: Any) -> None:
        verdict(shell, f"src/{SPOOF}", by="\x1b[31m", step="x\n")
        for said in (shell.say("explain", SPOOF), shell.say("audit")):
            assert "\x1b" not in said
            assert "\u202e" not in said
            assert "\nApproved" not in said


class TestAudit:
    def test_the_latest_first(self, shell: Any) -> None:
        assert "Nothing was decided" in shell.say("audit")
        assert not shell.state.exists()
        for number in range(5):
            verdict(shell, f"src/{number}.py")
        verdict(shell, "other.py", root="/elsewhere")
        lines = shell.say("audit", "--limit", "2").splitlines()
        assert len(lines) == 2
        assert "src/4.py" in lines[0]
        assert "by assistant, person (once)" in lines[0]
        (data,) = map(json.loads, shell.say("audit", "--limit", "1", "--json").splitlines())
        assert data["target"] == "src/4.py"
        assert data["why"] == "You allowed it once."

    def test_verify(self, shell: Any) -> None:
        assert "whole: 0 lines" in shell.say("audit", "--verify")
        for number in range(3):
            verdict(shell, f"src/{number}.py")
        assert "whole: 3 lines" in shell.say("audit", "--verify")
        log = shell.state / "audit.jsonl"
        whole = log.read_bytes()
        log.write_bytes(whole.replace(b"src/1.py", b"src/9.py"))
        said = shell.say("audit", "--verify", status=1)
        assert "Line 2 of the audit log was edited." in said
        assert f"move audit.* out of {shell.state}" in said.replace("\n", " ")
        log.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
        data = json.loads(shell.say("audit", "--verify", "--json", status=1))
        assert "removed" in data["problem"]

    def test_a_log_that_was_put_aside_is_never_hidden(self, shell: Any) -> None:
        verdict(shell, "src/0.py")
        log = shell.state / "audit.jsonl"
        log.write_bytes(log.read_bytes()[:-1])
        verdict(shell, "src/1.py")
        assert "audit.damaged-1.jsonl" in shell.say("audit", "--verify", status=1)
        (shell.state / "audit.damaged-1.jsonl").unlink()
        assert "began anew" in shell.say("audit", "--verify", status=1)
