"""The frozen program's proof: window, worker, a streamed reply, and a reply after the worker was killed.

    python tools/check_frozen.py [dist/seedling/seedling]

The window is driven as a person would, by keys on a virtual screen (Xvfb and xdotool; Linux). What it answered is read
from its database.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import apsw
import psutil
from virtual_screen import Keys, screen, wait

ROOT = Path(__file__).resolve().parent.parent


def main(program: Path) -> int:
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "SEEDLING_HOME": home}
        environment.pop("PYTHONPATH", None)
        command_line(program, environment)
        if not (shutil.which("Xvfb") and shutil.which("xdotool")):
            print("The window was not tried: that needs Xvfb and xdotool.", file=sys.stderr)
            return 1
        with screen() as display:
            window(program, {**environment, "DISPLAY": display}, Path(home))
    return 0


def command_line(program: Path, environment: dict[str, str]) -> None:
    command = [str(program), "chat", "--json", "--max-tokens", "12", "--seed", "1", "Tell me a story."]
    for backend in ("llama", "gpt"):
        done = subprocess.run(
            [*command, "--backend", backend], env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        events = [json.loads(line) for line in done.stdout.splitlines()]
        expect(
            done.returncode == 0 and events[-1]["event"] == "Finished", f"chat through {backend}: {done.stderr[-500:]}"
        )
        text = "".join(event["text"] for event in events if event["event"] == "TextDelta")
        report(f"seedling chat --backend {backend}: {text!r}")


def window(program: Path, environment: dict[str, str], home: Path) -> None:
    process = subprocess.Popen([str(program)], env=environment)
    try:
        keys = Keys(environment["DISPLAY"])
        wait("the window", keys.focus)
        report("the window is open")
        keys.type("Tell me a story about a cat.")
        wait("the first reply", lambda: replies(home) == ["done"])
        report("the worker answered")
        worker = next(child for child in psutil.Process(process.pid).children() if "--worker" in child.cmdline())
        worker.kill()
        time.sleep(1)
        keys.focus()
        keys.type("Tell me a story about a dog.")
        wait("a reply after the worker's death", lambda: replies(home) == ["done", "done"])
        expect(process.poll() is None, "the window is still open")
        report("the worker was killed; the next message was answered")
    finally:
        process.terminate()
        process.wait(timeout=30)


def replies(home: Path) -> list[str]:
    """States of the replies in the database, oldest first."""
    database = home / "seedling.db"
    if not database.exists():
        return []
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [row[0] for row in connection.execute("SELECT state FROM messages WHERE role = 'assistant' ORDER BY id")]
    finally:
        connection.close()


def expect(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"not so: {what}")


def report(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    default = ROOT / "dist" / "seedling" / ("seedling.exe" if sys.platform == "win32" else "seedling")
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else default))
