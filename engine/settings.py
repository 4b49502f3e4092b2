"""Every option of the window, once: name, kind, default and what it means.

Kept as JSON under the home. A value that does not fit falls back to its default and is reported; a
file that is not JSON is moved aside. So the program starts whatever the file holds.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import files, paths

log = logging.getLogger(__name__)

Value = str | int | float | bool | dict[str, str] | None


@dataclass(frozen=True)
class Option:
    """One option. `kind` is a Python type, `dict` a mapping of texts; None is allowed where it is the default."""

    name: str
    kind: type
    default: Value
    sentence: str
    choices: tuple[str, ...] = ()

    def accepts(self, value: object) -> bool:
        if value is None:
            return self.default is None
        if isinstance(value, bool) is not (self.kind is bool):  # a bool is an int to Python, not to us
            return False
        if self.kind is float:
            return isinstance(value, int | float) and math.isfinite(value)
        if isinstance(value, dict) and self.kind is dict:
            return all(isinstance(text, str) for item in value.items() for text in item)
        return isinstance(value, self.kind) and (not self.choices or value in self.choices)


OPTIONS: Mapping[str, Option] = {
    option.name: option
    for option in (
        Option(
            "theme",
            str,
            "system",
            "Light or dark, as the system has it, or black and white with the strongest contrast.",
            ("system", "light", "dark", "contrast"),
        ),
        Option("font_percent", int, 100, "The size of all text; everything else grows with it."),
        Option("motion", bool, True, "Short movements where something appears or goes away."),
        Option("shortcuts", dict, {}, "Keys that differ from the usual ones."),
        Option("page", str, "chat", "The page that was open last."),
        Option("chat", int, None, "The chat that was open last."),
        Option("model", str, "starter", "The model of a new chat, by its name in the library."),
        Option("window_geometry", str, "", "Place and size of the window, as Qt writes them, in base 64."),
        Option("window_columns", str, "", "Widths of the window's columns, as Qt writes them, in base 64."),
        Option("sidebar_shown", bool, True, "Whether the list of chats is shown."),
        Option("panel_shown", bool, None, "Whether the side panel is shown; not set: where the window is wide enough."),
    )
}


class Settings:
    """The options' present values. Reading never fails; `save` raises OSError."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or paths.home() / "settings.json"
        self._values: dict[str, Value] = {name: option.default for name, option in OPTIONS.items()}
        self._unknown: dict[str, object] = {}  # a newer version's options, kept for it
        for name, value in _read(self.path).items():
            option = OPTIONS.get(name)
            if option is None:
                log.warning("settings: unknown option %.100r is left alone", name)
                self._unknown[name] = value
            elif option.accepts(value):
                self._values[name] = value  # type: ignore[assignment]
            else:
                log.warning("settings: %s cannot be %.100r; using %r", name, value, option.default)

    def text(self, name: str) -> str:
        value = self._values[name]
        assert isinstance(value, str)
        return value

    def flag(self, name: str) -> bool | None:
        value = self._values[name]
        assert value is None or isinstance(value, bool)
        return value

    def number(self, name: str) -> int | None:
        value = self._values[name]
        assert value is None or isinstance(value, int)
        return value

    def mapping(self, name: str) -> dict[str, str]:
        """A copy: what is changed in it is changed by `set`."""
        value = self._values[name]
        assert isinstance(value, dict)
        return dict(value)

    def set(self, name: str, value: Value) -> None:
        """Raises ValueError for a value that does not fit, which is a mistake of ours."""
        if not OPTIONS[name].accepts(value):
            raise ValueError(f"{name} cannot be {value!r}")
        self._values[name] = value

    def save(self) -> None:
        """Write what differs from the defaults."""
        changed = {name: value for name, value in self._values.items() if value != OPTIONS[name].default}
        files.write_json(self.path, self._unknown | changed)


def _read(path: Path) -> dict[str, object]:
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        log.warning("settings: %s cannot be read (%s); using the defaults", path, error)
        return {}
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict):
        return data
    aside = path.with_name(f"{path.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
    try:
        path.replace(aside)
        log.warning("settings: %s is broken; moved to %s, using the defaults", path, aside.name)
    except OSError as error:
        log.warning("settings: %s is broken (%s); using the defaults", path, error)
    return {}
