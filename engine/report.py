"""What whoever mends Seedling needs to know of a problem, as one text: collected here, sent nowhere.

A person reads it, changes what they like, and passes it on. It holds facts of the machine, of the program and of its
logs, each from a list of what may be told: no message, no key, no address, no name of a file, a model or a person.
"""

from __future__ import annotations

import getpass
import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from engine import hardware, log_excerpts, paths
from engine.log_excerpts import Excerpts
from engine.settings import OPTIONS, Option, stored

MOST_CHARACTERS = 60_000
ERRORS, LINES, CRASHES = 20, 60, 3  # the last so many

_LIBRARIES = ("PySide6-Essentials", "torch", "llama-cpp-python", "tokenizers", "safetensors", "apsw", "huggingface_hub")
_FLAGS = re.compile(
    r"(ssse|sse|avx|fma|f16c|bmi|amx|asimd|sve|neon|fphp|dcpop|i8mm|bf16).*"
)  # what models compute with
_VARIABLES = (
    "SEEDLING_HOME",
    "HF_ENDPOINT",
    "HF_TOKEN",
    "HF_HOME",
    "HTTPS_PROXY",
    "CUDA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
)
_SHOWN_VALUES = {"XDG_SESSION_TYPE": ("x11", "wayland", "tty"), "QT_QPA_PLATFORM": ("xcb", "wayland", "offscreen")}
_GPUS = Path("/proc/driver/nvidia/gpus")

BEGINNING = """A problem with Seedling

What happened, and what did you expect? Please write it here.


"""


def collect() -> str:
    """The whole report. It takes a few seconds at most; what cannot be found out is said in its place."""
    logs = log_excerpts.read(paths.logs())
    sections: list[tuple[str, Callable[[], Iterable[str]]]] = [
        ("Versions", _versions),
        ("Computer", _computer),
        ("Where Seedling keeps its things", _home),
        ("Settings that differ from the usual", _settings),
        ("Workers that ended", lambda: _deaths(logs)),
        ("Last warnings and errors", lambda: _errors(logs)),
        ("Crashes", lambda: _crashes(logs)),
        ("Last lines of the logs", lambda: _lines(logs)),
    ]
    parts = [BEGINNING, *(_section(title, tell) for title, tell in sections)]
    text = without_names("\n".join(parts))
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "\n\nThe rest is cut off here.\n"


def _section(title: str, tell: Callable[[], Iterable[str]]) -> str:
    try:
        lines = list(tell()) or ["none"]
    except Exception as error:  # whatever is broken is what the report is for
        lines = [f"could not be found out ({type(error).__name__})"]
    return "\n".join([title, *(f"    {line}" for line in lines), ""])


def without_names(text: str) -> str:
    """The text without the names of this person, their home folder and this computer."""
    for place in dict.fromkeys(str(each) for each in (_own(Path.home), Path("~").expanduser()) if each):
        if len(place) > 1:
            text = text.replace(place, "~")
    for name, instead in (
        (_own(getpass.getuser), "user"),
        (_own(Path.home, "name"), "user"),
        (platform.node(), "computer"),
    ):
        if name and name not in ("root", "localhost"):
            text = re.sub(rf"(?<!\w){re.escape(str(name))}(?!\w)", instead, text)
    return text


def _own(ask: Callable[[], object], part: str = "") -> object:
    """What the system calls this person; None where it does not say."""
    with suppress(OSError, KeyError, RuntimeError, ImportError):
        return getattr(ask(), part) if part else ask()
    return None


# --- program and machine ---------------------------------------------------------------------------------------------


def _versions() -> Iterator[str]:
    kind = "packed" if getattr(sys, "frozen", False) else "from its source or a wheel"
    yield f"Seedling {_version('seedling')}, {kind}"
    yield f"Python {platform.python_version()}"
    for name in _LIBRARIES:
        yield f"{name} {_version(name)}"


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "(version not known)"


def _computer() -> Iterator[str]:
    yield f"system: {platform.platform()}"
    yield f"processor: {platform.machine()}, {hardware.physical_cores()} cores, {hardware.logical_cores()} threads"
    flags = sorted(flag for flag in hardware.processor_flags() or () if _FLAGS.fullmatch(flag))
    yield f"it computes with: {' '.join(flags) or 'not known'}"
    memory = hardware.memory()
    yield f"memory: {hardware.size_text(memory.available)} of {hardware.size_text(memory.total)} free"
    yield f"graphics: {', '.join([*hardware.accelerators(), *_graphics_cards()]) or 'none that speeds models up'}"
    for name, values in _SHOWN_VALUES.items():
        if name in os.environ:
            yield f"{name}: {os.environ[name] if os.environ[name] in values else 'set'}"
    if set_here := [name for name in _VARIABLES if name in os.environ]:
        yield f"variables that are set: {', '.join(set_here)}"


def _graphics_cards() -> Iterator[str]:
    """Names of NVIDIA's cards, as their driver for Linux tells them."""
    with suppress(OSError):
        for card in sorted(_GPUS.iterdir())[:8]:
            with open(card / "information", encoding="utf-8", errors="replace") as file:
                model = re.search(r"^Model:\s*([\w ().-]{1,80})$", file.read(4000), re.MULTILINE)
            if model is not None:
                yield model[1].strip()


def _home() -> Iterator[str]:
    home = paths.home()
    beside = "beside the program" if paths.portable_home() is not None else "the usual place"
    yield "home: " + ("as SEEDLING_HOME says" if os.environ.get("SEEDLING_HOME") else beside)
    yield f"free there: {hardware.size_text(hardware.disk_free(home))}"
    yield f"it is {'there' if home.is_dir() else 'not a folder, or not there yet'}"
    for option in paths.MOVABLE:
        if paths.folder(option) != paths.usual(option):
            yield f"{option}: moved; it is {'there' if paths.folder(option).is_dir() else 'not there'}"
    database = paths.database()
    yield f"chats: {hardware.size_text(database.stat().st_size)}" if database.is_file() else "chats: no file yet"


def _settings() -> Iterator[str]:
    for name, option in OPTIONS.items():
        if (value := stored(name)) != option.default:
            yield f"{name}: {_value(option, value)}"


def _value(option: Option, value: object) -> str:
    """What may be told of an option: numbers and choices; of all else, that it is set."""
    if isinstance(value, bool | int | float) or value in option.choices:
        return str(value)
    return f"{len(value)} entries" if isinstance(value, dict) else "set"


# --- logs ------------------------------------------------------------------------------------------------------------

_DEATH = "a worker ended"


def _deaths(logs: Excerpts) -> list[str]:
    return log_excerpts.last((each for each in logs.records if each.text.startswith(_DEATH)), ERRORS)


def _errors(logs: Excerpts) -> list[str]:
    bad = (each for each in logs.records if each.level not in ("INFO", "DEBUG") and not each.text.startswith(_DEATH))
    return log_excerpts.last(bad, ERRORS)


def _crashes(logs: Excerpts) -> Iterator[str]:
    for lines in logs.crashes[:CRASHES]:
        yield from lines
        yield ""


def _lines(logs: Excerpts) -> list[str]:
    return [*logs.notes, *log_excerpts.last((each._replace(trace=()) for each in logs.records), LINES)]
