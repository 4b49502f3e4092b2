"""What a program says on the screen, as a screen reader hears it (AT-SPI 2), from outside and while it runs.

The bus is of its own and lies in a folder, so that a program in another system finds it when `AT_SPI_BUS_ADDRESS` says
where (Qt looks there first). No registry is needed: every program on the bus is asked.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg

from engine.processes import end_with_parent
from tools.virtual_screen import wait

_ACCESSIBLE, _ROOT = "org.a11y.atspi.Accessible", "/org/a11y/atspi/accessible/root"
_SHOWING = 1 << 25  # ATSPI_STATE_SHOWING (atspi-constants.h)
_ANSWER_S = 20.0
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>accessibility</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth><policy context="default">
<allow user="*"/><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>
"""


@dataclass(frozen=True)
class Shown:
    """Something on the screen: what it is, what it is called; `text` of a field."""

    role: str
    name: str
    program: str
    path: str


class Reader:
    """Reads whatever is on the screen of the programs that know its bus."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "bus"
        settings = folder / "bus.conf"
        settings.write_text(_BUS.format(path=self._path))
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--config-file", str(settings), "--nofork"],
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_parent,
        )
        wait("the bus", self._path.exists, 20)
        self._connection: DBusConnection = open_dbus_connection(bus=f"unix:path={self._path}")

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._bus.terminate()
        self._bus.wait()

    def shown(self) -> list[Shown]:
        """Everything that is to be seen; a program that comes or goes meanwhile is left out."""
        found: list[Shown] = []
        bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
        (names,) = self._call(*bus, "ListNames")
        for name in names:
            if name.startswith(":") and name != self._connection.unique_name:
                try:
                    found += self._below(name, _ROOT)
                except DBusErrorResponse:
                    continue
        return found

    def words(self) -> str:
        """All of it, as one text."""
        return " ".join(each.name for each in self.shown() if each.name)

    def dialogs(self) -> list[Shown]:
        return [each for each in self.shown() if each.role in ("dialog", "alert")]

    def text(self, field: Shown) -> str:
        (text,) = self._call(field.program, field.path, "org.a11y.atspi.Text", "GetText", "ii", (0, -1))
        return str(text)

    def fields(self) -> list[str]:
        """The texts of all fields."""
        return [self.text(each) for each in self.shown() if each.role == "text"]

    def press(self, name: str) -> None:
        """Raises LookupError where no such button is to be seen."""
        for each in self.shown():
            if each.name == name and each.role in ("push button", "button", "check box", "radio button"):
                self._call(each.program, each.path, "org.a11y.atspi.Action", "DoAction", "i", (0,))
                return
        raise LookupError(f"no button {name!r}: {self.words()}")

    def _below(self, program: str, path: str) -> Iterator[Shown]:
        (children,) = self._call(program, path, _ACCESSIBLE, "GetChildren")
        for owner, child in children:
            (state,) = self._call(owner, child, _ACCESSIBLE, "GetState")
            if not state[0] & _SHOWING:
                continue
            (role,) = self._call(owner, child, _ACCESSIBLE, "GetRoleName")
            ((_, name),) = self._call(
                owner, child, "org.freedesktop.DBus.Properties", "Get", "ss", (_ACCESSIBLE, "Name")
            )
            yield Shown(role, name, owner, child)
            if role not in ("list", "tree", "table"):  # as long as they are
                yield from self._below(owner, child)

    def _call(self, program: str, path: str, interface: str, member: str, kinds: str = "", values: Any = ()) -> Any:
        address = DBusAddress(path, program, interface)
        call = new_method_call(address, member, kinds or None, values)
        return unwrap_msg(self._connection.send_and_get_reply(call, timeout=_ANSWER_S))
