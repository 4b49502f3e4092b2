"""The wheel, in a bare folder, far from the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the installed wheel."""
    source, wheels, target = (tmp_path_factory.mktemp(name) for name in ("source", "wheels", "bare"))
    for name in ("app", "engine", "resources"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    # no index: building and installing our own wheel may fetch nothing
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(wheels), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = wheels.glob("seedling-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", str(target), str(wheel)], check=True)
    return target


def test_doctor_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    script = installed / ("Scripts/seedling.exe" if sys.platform == "win32" else "bin/seedling")
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [script, "doctor", "--json"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert events[-1]["event"] == "Finished"
    starter = next(event for event in events if event.get("name") == "starter")
    assert starter["state"] == "ok"
    assert str(installed) in starter["text"]


def test_the_wheel_holds_what_it_needs(installed: Path) -> None:
    assert (installed / "resources" / "starter" / "starter-q8_0.gguf").is_file()
    assert (installed / "bin" / "seedling-window").exists() or sys.platform == "win32"
    assert not (installed / "tests").exists()
