"""`seedling doctor` on this machine, and on machines where something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from engine.commands import doctor
from engine.events import Check

Seedling = Callable[..., subprocess.CompletedProcess[str]]


def checks(done: subprocess.CompletedProcess[str]) -> dict[str, Check]:
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["event"] in ("Finished", "Failed")
    assert {event.pop("event") for event in events[:-1]} == {"Check"}
    found = {event["name"]: Check(**event) for event in events[:-1]}
    assert len(found) == len(events) - 1
    assert {check.state for check in found.values()} <= {"ok", "warning", "missing"}
    return found


def put(folder: Path, module: str, code: str) -> str:
    """A module that takes the place of a real one, through PYTHONPATH."""
    (folder / f"{module}.py").write_text(code)
    return str(folder)


@pytest.fixture
def quick(tmp_path: Path) -> str:
    """PYTHONPATH of a machine whose native libraries do not load, for tests that look at something else."""
    put(tmp_path, "torch", "raise ImportError('no torch')")
    return put(tmp_path, "llama_cpp", "raise ImportError('no llama_cpp')")


def test_this_machine_lacks_nothing_but_perhaps_the_starter(seedling: Seedling, home: Path) -> None:
    done = seedling("doctor", "--json")
    found = checks(done)
    missing = {name for name, check in found.items() if check.state == "missing"}
    assert missing <= {"starter", "starter (in-house)"}
    assert done.returncode == bool(missing)
    for name in ("Python", "processor", "memory", "disk", "home", "SQLite", "torch", "PyTorch", "llama.cpp", "display"):
        assert name in found
    assert found["llama-cpp-python"].text == "0.3.36"
    assert "AVX" in found["llama.cpp"].text or "NEON" in found["llama.cpp"].text
    assert list(home.iterdir()) == []  # looking changes nothing


def test_people_read_a_table(seedling: Seedling, quick: str) -> None:
    done = seedling("doctor", PYTHONPATH=quick)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith("ok       Seedling ")
    assert "missing  PyTorch              " in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_needs_neither_qt_nor_a_display_and_loads_no_model_library(quick: str) -> None:
    code = "import sys\nfrom engine.__main__ import main\ntry: main(['doctor'])\nfinally: print(*sys.modules)"
    environment = {**os.environ, "QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": "", "PYTHONPATH": quick}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    modules = set(done.stdout.splitlines()[-1].split())
    assert not {"PySide6", "torch", "llama_cpp", "numpy"} & modules
    if sys.platform == "linux":
        assert "warning  display " in done.stdout


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("import os\nos._exit(3)", "exit code 3"),
        ("raise OSError('libgomp.so.1: cannot open shared object file')", "libgomp.so.1"),
    ],
)
def test_a_native_library_that_dies_is_a_line(seedling: Seedling, tmp_path: Path, code: str, words: str) -> None:
    done = seedling("doctor", "--json", PYTHONPATH=put(tmp_path, "torch", code))
    found = checks(done)
    assert done.returncode == 1
    assert found["PyTorch"].state == "missing"
    assert words in found["PyTorch"].text
    assert found["PyTorch"].remedy
    assert found["llama.cpp"].state == "ok"
    assert len(done.stderr.splitlines()) == 1
    assert "PyTorch" in done.stderr


def test_a_library_that_cannot_be_imported_is_a_line(seedling: Seedling, tmp_path: Path, quick: str) -> None:
    put(tmp_path, "apsw", "raise ImportError('apsw: undefined symbol')")
    put(tmp_path, "psutil", "raise ImportError('psutil: no such module')")
    put(tmp_path, "platformdirs", "raise ImportError('platformdirs: no such module')")
    done = seedling("doctor", "--json", PYTHONPATH=quick, SEEDLING_HOME="")
    found = checks(done)
    assert found["SQLite"].text == "apsw: undefined symbol"
    assert found["memory"].state == found["home"].state == "missing"
    assert found["PyTorch"].text == "ImportError: no torch"


def test_a_wrong_version_is_named_with_what_is_wanted(seedling: Seedling, tmp_path: Path, quick: str) -> None:
    for name, version in (("torch", "2.0.0"), ("llama_cpp_python", "0.3.35")):
        folder = tmp_path / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n")
    done = seedling("doctor", "--json", PYTHONPATH=quick)
    found = checks(done)
    assert done.returncode == 1
    assert (found["torch"].state, found["torch"].text) == ("missing", "2.0.0, but Seedling needs >=2.10")
    assert found["llama-cpp-python"].remedy == 'pip install "llama-cpp-python==0.3.36"'


def test_a_home_that_cannot_be_written_is_named(seedling: Seedling, tmp_path: Path, quick: str) -> None:
    (tmp_path / "file").touch()
    done = seedling("doctor", "--json", PYTHONPATH=quick, SEEDLING_HOME=str(tmp_path / "file" / "home"))
    check = checks(done)["home"]
    assert check.state == "missing"
    assert str(tmp_path / "file") in check.text
    assert "SEEDLING_HOME" in check.remedy


def test_little_memory_and_disk_are_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.hardware, "memory", lambda: doctor.hardware.Memory(4_000_000_000, 1_000_000_000))
    monkeypatch.setattr(doctor.hardware, "disk_free", lambda _: 0)
    for check in (doctor._memory(), doctor._disk()):
        assert check.state == "warning"
        assert check.remedy


def test_missing_window_libraries_name_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = [("libxcb-icccm.so.4", "libxcb-icccm4"), ("libxcb-keysyms.so.1", "libxcb-keysyms1")]
    monkeypatch.setattr(doctor.desktop_libraries, "missing", lambda: missing)
    check = doctor._window_libraries()
    assert check.state == "warning"
    assert check.remedy.endswith("sudo apt install libxcb-icccm4 libxcb-keysyms1")


def test_a_graphics_processor_that_nothing_uses_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.hardware, "accelerators", lambda: ["cuda"])
    facts = {"version": "2", "capability": "AVX2", "bf16": False, "devices": ["cpu"], "text": "x", "offload": False}
    monkeypatch.setattr(doctor, "_ask_worker", lambda _: facts)
    assert doctor._torch().state == doctor._llama().state == "warning"
    facts |= {"devices": ["cpu", "cuda"], "offload": True}
    assert doctor._torch().state == doctor._llama().state == "ok"


def test_every_requirement_of_the_project_is_understood() -> None:
    requirements = doctor._requirements()
    assert len(requirements) > 10
    assert all(doctor._dependency(requirement).state == "ok" for requirement in requirements)


def test_a_version_that_is_not_the_tested_one_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "constraints.txt").write_text("# pinned\nnumpy==99.0\ntorch==2.13.0\n")
    monkeypatch.setattr(doctor, "_ROOT", tmp_path)
    check = doctor._dependency("numpy>=1")
    assert check.state == "ok"
    assert check.text.endswith(", tested with 99.0")
    assert "tested" not in doctor._dependency("torch>=2").text


def test_without_an_installation_the_source_names_the_requirements(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = set(map(Requirement, doctor._requirements()))
    monkeypatch.setattr(doctor, "_is_installed", lambda name: False)
    assert set(map(Requirement, doctor._requirements())) == installed


@pytest.mark.parametrize(
    ("version", "numbers"), [("2.13.0+cpu", (2, 13, 0)), ("0.3.36", (0, 3, 36)), ("77", (77,)), ("1.2rc1", (1, 2))]
)
def test_versions_compare_as_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert doctor._numbers(version) == numbers
