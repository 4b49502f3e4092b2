"""Tells an installer of Windows that a window is open: two names that exist as long as this process, for Setup and
Uninstall to ask that it be closed first (`AppMutex` in installer/windows/seedling.iss). Not run on Windows yet.
"""

from __future__ import annotations

import logging
import sys

log = logging.getLogger(__name__)

NAMES = ("org.seedling.Seedling", r"Global\org.seedling.Seedling")  # of this session, and of all that are signed in
_FOR_EVERYBODY = "D:(A;;GA;;;WD)"  # SDDL: an installer for all runs as another account
_SDDL_REVISION = 1


def put_up() -> None:
    """Does nothing elsewhere than on Windows. A name that cannot be had is no reason not to open."""
    if sys.platform == "win32":
        import ctypes

        class SecurityAttributes(ctypes.Structure):
            _fields_ = (("size", ctypes.c_uint32), ("descriptor", ctypes.c_void_p), ("inherited", ctypes.c_int))

        kernel, descriptor = ctypes.windll.kernel32, ctypes.c_void_p()
        ctypes.windll.advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
            _FOR_EVERYBODY, _SDDL_REVISION, ctypes.byref(descriptor), None
        )
        attributes = SecurityAttributes(ctypes.sizeof(SecurityAttributes), descriptor, False)
        for name in NAMES:
            if not kernel.CreateMutexW(ctypes.byref(attributes), False, name):  # the system closes it with the process
                log.warning("no mark for an installer: error %d", kernel.GetLastError())
        kernel.LocalFree(descriptor)
