"""Every option of the window once: name, kind, default, what it means, what it may be, and where the page shows it.

Kept as JSON under the home. A value that does not fit falls back to its default and is reported in `problems`; a
file that is not JSON, or cannot be read, is moved aside before anything is written in its place. So the program starts
whatever the file holds, and nothing in it is lost.
"""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from engine import files, hardware, paths
from engine.errors import EngineError

log = logging.getLogger(__name__)

MOST_BYTES = 10_000_000  # ours has some thousands

Value = str | int | float | bool | dict[str, str] | None

# In the order of the page. An option without a section is the program's own memory and is not shown.
SECTIONS = ("appearance", "chats", "storage", "downloads", "performance", "privacy", "updates", "shortcuts", "logs")


class Option(NamedTuple):
    """One option. `kind` is a Python type, `dict` a mapping of text to text; None is allowed where it is the default.

    `title` and `sentence` are for people; `choices`, or `least` and `most`, are what it may be. A `folder` is an
    absolute path, or empty for the usual place under the home.
    """

    name: str
    kind: type
    default: Value
    sentence: str
    choices: tuple[str, ...] = ()
    title: str = ""
    section: str = ""
    least: float = -math.inf
    most: float = math.inf
    folder: bool = False

    def accepts(self, value: object) -> bool:
        if value is None:
            return self.default is None
        if isinstance(value, bool) is not (self.kind is bool):  # a bool is an int to Python, not to us
            return False
        if isinstance(value, int | float) and self.kind in (int, float):
            fits = isinstance(value, int) or (self.kind is float and math.isfinite(value))
            return fits and self.least <= value <= self.most
        if isinstance(value, dict) and self.kind is dict:
            return all(isinstance(text, str) for item in value.items() for text in item)
        if not isinstance(value, self.kind) or (self.choices and value not in self.choices):
            return False
        return not self.folder or value == "" or (isinstance(value, str) and _is_absolute(value))


def _is_absolute(text: str) -> bool:
    return "\0" not in text and Path(text).is_absolute()


def _languages() -> tuple[str, ...]:
    """`system`, English, in which everything is written, and each translation that is shipped."""
    translations = sorted(path.stem.removeprefix("seedling_") for path in paths.resource("translations").glob("*.qm"))
    return ("system", "en", *(code for code in translations if code != "en"))


