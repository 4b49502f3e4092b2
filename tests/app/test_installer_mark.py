"""What an installer of Windows finds of an open window, with Windows played: there it has not been run."""

from __future__ import annotations

import ctypes
import logging
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app import installer_mark

SCRIPT = Path(__file__).parents[2] / "installer" / "windows" / "seedling.iss"
DESCRIPTOR = 0x1_2345_6789  # an address that needs more than 32 bits


class Windows:
    """The calls that are made of it. denied: a name that cannot be had."""

    def __init__(self, denied: str = "") -> None:
        self.calls: list[tuple[str, ...]] = []
        self._denied = denied
        self.advapi32 = SimpleNamespace(ConvertStringSecurityDescriptorToSecurityDescriptorW=self._describe)
        self.kernel32 = SimpleNamespace(CreateMutexW=self._create, LocalFree=self._free, GetLastError=lambda: 5)

    def _describe(self, text: str, revision: int, descriptor: Any, size: None) -> int:
        descriptor._obj.value = DESCRIPTOR
        self.calls.append(("describe", text))
        return revision

    def _create(self, attributes: Any, owned: bool, name: str) -> int:
        given = attributes._obj
        assert (given.size, given.descriptor, given.inherited) == (ctypes.sizeof(given), DESCRIPTOR, 0)
        assert not owned  # whoever waited for it would wait for ever
        self.calls.append(("create", name))
        return int(name != self._denied)

    def _free(self, descriptor: ctypes.c_void_p) -> None:
        self.calls.append(("free", str(descriptor.value)))


def put_up(monkeypatch: pytest.MonkeyPatch, windows: Windows) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "platform", "win32")
        patched.setattr(ctypes, "windll", windows, raising=False)
        installer_mark.put_up()


def test_a_window_puts_up_both_names(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows()
    put_up(monkeypatch, windows)
    names = [("create", name) for name in installer_mark.NAMES]
    assert windows.calls == [("describe", "D:(A;;GA;;;WD)"), *names, ("free", str(DESCRIPTOR))]


def test_a_name_that_cannot_be_had_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    windows = Windows(denied=installer_mark.NAMES[1])
    with caplog.at_level(logging.WARNING, installer_mark.__name__):
        put_up(monkeypatch, windows)
    assert [record.getMessage() for record in caplog.records] == ["no mark for an installer: error 5"]
    assert windows.calls[-1][0] == "free"


@pytest.mark.skipif(sys.platform == "win32", reason="of the others")
def test_elsewhere_nothing_is_put_up(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows()
    monkeypatch.setattr(ctypes, "windll", windows, raising=False)
    installer_mark.put_up()
    assert windows.calls == []


def test_the_installer_looks_for_these_names() -> None:
    (named,) = re.findall(r"^AppMutex=(.*)$", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    assert tuple(named.split(",")) == installer_mark.NAMES
