"""Make a new file like the one it replaces: owner, group, mode, access list, attributes.

Whoever could not read or change the old file must not be able to with the new one; what cannot
be kept and matters for that is an error. Attributes are copied where Python can (Linux).
"""

from __future__ import annotations

import contextlib
import os
import stat

from zeke_bridge.model.errors import StoreError

_ACCESS_LIST = "system.posix_acl_access"
# The system takes a program's privileges away when its text changes; so do we.
_LEFT_OUT = frozenset({"security.capability", "security.ima", "security.evm"})


def make_like(new: int, old: int) -> None:
    """Give the open file ``new`` what the open file ``old`` has, but its content.

    Raises:
        StoreError: the owner, the group or the access list could not be kept.
    """
    mine, found = os.fstat(new), os.fstat(old)
    if (mine.st_uid, mine.st_gid) != (found.st_uid, found.st_gid):
        try:
            os.fchown(new, found.st_uid, found.st_gid)
        except OSError as error:
            raise StoreError(
                "The file belongs to another user or group, which could not be kept."
            ) from error
    if hasattr(os, "listxattr"):
        _copy_attributes(new, old)
    # Last, for a new owner takes bits away; set-uid and set-gid go as with any change of text.
    os.fchmod(new, stat.S_IMODE(found.st_mode) & 0o777)


def _copy_attributes(new: int, old: int) -> None:
    names = _attributes(old)
    if _ACCESS_LIST not in names and _ACCESS_LIST in _attributes(new):
        # The directory has a default list; the old file did not have one.
        os.removexattr(new, _ACCESS_LIST)
    for name in names:
        if name in _LEFT_OUT:
            continue
        try:
            os.setxattr(new, name, os.getxattr(old, name))
        except OSError as error:
            if name == _ACCESS_LIST:
                raise StoreError("The file's access list could not be kept.") from error


def _attributes(handle: int) -> list[str]:
    with contextlib.suppress(OSError):
        return os.listxattr(handle)
    return []
