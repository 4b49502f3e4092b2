"""llama.cpp for every processor: its library, and beside it one module for each level of x86-64 (or of ARM).

    python -m installer.llama     build once (ten minutes on two cores); names the folder that holds the libraries

The package that pip builds is made for the processor it was built on, and another one may meet an instruction in it
that it does not have. What goes into the installer is the same source with its processor code as modules, of which the
best that this processor has is loaded at run time (`engine/runtime/llama_library.py`).
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "llama"
LIBRARIES = BUILD / "lib"
STAMP = BUILD / "built.json"

SWITCHES = [
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=ON",
    "-DGGML_NATIVE=OFF",
    "-DGGML_BACKEND_DL=ON",
    "-DGGML_CPU_ALL_VARIANTS=ON",
    *[f"-DLLAMA_BUILD_{part}=OFF" for part in ("COMMON", "TESTS", "TOOLS", "EXAMPLES", "SERVER", "APP")],
    "-DLLAMA_OPENSSL=OFF",
    "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
    "-DCMAKE_INSTALL_RPATH=" + ("@loader_path" if sys.platform == "darwin" else "$ORIGIN"),
]
if sys.platform == "darwin":
    # Apple's processors differ little: one module in the library, and the graphics processor's code inside it.
    SWITCHES = [s for s in SWITCHES if "BACKEND_DL" not in s and "ALL_VARIANTS" not in s]
    SWITCHES += ["-DGGML_METAL=ON", "-DGGML_METAL_EMBED_LIBRARY=ON"]

ENDINGS = {"linux": ".so", "darwin": ".dylib", "win32": ".dll"}


def main() -> int:
    wanted = {"version": pinned(), "switches": SWITCHES, "machine": platform.machine()}
    if read_stamp() != wanted:
        STAMP.unlink(missing_ok=True)
        source = fetch(wanted["version"])
        build(source / "vendor" / "llama.cpp")
        gather()
        shutil.copy(source / "vendor" / "llama.cpp" / "LICENSE", LIBRARIES / "LICENSE")
        STAMP.write_text(json.dumps(wanted))
    print(LIBRARIES)
    return 0


def pinned() -> str:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line.startswith("llama-cpp-python=="):
            return line.split("==")[1].strip()
    raise SystemExit("constraints.txt does not pin llama-cpp-python")


def read_stamp() -> dict[str, object] | None:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return None


def fetch(version: str) -> Path:
    """The source that the binding of this version was written for, unpacked."""
    archive = BUILD / f"llama_cpp_python-{version}.tar.gz"
    if not archive.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        options = ["--no-deps", "--no-binary", "llama-cpp-python", "--dest", str(BUILD)]
        run(sys.executable, "-m", "pip", "download", "--quiet", *options, f"llama-cpp-python=={version}")
    source = BUILD / archive.name.removesuffix(".tar.gz")
    if not source.exists():
        with tarfile.open(archive) as packed, tempfile.TemporaryDirectory(dir=BUILD) as half:
            packed.extractall(half, filter="data")
            (Path(half) / source.name).rename(source)
    return source


def build(source: Path) -> None:
    folder = BUILD / "cmake"
    # On Windows it would find a compiler whose own libraries nobody has.
    generator = ["-G", "Ninja"] if shutil.which("ninja") and sys.platform != "win32" else []
    run("cmake", "-S", str(source), "-B", str(folder), *generator, *SWITCHES)
    run("cmake", "--build", str(folder), "--config", "Release", "--target", "llama", "ggml", "--parallel")


def gather() -> None:
    """Each library once, under the name by which the others ask for it, and a link by that of the binding."""
    shutil.rmtree(LIBRARIES, ignore_errors=True)
    LIBRARIES.mkdir(parents=True)
    ending = ENDINGS[sys.platform]
    built = sorted((BUILD / "cmake" / "bin").rglob(f"*{ending}"))
    linked = {path.resolve() for path in built if path.is_symlink()}
    for path in built:
        if path.resolve() not in linked:
            shutil.copy(path, LIBRARIES / path.name)
        # libllama.so -> libllama.so.0 -> libllama.so.0.5.0
        elif path.is_symlink() and (name := path.readlink().name).count(".") == 2:
            shutil.copy(path.resolve(), LIBRARIES / name)
            (LIBRARIES / path.name).symlink_to(name)
    if not any(LIBRARIES.iterdir()):
        raise SystemExit(f"the build left no *{ending} in {BUILD / 'cmake' / 'bin'}")


def run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