OPTIONS: Mapping[str, Option] = {
    option.name: option
    for option in (
        Option(
            "theme",
            str,
            "system",
            "Light or dark, as the system has it, or black and white with the strongest contrast.",
            ("system", "light", "dark", "contrast"),
            title="Theme",
            section="appearance",
        ),
        Option(
            "font_percent",
            int,
            100,
            "The size of all text; everything else grows with it.",
            title="Text size",
            section="appearance",
            least=100,
            most=300,
        ),
        Option(
            "motion",
            bool,
            True,
            "Short movements where something appears or goes away.",
            title="Motion",
            section="appearance",
        ),
        Option(
            "statistics",
            bool,
            False,
            "A line of figures under every reply: tokens, speed, and the time to the first word.",
            title="Statistics",
            section="appearance",
        ),
        Option(
            "language",
            str,
            "system",
            "The language of the window. It changes when Seedling starts next.",
            _languages(),
            title="Language",
            section="appearance",
        ),
        Option(
            "keep_backups",
            int,
            7,
            "How many backups are kept: of the last days, then one a week, then one a month; and the last one that an "
            "earlier Seedling can open. One is made on each day that Seedling runs; 0 makes none by itself.",
            title="Backups to keep",
            section="chats",
            least=0,
            most=365,
        ),
        Option(
            "chats_folder",
            str,
            "",
            "All chats lie here in one file, seedling.db.",
            title="Chats",
            section="storage",
            folder=True,
        ),
        Option(
            "models_folder",
            str,
            "",
            "Models that Seedling itself fetches lie here. Those you add stay where they are.",
            title="Models",
            section="storage",
            folder=True,
        ),
        Option(
            "runs_folder",
            str,
            "",
            "Trainings lie here, with their checkpoints and the models they made.",
            title="Runs",
            section="storage",
            folder=True,
        ),
        Option(
            "kept_states_gb",
            int,
            2,
            "Room for what models have made of your chats, so that they need not read a long one again when you come "
            "back to it. It takes a twentieth of the free disk at most, and goes with the chat.",
            title="Chats kept ready",
            section="storage",
            least=0,
            most=1000,
        ),
        Option(
            "download_limit",
            int,
            0,
            "How much all downloads together may take of the connection. A change is followed at once.",
            title="Speed limit",
            section="downloads",
            least=0,
            most=10_000_000,
        ),
        Option(
            "hub_endpoint",
            str,
            "",
            "A mirror of the Hugging Face Hub. Empty: HF_ENDPOINT where it is set, else huggingface.co.",
            title="Address of the hub",
            section="downloads",
        ),
        Option(
            "proxy",
            str,
            "",
            "A proxy for the hub and downloads, such as http://proxy:8080. Empty: the system's own.",
            title="Proxy",
            section="downloads",
        ),
        Option(
            "threads",
            int,
            0,
            "How many processor threads a model computes with. A model that is loaded is opened again for it.",
            title="Threads",
            section="performance",
            least=0,
            most=hardware.logical_cores(),
        ),
        Option(
            "memory_percent",
            int,
            75,
            "The share of this computer's memory that a model may take. A larger one is refused before it is loaded.",
            title="Memory for a model",
            section="performance",
            least=10,
            most=95,
        ),
        Option(
            "stay_here",
            bool,
            False,
            "Seedling asks no server but one on this computer: no hub, no download, no API.",
            title="Nothing leaves this computer",
            section="privacy",
        ),
        Option(
            "look_for_updates",
            bool,
            False,
            "Look once a day, when Seedling starts. What is sent is one request for the list at the address below, and "
            "nothing about you, this computer or what you do. Nothing is fetched or installed by itself.",
            title="Look for newer versions",
            section="updates",
        ),
        Option(
            "update_address",
            str,
            "",
            "Where newer versions are listed; it begins with https://. Empty: the address this version came with, if "
            "it came with one.",
            title="Address of newer versions",
            section="updates",
        ),
        Option(
            "shortcuts",
            dict,
            {},
            "Keys that differ from the usual ones.",
            title="Keyboard shortcuts",
            section="shortcuts",
        ),
        Option(
            "log_level",
            str,
            "normal",
            "Detailed logs help to find a fault; they grow faster. Neither holds what you or a model wrote.",
            ("normal", "detailed"),
            title="Detail",
            section="logs",
        ),
        Option("page", str, "chat", "The page that was open last."),
        Option("chat", int, None, "The chat that was open last."),
        Option("model", str, "starter", "The model of a new chat, by its name in the library."),
        Option("stores_offered", bool, False, "Whether what a new home is offered has been seen and put away."),
        Option("servers_agreed", dict, {}, "Servers elsewhere that may be written to: name and address."),
        Option("updates_looked", str, "", "The day on which a newer version was last looked for at the start."),
        Option("window_geometry", str, "", "Place and size of the window, as Qt writes them, in base 64."),
        Option("window_columns", str, "", "Widths of the window's columns, as Qt writes them, in base 64."),
        Option("sidebar_shown", bool, True, "Whether the list of chats is shown."),
        Option("panel_shown", bool, None, "Whether the side panel is shown; not set: where the window is wide enough."),
        Option("moves", dict, {}, "Folders on their way: the option's name and where the folder goes."),
        Option("moved", dict, {}, "Folders that have moved: the option's name and the old place, not yet cleared."),
        Option("restore", str, "", "The backup whose chats are put back when Seedling starts next."),
    )
}


