"""Helpers: their commands, and a standard output that stays clean from the first moment."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from engine import processes


def run(code: str, **options: int) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=True, **options)


@pytest.mark.parametrize("kind", processes.HELPERS)
def test_every_helper_is_a_module_with_a_main(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(importlib.import_module(processes.HELPERS[kind]).main)
    assert processes.helper_command(kind) == [sys.executable, "-P", "-m", processes.HELPERS[kind]]


@pytest.mark.parametrize("started", ["seedling", "seedling-window"])
def test_the_frozen_command_line_program_is_every_helper(started: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys.executable", f"/opt/seedling/{started}")
    assert processes.helper_command("worker") == [str(Path("/opt/seedling/seedling")), "--worker"]
    monkeypatch.setattr("sys.executable", f"/opt/seedling/{started}.exe")
    assert processes.helper_command("worker") == [str(Path("/opt/seedling/seedling.exe")), "--worker"]


def test_only_what_is_written_to_the_private_copy_reaches_standard_output() -> None:
    done = run("""
        import os, subprocess, sys
        print("before")
        from engine.processes import protect_stdout
        ours = protect_stdout()
        print("python")
        os.write(1, b"descriptor\\n")
        subprocess.run([sys.executable, "-c", "print('child')"])
        ours.write(b"ours\\n")
    """)
    assert done.stdout == b"before\nours\n"
    assert sorted(done.stderr.split()) == [b"child", b"descriptor", b"python"]


def test_no_child_inherits_the_private_copy() -> None:
    done = run("""
        import os, subprocess, sys
        from engine.processes import protect_stdout
        ours = protect_stdout()
        code = f"import os; os.write({ours.fileno()}, b'child')"
        sys.exit(subprocess.run([sys.executable, "-c", code], close_fds=False).returncode != 1)
    """)
    assert done.stdout == b""


def test_what_was_printed_is_not_lost_when_the_process_ends_at_once() -> None:
    done = run("""
        import os
        from engine.processes import protect_stdout
        protect_stdout()
        print("last words")
        os._exit(0)
    """)
    assert (done.stdout, done.stderr) == (b"", b"last words\n")


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_descriptors_are_opened_first(closed: tuple[int, ...]) -> None:
    """Else the next file that is opened becomes standard output, and a library's chatter lands in it."""
    code = f"""
        import os, sys
        report = os.dup(2)
        for number in {closed}:
            os.close(number)
        os.execv(sys.executable, [sys.executable, "-c", '''
        import os, sys
        from engine.processes import protect_stdout
        ours = protect_stdout()
        print("chatter", flush=True)
        sys.exit(0 if ours.fileno() > 2 and os.open(os.devnull, os.O_RDONLY) > 2 else 1)
        '''.replace(chr(10) + "        ", chr(10))])
    """
    run(code)


@pytest.mark.skipif(sys.platform == "win32", reason="niceness")
def test_lower_priority_is_nicer() -> None:
    done = run("import os\nfrom engine import processes\nprocesses.lower_priority()\nprint(os.nice(0))")
    assert int(done.stdout) == min(19, os.nice(0) + 10)


@pytest.mark.parametrize(("size", "cleaned"), [("1", True), ("2", False)])
def test_of_several_that_train_together_none_waits_for_pythons_cleaning_up(size: str, cleaned: bool) -> None:
    code = "import atexit; from engine import processes; atexit.register(print, 'cleaned'); print('said'); "
    environment = {**os.environ, "RANK": "1", "WORLD_SIZE": size}
    done = subprocess.run([sys.executable, "-c", code + "processes.end(3)"], capture_output=True, env=environment)
    assert done.returncode == 3
    assert done.stdout.split() == [b"said", b"cleaned"][: 1 + cleaned]


def test_the_command_line_ends_as_those_that_train_together_must() -> None:
    """Even with what still waits to be written, and with its own exit code."""
    code = "import atexit, runpy, sys; atexit.register(print, 'cleaned'); sys.argv[1:] = ['models', 'info', '/none']; "
    environment = {**os.environ, "RANK": "1", "WORLD_SIZE": "2"}
    command = [sys.executable, "-c", code + "runpy.run_module('engine', run_name='__main__')"]
    done = subprocess.run(command, capture_output=True, env=environment)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"/none does not exist" in done.stderr
