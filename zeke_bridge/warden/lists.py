"""The lists of GhostWarden: what is never touched, what is protected, what is secret.

Judged on the components of every disguise of a path (``spelling.disguises``); a hit on any of
them counts. Does not know which actions the lists stop; that is the policy's order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zeke_bridge.warden.spelling import fold

CONSENT_FILE = ".zeke-consents.json"

_PROTECTED_NAMES = frozenset(
    """
    .git git~1 .gitmodules .gitattributes .nvim.lua .nvimrc .exrc .vimrc
    .vscode .idea .zed .cursor .claude .gemini .codex .mcp.json
    .envrc .pre-commit-config.yaml .husky .ssh .config
    .bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile .login .logout
    .zshrc .zshenv .zprofile .zlogin .zlogout .cshrc .tcshrc .kshrc .mkshrc .shrc
    .inputrc .xprofile .xinitrc .xsessionrc .pam_environment
    """.split()  # noqa: SIM905 - a table is easier to review than a list of quoted words
)
_PROTECTED_RUNS = ((".github", "workflows"),)
# Neovim runs what it finds here when the directory above is on its runtimepath.
_RUNTIME_NAMES = frozenset({"plugin", "after", "ftplugin", "lua"})

_SECRET_NAMES = frozenset(
    ".netrc _netrc .npmrc .pypirc .git-credentials .aws .gnupg .kube .ssh".split()  # noqa: SIM905
)
_SECRET_STARTS = ("id_", "credentials")
_SECRET_ENDS = (".pem", ".key", ".p12", ".kdbx")
_ENV = ".env"
_ENV_EXAMPLE = ".env.example"

Forms = Sequence[tuple[str, ...]]


def is_consent_file(forms: Forms) -> bool:
    """Say whether any component begins with the name of the project consent file."""
    return any(part.startswith(CONSENT_FILE) for form in forms for part in form)


def is_protected(forms: Forms, *, on_runtimepath: bool) -> bool:
    """Return True for what an editor, git, a shell or another agent would run or obey."""
    for form in forms:
        if not _PROTECTED_NAMES.isdisjoint(form):
            return True
        if any(_has_run(form, run) for run in _PROTECTED_RUNS):
            return True
        if on_runtimepath and form and form[0] in _RUNTIME_NAMES:
            return True
    return False


def is_secret(forms: Forms) -> bool:
    """Return True for what usually holds keys or passwords, by any component of its path."""
    return any(_is_secret_name(part) for form in forms for part in form)


def folded_places(paths: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Absolute paths prepared for ``is_below``."""
    return tuple(tuple(part for part in fold(path).split("/") if part) for path in paths)


def is_below(forms: Forms, places: Sequence[tuple[str, ...]]) -> bool:
    """Say whether an (absolute) form is one of ``places`` or lies below it."""
    return any(form[: len(place)] == place for place in places for form in forms)


def _is_secret_name(part: str) -> bool:
    if part in _SECRET_NAMES or part.startswith(_SECRET_STARTS) or part.endswith(_SECRET_ENDS):
        return True
    return part.startswith(_ENV) and part != _ENV_EXAMPLE


def _has_run(form: tuple[str, ...], run: tuple[str, ...]) -> bool:
    width = len(run)
    return any(form[at : at + width] == run for at in range(len(form) - width + 1))
