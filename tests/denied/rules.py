"""Which of the things that were seen are effects, and which are not, and why.

An effect is what a model or an agent could have wanted: a file made, changed or removed, a program
started, a connection, a permit, text of the project that was shown. Everything that the product
does counts, unless a rule here says why it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Seen:
    """A line of the observer's log."""

    effect: str
    target: str
    chain: tuple[str, ...]
    test: str
    product: bool
    pid: int = field(compare=False)

    @classmethod
    def of(cls, line: dict[str, Any]) -> Seen:
        """From the JSON of a line."""
        return cls(**{**line, "chain": tuple(line["chain"])})

    def by(self, *files: str) -> bool:
        """Whether the code that did it is in one of these files or folders of ``zeke_bridge``."""
        return bool(self.chain) and self.chain[0].removeprefix("zeke_bridge/").startswith(files)

    def through(self, file: str) -> bool:
        """Whether code of this file of the product led to it."""
        return any(place.startswith(f"zeke_bridge/{file}:") for place in self.chain)

    def __str__(self) -> str:
        """For whoever has to find the hole."""
        return "\n    ".join((f"{self.effect}: {self.target}", f"in {self.test}", *self.chain))


Rule = Callable[[Seen], bool]

_OF_FILES = frozenset({"write", "create", "rename", "remove", "link", "chmod", "truncate"})
# Started by the person or by the product for itself, whatever a model says.
_OWN_PROGRAMS = (
    "workspace/quiet_git.py",  # git as a reader, with arguments of ours
    "bridge/reach.py",  # the broker
    "rplugin/",  # the broker
    "core/local/launch.py",  # the server of the local model
    "core/local/wheels.py",  # pip, for `zeke model install`
    "cli/",  # the person's own command line: `zeke nvim`, `ghostllm bench`
)
# These keep records in directories that the environment names (places.py). A test that calls them
# in its own process hands the directory in, so that there the environment does not say.
_RECORDS = ("store/", "core/", "config/", "client/", "bridge/", "cli/", "app/")


def is_start_of_watching(seen: Seen) -> bool:
    """No deed: says that a process of the product was watched."""
    return seen.effect == "watched"


def has_permits_of_its_own(seen: Seen) -> bool:
    """Tests of the floor that does things make their permits by hand: no gate is in them.

    ``test_denied.py`` holds that permits are made by hand nowhere else.
    """
    return seen.test.startswith("tests/workspace/") and not seen.product


def is_own_record(seen: Seen) -> bool:
    """Zeke's own records, kept by a test in its own process."""
    return seen.effect in _OF_FILES and not seen.product and seen.by(*_RECORDS)


def is_to_a_part_of_ours(seen: Seen) -> bool:
    """To the broker, a routing core, or a provider: their places are the person's."""
    return seen.effect == "connection" and seen.by("bridge/", "client/", "core/")


def is_kept_request(seen: Seen) -> bool:
    """What the core was asked, in the directory where its configuration wants that to be kept."""
    return seen.effect in _OF_FILES and seen.by("core/records/requests.py")


def is_measuring(seen: Seen) -> bool:
    """The person has the core measured, which gets a directory for it."""
    ours = "/ghostllm-bench-" in seen.target
    return seen.effect in _OF_FILES and seen.by("cli/ghostllm/bench.py") and ours


def is_own_program(seen: Seen) -> bool:
    """A program that no model and no agent can choose."""
    return seen.effect == "program" and seen.by(*_OWN_PROGRAMS)


def is_consent_file(seen: Seen) -> bool:
    """What a person answered for the whole project, or revoked."""
    name = seen.target.rpartition("/")[2]
    return seen.effect in _OF_FILES and seen.by("store/") and name.startswith(".zeke-consents.json")


def is_exclusion(seen: Seen) -> bool:
    """The person has the consent file left out of git, by a key on a notice of Zeke's."""
    return seen.effect in _OF_FILES and seen.by("workspace/git.py")


RULES: Sequence[Rule] = (
    is_start_of_watching,
    has_permits_of_its_own,
    is_own_record,
    is_to_a_part_of_ours,
    is_kept_request,
    is_measuring,
    is_own_program,
    is_consent_file,
    is_exclusion,
)


def is_launch(seen: Seen) -> bool:
    """The start of an agent, where that is let through."""
    return seen.through("broker/agents/starting.py")


def effects(log: Sequence[Seen], *, launching: bool = False) -> list[Seen]:
    """Those that count; with ``launching`` the start of an agent is none."""
    rules = (*RULES, is_launch) if launching else RULES
    return [seen for seen in log if not any(rule(seen) for rule in rules)]
