"""The frozen program's proof: chat, training, export and what it refuses on the command line; in the window a streamed
reply, and a reply after the worker was killed; and nothing in it that asks for a library that is not there.

    python -m tools.check_frozen [dist/seedling/seedling]

The window is driven as a person would, by keys on a virtual screen (Xvfb, xdotool, ImageMagick; Linux). What it
answered is read from its database.
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
from typing import Any

import apsw
import psutil

from installer import elf
from installer.linux.deb import is_optional
from tools.virtual_screen import Keys, screen, wait

ROOT = Path(__file__).resolve().parent.parent


def main(program: Path) -> int:
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "SEEDLING_HOME": home}
        environment.pop("PYTHONPATH", None)
        libraries(program.parent)
        command_line(program, environment)
        whole_way(program, environment, Path(home))
        if not all(map(shutil.which, ("Xvfb", "xdotool", "import"))):
            print("The window was not tried: that needs Xvfb, xdotool and ImageMagick.", file=sys.stderr)
            return 1
        with screen() as display:
            window(program, {**environment, "DISPLAY": display}, Path(home))
    return 0


def command_line(program: Path, environment: dict[str, str]) -> None:
    command = [str(program), "chat", "--json", "--max-tokens", "12", "--seed", "1", "Tell me a story."]
    for backend in ("llama", "gpt"):
        events = told([*command, "--backend", backend], environment)
        expect(events[-1]["event"] == "Finished", f"chat through {backend} ends")
        text = "".join(event["text"] for event in events if event["event"] == "TextDelta")
        report(f"seedling chat --backend {backend}: {text!r}")


def libraries(collection: Path) -> None:
    """On Linux: whatever a library names lies beside it, or is known to the packages that the .deb depends on."""
    if sys.platform != "linux":
        return
    found = list(elf.binaries(collection))
    outside = elf.from_outside(found, collection)
    strangers = [name for name, who in outside.items() if not (all(map(is_optional, who)) or elf.package_of(name))]
    expect(not strangers, f"every library is in a package installed here (install those of {', '.join(strangers)})")
    report(f"{len(found)} programs and libraries, {len(outside)} libraries of the system")


def whole_way(program: Path, environment: dict[str, str], home: Path) -> None:
    """Train twenty steps, export with the check, chat with what came out; and be refused to compile, before a step."""
    text = home / "text.txt"
    text.write_text("A cat sat on a mat, and a dog lay on a log. " * 400, encoding="utf-8")
    run, model = home / "run", home / "model.gguf"
    train = [str(program), "train", "--json", "--method", "pretrain", "--data", str(text), "--out"]
    events = told([*train, str(run), "--set", "steps=20"], environment)
    expect(sum(event["event"] == "Metric" for event in events) >= 20, "twenty steps were told")
    export = ["export", "--json", str(run), str(model), "--to", "gguf", "--quantize", "q8_0", "--check"]
    told([str(program), *export], environment)
    told([str(program), "chat", "--json", "-m", str(model), "--max-tokens", "5", "A cat"], environment)
    report("trained twenty steps, exported with the check, and chatted with it")
    refused = subprocess.run(
        [*train, str(home / "compiled"), "--set", "steps=2", "--set", "compile=yes"],
        env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    said = refused.stderr.strip()
    expect(refused.returncode == 1 and "compile (yes)" in said, f"compiling is refused: {said[-500:]}")
    expect('"Metric"' not in refused.stdout, "it is refused before the first step")
    report(said)


def told(command: list[str], environment: dict[str, str]) -> list[dict[str, Any]]:
    """What a command says; it has to end well."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    expect(done.returncode == 0, f"{' '.join(command[1:3])}: {done.stderr[-500:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def window(program: Path, environment: dict[str, str], home: Path) -> None:
    process, keys = subprocess.Popen([str(program)], env=environment), Keys(environment["DISPLAY"])
    try:
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
    except TimeoutError as error:
        picture = ROOT / "build" / "window.png"
        keys.picture(picture)
        raise TimeoutError(f"{error}; the replies are {replies(home)}, and {picture} shows the window") from error
    finally:
        process.terminate()
        process.wait(timeout=30)


def replies(home: Path) -> list[str]:
    """States of the replies in the database, oldest first."""
    database = home / "seedling.db"
    if not database.exists():
        return []
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(5_000)
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
