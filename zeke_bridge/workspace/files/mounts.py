"""Tell what the kernel itself shows as files (``proc``, ``sysfs`` …), wherever it is mounted.

Linux only; elsewhere there is nothing of that kind but what the path says.
"""

from __future__ import annotations

import contextlib
import ctypes
import os

from zeke_bridge.workspace.files.libc import call

# linux/magic.h
_KERNEL = frozenset(
    {
        0x9FA0,  # proc
        0x62656572,  # sysfs
        0x27E0EB,  # cgroup
        0x63677270,  # cgroup2
        0x64626720,  # debugfs
        0x74726163,  # tracefs
        0x73636673,  # securityfs
        0xF97CFF8C,  # selinuxfs
        0x62656570,  # configfs
        0x6E736673,  # nsfs
        0x1CD1,  # devpts
        0x42494E4D,  # binfmt_misc
        0x65735543,  # fusectl
        0xDE5E81E4,  # efivarfs
        0xCAFE4A11,  # bpf
    }
)
_ONLY_LOOK = getattr(os, "O_PATH", os.O_RDONLY | os.O_NONBLOCK) | os.O_NOFOLLOW | os.O_CLOEXEC


class _StatFs(ctypes.Structure):
    # struct statfs begins with the type; the rest is not needed, only room for it.
    _fields_ = (("type", ctypes.c_long), ("rest", ctypes.c_byte * 248))


def shows_kernel(directory: int, leaf: str, device: int) -> bool:
    """Say whether the open ``directory``, or ``leaf`` in it, is on a file system of the kernel.

    ``device`` is that of the leaf, 0 when it is missing: a file can be mounted by itself.
    """
    if _is_kernel(directory):
        return True
    if device in (0, os.fstat(directory).st_dev):
        return False
    with contextlib.suppress(OSError):
        handle = os.open(leaf, _ONLY_LOOK, dir_fd=directory)
        try:
            return _is_kernel(handle)
        finally:
            os.close(handle)
    return True


def _is_kernel(handle: int) -> bool:
    found = _StatFs()
    with contextlib.suppress(OSError):
        call("fstatfs", handle, ctypes.byref(found))
        return found.type & 0xFFFFFFFF in _KERNEL
    return False