class Settings:
    """The options' present values. Reading never fails; what could not be taken as it stands is in `problems`."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or paths.home() / "settings.json"
        self.problems: list[EngineError] = []
        self._values: dict[str, Value] = {name: option.default for name, option in OPTIONS.items()}
        self._unknown: dict[str, object] = {}  # a newer version's options, kept for it
        self._held: dict[str, Value] = {}  # what the file goes on to have of options that are at their defaults for now
        self._saving = threading.Lock()
        for name, value in _read(self.path, self.problems).items():
            option = OPTIONS.get(name)
            if option is None:
                self._unknown[name] = value
                self.problems.append(EngineError("setting_unknown", name=name[:100]))
            elif option.accepts(value):
                self._values[name] = value  # type: ignore[assignment]
            else:
                self.problems.append(_unfit(option, value))
        for problem in self.problems:
            log.warning("settings: %s", problem)

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

    def value(self, name: str) -> Value:
        """Whatever kind the option is of."""
        return self.mapping(name) if OPTIONS[name].kind is dict else self._values[name]

    def set(self, name: str, value: Value) -> None:
        """Raises ValueError for a value that does not fit, which is a mistake of ours."""
        if not OPTIONS[name].accepts(value):
            raise ValueError(f"{name} cannot be {value!r}")
        if value != self._values[name]:
            self._held.pop(name, None)
        self._values[name] = dict(value) if isinstance(value, dict) else value

    def hold(self, names: Iterable[str]) -> None:
        """Have these options at their defaults for now; what they were stays in the file until another value is set."""
        for name in names:
            self._held.setdefault(name, self._values[name])
            self._values[name] = OPTIONS[name].default

    def release(self, *names: str) -> list[str]:
        """End what `hold` began, for all of them where none is named; which have another value now.

        What was set meanwhile stands.
        """
        released = [name for name in names or self._held if name in self._held]
        before = {name: self._values[name] for name in released}
        for name in released:
            self._values[name] = self._held[name]
            del self._held[name]
        return [name for name, value in before.items() if value != self._values[name]]

    def save(self) -> None:
        """Write what differs from the defaults. Raises OSError.

        Any thread may call it: each call writes the newest values, so the last to write is never behind.
        """
        with self._saving:
            values = self._values | self._held
            changed = {name: value for name, value in values.items() if value != OPTIONS[name].default}
            files.write_json(self.path, self._unknown | changed)


def stored(name: str) -> Value:
    """The value of one option as the file has it now, for those who do not own the settings. Changes nothing."""
    option = OPTIONS[name]
    try:
        value = json.loads(_content(paths.home() / "settings.json")).get(name, option.default)
    except (OSError, ValueError, AttributeError, RecursionError):
        return option.default
    return value if option.accepts(value) else option.default


def runtime_options(value: Callable[[str], Value] = stored) -> dict[str, Any]:
    """What `open_runtime` takes from the settings; `value` gives an option's value."""
    threads = value("threads")
    return {"memory_percent": value("memory_percent")} | ({"threads": threads} if threads else {})


def _unfit(option: Option, value: object) -> EngineError:
    code = "setting_out_of_range" if option.least != -math.inf and isinstance(value, int | float) else "setting_unfit"
    limits: dict[str, Any] = {"least": option.least, "most": option.most, "choices": ", ".join(option.choices)}
    found, default = (json.dumps(shown, ensure_ascii=False)[:100] for shown in (value, option.default))
    return EngineError(code, name=option.name, found=found, default=default, **limits)


def _content(path: Path) -> bytes:
    """Raises OSError, and ValueError for far more than settings can be."""
    with open(path, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError("too much")
    return content


def _read(path: Path, problems: list[EngineError]) -> dict[str, object]:
    reason = ""
    try:
        data = json.loads(_content(path))
    except FileNotFoundError:
        return {}
    except OSError as error:
        data, reason = None, error.strerror or str(error)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict):
        return data
    try:
        aside = files.set_aside(path)
    except OSError as error:
        problems.append(
            EngineError("settings_unreadable", place=str(path), reason=reason or error.strerror or str(error))
        )
    else:
        problems.append(EngineError("settings_broken", place=str(path), aside=aside.name))
    return {}
