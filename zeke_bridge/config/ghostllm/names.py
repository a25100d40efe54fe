"""The names of models in a configuration: ``provider:model``, an alias, a group, or a provider.

Whether a model exists is known only of those that somebody wrote down as a list.
"""

from __future__ import annotations

from collections.abc import Iterable

from zeke_bridge.config.document import Document, Place, nearest
from zeke_bridge.config.ghostllm.roster import Roster
from zeke_bridge.config.ghostllm.schema import LOCAL


def qualified(
    document: Document, where: Place, name: str, roster: Roster, others: Iterable[str] = ()
) -> str:
    """``name`` with its provider's proper name (``xai:m`` for ``grok:m``), or one of ``others``.

    LiteLLM's ``provider/model`` is read too. Raises ``ConfigError`` naming what is nearest.
    """
    others = list(others)
    if name in others:
        return name
    prefix, colon, model = name.partition(":")
    if not colon:
        if name in roster.models():
            return name
        if found := roster.find(name):
            return found
        prefix, colon, model = name.partition("/")
        if not (colon and roster.find(prefix)):
            known = [*others, *roster.models()]
            hint = nearest(name, known)
            raise document.wrong(where, f"names {_cut(name)}, which is no provider:model{hint}")
    if not model:
        raise document.wrong(
            where, f"names no model of {_cut(prefix)}: write {_cut(prefix)}:model."
        )
    provider = roster.require(document, where, prefix)
    listed = roster.all()[provider].models if provider != LOCAL else ()
    if listed and model not in listed:
        hint = nearest(model, listed)
        raise document.wrong(where, f"names {_cut(name)}, which {provider} does not have{hint}")
    return f"{provider}:{model}"


def owned(document: Document, where: Place, name: str, roster: Roster) -> str:
    """``name`` as the ``provider:model`` of the one provider that it can mean.

    Raises ``ConfigError`` for what may be another's, or is no single model.
    """
    found = qualified(document, where, name, roster)
    if ":" in found:
        return found
    meant = [f"{owner}:{found}" for owner in roster.models().get(found, ())]
    head, _, rest = found.partition("/")
    if rest and (provider := roster.find(head)):
        # Who passes on the models of others may call them so.
        meant.insert(0, f"{provider}:{rest}")
    if len(meant) != 1:
        sentence = "may mean several models" if meant else "is not one model"
        names = " or ".join(meant) or f"{found}:model"
        raise document.wrong(where, f"{sentence}: write {_cut(names)}.")
    return meant[0]


def _cut(name: str) -> str:
    return (name if name.isprintable() else ascii(name))[:80]
