"""The frozen program on other processors than this one, as QEMU plays them: which code of llama.cpp each gets.

    python tools/check_processors.py [dist/seedling/seedling]     needs qemu-x86_64 (Debian: qemu-user)

Each chats ten tokens with the starter; the one below what Seedling needs is refused in words. PyInstaller's loader
starts the program anew to set the path of its libraries, and what is started anew is not QEMU's any more: so we set
that path ourselves, and say that it was done.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOKENS = 10
WANTED = {
    "Nehalem": "sse42",
    "SandyBridge": "sandybridge",
    "IvyBridge": "ivybridge",
    "Haswell": "haswell",
    "max": "haswell",
}
TOO_OLD = "Penryn"
CHAT = [
    "chat",
    "--log-level",
    "debug",
    "--max-tokens",
    str(TOKENS),
    "--seed",
    "1",
    "--temperature",
    "0",
    "A story, please.",
]
LOADED = re.compile(r"loaded CPU backend from \S*ggml-cpu-(\w+)\.so")


def main(program: Path) -> int:
    for processor, module in WANTED.items():
        with tempfile.TemporaryDirectory() as home:
            done = run(program, processor, home)
            logged = "".join(path.read_text() for path in Path(home, "logs").glob("*.log"))
        if done.returncode != 0 or f"{TOKENS} written" not in done.stderr + done.stdout:
            return complain(processor, f"exit {done.returncode}: {done.stderr[-500:]}")
        loaded = LOADED.search(logged)
        if loaded is None or loaded[1] != module:
            return complain(processor, f"{loaded and loaded[1]} was loaded, not {module}")
        print(f"{processor:12} {module:12} {done.stdout.strip()!r}", flush=True)
    with tempfile.TemporaryDirectory() as home:
        done = run(program, TOO_OLD, home)
    if done.returncode != 1 or "x86-64-v2" not in done.stderr:
        return complain(TOO_OLD, f"exit {done.returncode}: {done.stderr[-500:]}")
    print(f"{TOO_OLD:12} refused: {done.stderr.splitlines()[-1]}")
    return 0


def run(program: Path, processor: str, home: str) -> subprocess.CompletedProcess[str]:
    ours = ("PYTHONPATH", "OPENBLAS_CORETYPE")  # the latter chooses a processor for numpy
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment |= {"SEEDLING_HOME": home, "OMP_NUM_THREADS": "1"}
    environment |= {"_PYI_ARCHIVE_FILE": str(program), "_PYI_PARENT_PROCESS_LEVEL": "-1"}
    environment["LD_LIBRARY_PATH"] = str(program.parent / "_internal")
    command = ["qemu-x86_64", "-cpu", processor, str(program), *CHAT]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


def complain(processor: str, what: str) -> int:
    print(f"not so on {processor}: {what}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "seedling" / "seedling"))
