"""`seedling doctor`: what this machine has, what is missing, how to get it.

It runs where hardly anything works: each check that fails in a way we did not foresee is a line of its own, and
the native libraries are loaded in a worker, so that one that crashes is a line, too.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from engine import desktop_libraries, hardware, paths, report
from engine.errors import EngineError, describe
from engine.events import Check, Event, Failed, Finished, from_json
from engine.jobs import JobContext
from engine.processes import helper_command, without_secrets

HELP = "what this machine has, what is missing, how to get it"

_ROOT = Path(__file__).resolve().parents[2]
_OLDEST_PYTHON = (3, 11)
_OLDEST_SQLITE = (3, 51, 3)  # before it, two connections that checkpoint at once can damage a database
_LITTLE_MEMORY = _LITTLE_DISK = 2_000_000_000  # bytes
_PROBE_SECONDS = 120
_INSTALL_AGAIN = "Install Seedling again (make run, or pip install)."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report", action="store_true", help="print a report of a problem, to be read before it is passed on"
    )


def run(args: argparse.Namespace) -> Iterator[Event]:
    """A `Check` for everything looked at. Raises EngineError `not_ready` if something essential is missing.

    With `--report` the text of `engine.report` alone, in the stats of `Finished`.
    """
    if args.report:
        yield Finished("done", {"report": report.collect()})
        return
    missing = []
    for check in _checks():
        yield check
        if check.state == "missing":
            missing.append(check.name)
    if missing:
        raise EngineError("not_ready", names=", ".join(missing))
    yield Finished("done")


def show(event: Event) -> None:
    if isinstance(event, Finished) and "report" in event.stats:
        print(event.stats["report"], end="")
    if isinstance(event, Check):
        print(f"{event.state:8} {event.name:20} {event.text}")
        if event.remedy:
            print(f"{'':29} {event.remedy}")


def _checks() -> Iterator[Check]:
    rows: list[tuple[str, Callable[[], Check]]] = [
        ("Seedling", _seedling),
        ("Python", _python),
        ("system", lambda: Check("system", "ok", platform.platform())),
        ("processor", _processor),
        ("memory", _memory),
        ("home", _home),
        ("disk", _disk),
        *((requirement, lambda r=requirement: _dependency(r)) for requirement in _requirements()),
        ("SQLite", _sqlite),
        ("display", _display),
        ("window libraries", _window_libraries),
        ("graphics", _graphics),
        ("PyTorch", _torch),
        ("llama.cpp", _llama),
        ("starter", lambda: _starter("llama")),
        ("starter (in-house)", lambda: _starter("gpt")),
    ]
    for name, check in rows:
        try:
            yield check()
        except Exception as error:
            yield Check(name, "missing", str(error) or type(error).__name__, _INSTALL_AGAIN)


# --- the machine -----------------------------------------------------------------------------------------------------


def _seedling() -> Check:
    version = importlib.metadata.version("seedling") if _is_installed("seedling") else "not installed"
    return Check("Seedling", "ok", f"{version}, in {_ROOT}")


def _python() -> Check:
    text = f"{platform.python_version()}, {sys.executable}"
    if sys.version_info >= _OLDEST_PYTHON:
        return Check("Python", "ok", text)
    return Check("Python", "missing", text, "Seedling needs Python 3.11 or newer.")


def _processor() -> Check:
    bf16 = {True: "bf16", False: "no bf16", None: "bf16 unknown"}[hardware.bf16()]
    cores = f"{hardware.physical_cores()} cores, {hardware.logical_cores()} threads"
    return Check("processor", "ok", f"{platform.machine()}, {cores}, {bf16}")


def _memory() -> Check:
    memory = hardware.memory()
    text = f"{_gigabytes(memory.available)} of {_gigabytes(memory.total)} free"
    if memory.available >= _LITTLE_MEMORY:
        return Check("memory", "ok", text)
    return Check("memory", "warning", text, "Only small models will fit; close other programs.")


def _home() -> Check:
    """Writes a file and removes it; the answer of the system is worth more than its permission bits."""
    home = paths.home()
    place = home
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"seedling")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        remedy = "Make it writable, or set SEEDLING_HOME to a folder that is."
        return Check("home", "missing", f"{home} cannot be written: {error.strerror}", remedy)
    return Check("home", "ok", str(home))


def _disk() -> Check:
    free = hardware.disk_free(paths.home())
    if free >= _LITTLE_DISK:
        return Check("disk", "ok", f"{_gigabytes(free)} free at home")
    return Check("disk", "warning", f"{_gigabytes(free)} free at home", "Free some space, or move SEEDLING_HOME.")


def _display() -> Check:
    if desktop_libraries.has_display():
        return Check("display", "ok", "the window can open")
    return Check("display", "warning", "none", "Without one, `seedling chat` talks in the terminal.")


def _window_libraries() -> Check:
    missing = desktop_libraries.missing()
    if not missing:
        return Check("window libraries", "ok", "all there")
    packages = " ".join(sorted({package for _, package in missing}))
    text = "missing " + ", ".join(library for library, _ in missing)
    return Check("window libraries", "warning", text, f"On Debian or Ubuntu: sudo apt install {packages}")


def _graphics() -> Check:
    return Check("graphics", "ok", ", ".join(hardware.accelerators()) or "none that speeds models up")


# --- what we depend on -----------------------------------------------------------------------------------------------


def _requirements() -> list[str]:
    """Lines such as `name>=version`, as the distribution declares them, or the source it runs from."""
    if _is_installed("seedling"):
        declared = importlib.metadata.requires("seedling") or []
        return [line for line in declared if "extra ==" not in line]
    project = _ROOT / "pyproject.toml"
    return tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"] if project.exists() else []


def _dependency(line: str) -> Check:
    from packaging.requirements import Requirement
    from packaging.version import Version

    wanted = Requirement(line)
    if not _is_installed(wanted.name):
        return Check(wanted.name, "missing", "not installed", f'pip install "{line}"')
    found = Version(importlib.metadata.version(wanted.name))
    if not wanted.specifier.contains(found.public, prereleases=True):
        needed = f"{found}, but Seedling needs {wanted.specifier}"
        return Check(wanted.name, "missing", needed, f'pip install "{line}"')
    pinned = _pins().get(wanted.name.lower(), found.public)
    return Check(wanted.name, "ok", str(found) if pinned == found.public else f"{found}, tested with {pinned}")


def _pins() -> dict[str, str]:
    """Name -> the version this project is tested with; only its source tells."""
    path = _ROOT / "constraints.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {
        name.strip().lower(): version.strip() for name, is_pin, version in (x.partition("==") for x in lines) if is_pin
    }


def _sqlite() -> Check:
    import apsw

    version = apsw.sqlite_lib_version()
    if _numbers(version) >= _OLDEST_SQLITE:
        return Check("SQLite", "ok", version)
    oldest = ".".join(map(str, _OLDEST_SQLITE))
    return Check("SQLite", "missing", f"{version}, which can damage a database", f'pip install "apsw>={oldest}"')


def _torch() -> Check:
    facts = _ask_worker("torch")
    formats = "bf16 in hardware" if facts["bf16"] else "no bf16 in hardware"
    text = f"{facts['version']}, {facts['capability']}, {formats}, computes on {', '.join(facts['devices'])}"
    if "cuda" in hardware.accelerators() and "cuda" not in facts["devices"]:
        return Check("PyTorch", "warning", text, "It does not use the graphics processor: make run BACKEND=cuda")
    return Check("PyTorch", "ok", text)


def _llama() -> Check:
    facts = _ask_worker("llama")
    features = facts["text"].replace(" = 1", "").replace(" |", ",")
    text = f"{features}; {'uses' if facts['offload'] else 'does not use'} graphics processors"
    if "cuda" in hardware.accelerators() and not facts["offload"]:
        return Check("llama.cpp", "warning", text, "It does not use the graphics processor: make run BACKEND=cuda")
    return Check("llama.cpp", "ok", text)


def _starter(backend: str) -> Check:
    from engine.library import models

    entry = models.resolve("starter", backend)
    return Check("starter" if backend == "llama" else "starter (in-house)", "ok", str(entry.path))


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    """(2, 13, 0) for "2.13.0+cpu"."""
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[^\d.]", version)[0]))


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


# --- native libraries, in a worker -----------------------------------------------------------------------------------


def probe(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """The job behind `_ask_worker`: load a native library and say what it can do. params: `library`."""
    facts = {"torch": _torch_facts, "llama": _llama_facts}[params["library"]]()
    yield Finished("done", facts)


def _torch_facts() -> dict[str, Any]:
    import torch

    devices = ["cpu"]
    if torch.cuda.is_available():
        devices.append("cuda")
    if torch.backends.mps.is_available():
        devices.append("mps")
    capability = torch.backends.cpu.get_cpu_capability()
    return {"version": torch.__version__, "capability": capability, "bf16": hardware.bf16(), "devices": devices}


def _llama_facts() -> dict[str, Any]:
    from engine.runtime import llama_library

    offload = bool(llama_library.c.llama_supports_gpu_offload())
    return {"text": llama_library.system_info(), "offload": offload}


def _ask_worker(library: str) -> dict[str, Any]:
    """What `probe` found, or an error that says how the worker ended."""
    request = {"id": 1, "job": "probe", "params": {"library": library}}
    pipe = subprocess.PIPE
    environment = without_secrets(os.environ)
    with subprocess.Popen(
        helper_command("worker"), stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        deadline = threading.Timer(_PROBE_SECONDS, worker.kill)
        deadline.start()
        try:
            worker.stdin.write(json.dumps(request).encode() + b"\n")
            worker.stdin.flush()
            line = worker.stdout.readline()
        finally:
            deadline.cancel()
    if not line:
        raise RuntimeError(f"loading it ended the process ({_ending(worker.returncode)})")
    ended = from_json(json.loads(line))
    if isinstance(ended, Finished):
        return ended.stats
    assert isinstance(ended, Failed)
    lines = ended.detail.strip().splitlines()
    raise RuntimeError(lines[-1] if lines else describe(ended.code, ended.data))


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
