"""``[routing]``, ``[aliases]`` and ``[groups]``.

Format::

    [routing]
    priority = ["ollama", "openai"]              # providers, for `auto`
    code_completion = "ollama:deepseek-coder"    # a kind of work: one model, or several
    fallback = ["ollama:llama3", "openai:gpt-6-luna"]
    [aliases]
    thinker = "anthropic:claude-opus-5-5"
    [groups.production]
    "openai:gpt-6-luna" = 0.8
    "anthropic:claude-haiku-5-5" = 0.2           # or an alias, or another group
"""

from __future__ import annotations

from zeke_bridge.config.catalog import catalog
from zeke_bridge.config.ghostllm.names import qualified
from zeke_bridge.config.ghostllm.roster import Roster
from zeke_bridge.config.ghostllm.schema import LOCAL, Routes
from zeke_bridge.config.ghostllm.tasks import AUTO, task_class, task_words
from zeke_bridge.config.section import Section

_PRIORITY, _FALLBACK = "priority", "fallback"
Group = tuple[tuple[str, float], ...]


def read_order(routing: Section, roster: Roster) -> tuple[str, ...]:
    """The providers in ``priority``; empty when there is none."""
    return tuple(
        dict.fromkeys(
            roster.require(routing.document, (*routing.where, _PRIORITY, number), name)
            for number, name in enumerate(routing.texts(_PRIORITY))
        )
    )


def read_routes(top: Section, roster: Roster) -> Routes:
    """What the user wants of ``auto`` and of names of their own."""
    routing = top.section("routing")
    names = _own_names(top)
    aliases = Aliases(top.section("aliases"), roster, names).read()
    groups = _groups(top.section("groups"), roster, aliases, names)
    rules: dict[str, tuple[str, ...]] = {}
    for key in routing:
        task = task_class(key)
        if key in {_PRIORITY, _FALLBACK}:
            continue
        if task is None:
            routing.document.known(routing.where, key, (_PRIORITY, _FALLBACK, *task_words()))
        elif task in rules:
            raise routing.wrong(key, f"is about {task}, which is there already: keep one.")
        else:
            rules[task] = _models(routing, key, roster, aliases, groups)
    fallback = _models(routing, _FALLBACK, roster, aliases, groups)
    return Routes(rules, fallback, aliases, groups, bool(routing.texts(_PRIORITY)))


def reserved(name: str) -> bool:
    """Whether ``name`` can be no name of the user's own: it says where a text goes already."""
    place, colon, _ = name.lower().partition(":")
    if place in {AUTO, "", LOCAL} or place.startswith(f"{LOCAL}/"):
        return True
    return bool(colon) and place in catalog().names


class Aliases:
    """``[aliases]``, each followed to the name that is no alias."""

    def __init__(self, section: Section, roster: Roster, names: list[str]) -> None:
        self._section = section
        self._roster = roster
        self._names = names

    def read(self) -> dict[str, str]:
        """The last name behind every alias."""
        return {name: self._last(name) for name in self._section}

    def _last(self, name: str) -> str:
        seen = [name]
        while True:
            key = seen[-1]
            where = (*self._section.where, key)
            others = (*self._names, *task_words())
            text = self._section.text(key)
            found = qualified(self._section.document, where, text, self._roster, others)
            if found in seen:
                raise self._section.wrong(
                    name, f"leads back to itself: {' → '.join([*seen, found])}."
                )
            if found not in self._section:
                return found
            seen.append(found)


def _own_names(top: Section) -> list[str]:
    """The names in ``[aliases]`` and ``[groups]``, each of them once and no other meaning."""
    aliases, groups = top.section("aliases"), top.section("groups")
    for section in (aliases, groups):
        for name in section:
            if reserved(name):
                raise section.wrong(name, "means something already: choose another name.")
    for name in groups:
        if name in aliases:
            raise groups.wrong(name, "is an alias already: choose another name.")
    return [*aliases, *groups]


def _groups(
    section: Section, roster: Roster, aliases: dict[str, str], names: list[str]
) -> dict[str, Group]:
    groups = {name: _group(section.section(name), roster, aliases, names) for name in section}
    for name, members in groups.items():
        if name in _inside(members, groups):
            raise section.wrong(name, "holds itself: leave it out of its own members.")
    return groups


def _inside(members: Group, groups: dict[str, Group]) -> set[str]:
    """The names in ``members``, and in the groups among them."""
    found: set[str] = set()
    pending = [name for name, _ in members]
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending += [name for name, _ in groups.get(one, ())]
    return found


def _group(members: Section, roster: Roster, aliases: dict[str, str], names: list[str]) -> Group:
    found: dict[str, float] = {}
    for name in members:
        where = (*members.where, name)
        model = qualified(members.document, where, name, roster, names)
        model = aliases.get(model, model)
        weight = members.number(name)
        if weight is None or model in found:
            raise members.wrong(name, "must be one weight of a model, a number.")
        found[model] = weight
    if not any(found.values()):
        raise members.wrong(None, "needs a model with a weight of more than 0.")
    return tuple(found.items())


def _models(
    section: Section, key: str, roster: Roster, aliases: dict[str, str], groups: dict[str, Group]
) -> tuple[str, ...]:
    """The models and groups at ``key``, one or several, best first."""
    found = []
    for number, text in enumerate(section.some(key)):
        where = (*section.where, key, *([number] if section.is_list(key) else []))
        name = qualified(section.document, where, text, roster, (*aliases, *groups))
        found.append(aliases.get(name, name))
    return tuple(dict.fromkeys(found))
