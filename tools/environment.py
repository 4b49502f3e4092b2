"""Make `.venv` and install Seedling into it: once, and again only when something it depends on changed.

    python tools/environment.py [--backend cpu|cuda|metal|vulkan] [--with test] [--with frozen]

Standard library only, so that it runs on a bare Python on every system; `make` calls it, and on Windows a person
does (README). What was installed is written to `.venv/seedling.json`; when that still holds, nothing is started.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "seedling.json"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

# The switches of llama.cpp's build, and the label of the torch build that goes with it. Vulkan has no torch build:
# llama.cpp chats on the GPU, training stays on the CPU.
LLAMA_SWITCHES = {"cpu": "", "cuda": "-DGGML_CUDA=on", "metal": "-DGGML_METAL=on", "vulkan": "-DGGML_VULKAN=on"}
TORCH_LABELS = {"cpu": "+cpu", "cuda": "+cu130", "metal": "", "vulkan": "+cpu"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=LLAMA_SWITCHES, default="cpu")
    parser.add_argument("--with", dest="extras", action="append", default=[], choices=["test", "frozen"])
    args = parser.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036 - pip has not checked it yet
        print(f"Seedling needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    installed = read_stamp()
    base = {"python": sys.version, "backend": args.backend}
    fresh = not PYTHON.exists() or any(installed.get(key) != value for key, value in base.items())
    extras = sorted({*args.extras, *([] if fresh else installed.get("extras", []))})
    wanted = {**base, "extras": extras, "requirements": requirements()}
    if not fresh and installed == wanted:
        return 0
    try:
        install(args.backend, extras, fresh)
    except subprocess.CalledProcessError as error:
        print(f"Installing failed (exit {error.returncode}); the lines above say why.", file=sys.stderr)
        return 1
    STAMP.write_text(json.dumps(wanted))
    return 0


def requirements() -> str:
    """What decides which packages are installed, as one hash."""
    import tomllib  # here, so that an older Python gets as far as our sentence

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    parts = [json.dumps(project, sort_keys=True), (ROOT / "constraints.txt").read_text()]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def read_stamp() -> dict[str, Any]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def install(backend: str, extras: list[str], fresh: bool) -> None:
    STAMP.unlink(missing_ok=True)
    if fresh:
        print(f"Making the environment in {VENV.name}", flush=True)
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    install_torch(backend)
    install_llama(backend)
    target = f".[{','.join(extras)}]" if extras else "."
    pip("install", "--editable", target)


def install_torch(backend: str) -> None:
    """The build with the wanted label where an index offers it (README), else the platform's usual one."""
    version = pinned("torch")
    label = TORCH_LABELS[backend] if sys.platform != "darwin" else ""
    if label and pip("install", f"torch=={version}{label}", check=False, quiet=True):
        return
    if label:
        print(f"No torch {version}{label} in the indexes pip knows; taking the usual build (README).", flush=True)
    pip("install", f"torch=={version}")


def install_llama(backend: str) -> None:
    """llama.cpp, built from source. Only the CPU build may come from pip's cache: its name tells no switches."""
    requirement = f"llama-cpp-python=={pinned('llama-cpp-python')}"
    if backend == "cpu":
        print("Installing llama.cpp; the first time it is built, which takes some minutes", flush=True)
        pip("install", requirement)
        return
    switches = f"{os.environ.get('CMAKE_ARGS', '')} {LLAMA_SWITCHES[backend]}".strip()
    print(f"Building llama.cpp with {switches}", flush=True)
    options = ["--no-cache-dir", "--no-binary", "llama-cpp-python", "--force-reinstall", "--no-deps"]
    pip("install", requirement)  # its dependencies, from wherever
    pip("install", *options, requirement, environment={"CMAKE_ARGS": switches})


def pinned(name: str) -> str:
    """The version `constraints.txt` pins."""
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line.startswith(f"{name}=="):
            return line.split("==")[1].split()[0]
    raise SystemExit(f"constraints.txt does not pin {name}")


def pip(*arguments: str, check: bool = True, quiet: bool = False, environment: dict[str, str] | None = None) -> bool:
    command = [str(PYTHON), "-m", "pip", arguments[0], "--quiet", "--disable-pip-version-check"]
    command += ["--constraint", str(ROOT / "constraints.txt"), *arguments[1:]]
    output = subprocess.DEVNULL if quiet else None
    env = {**os.environ, **(environment or {})}
    return subprocess.run(command, cwd=ROOT, check=check, stdout=output, stderr=output, env=env).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
