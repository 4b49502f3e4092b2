"""The command line as another process: what lands where, exit codes, Ctrl-C."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.__main__ import COMMANDS, main

OBEY = [sys.executable, str(Path(__file__).with_name("command_of_tests.py")), "obey"]
SEEDLING = [sys.executable, "-m", "engine"]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, check=False, env={**os.environ, **environment}, encoding="utf-8", timeout=30
    )


# --- help and usage --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_s_module_says_what_the_table_says(command: str) -> None:
    module = importlib.import_module(f"engine.commands.{command}")
    assert COMMANDS[command] == module.HELP


def test_help_names_every_command_and_imports_none() -> None:
    code = "import sys\nfrom engine.__main__ import main\ntry: main(['--help'])\nfinally: print(*sys.modules)"
    done = run(sys.executable, "-c", code)
    text, modules = done.stdout.rsplit("\n", 2)[0], set(done.stdout.split())
    assert done.returncode == 0
    for command, sentence in COMMANDS.items():
        assert command in text
        assert sentence in text
    assert not [name for name in modules if name.startswith("engine.commands.")]
    assert not {"torch", "llama_cpp", "numpy", "PySide6", "psutil"} & modules
    assert not {"engine.jobs", "engine.events", "engine.settings", "importlib.metadata"} & modules


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_loads_no_model_library(command: str) -> None:
    code = "import sys\nfrom engine.__main__ import main\ntry: main(sys.argv[1:])\nfinally: print(*sys.modules)"
    done = run(sys.executable, "-c", code, command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: seedling {command} ")
    assert not {"torch", "llama_cpp", "transformers", "PySide6"} & set(done.stdout.split())


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["--nonsense"], ["models"], ["models", "nonsense"], ["export"], ["doctor", "extra"]]
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    done = run(*SEEDLING, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 6


def test_version() -> None:
    done = run(*SEEDLING, "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("seedling 0")


# --- outputs and exit codes ------------------------------------------------------------------------------------------


def test_success_is_0_and_shows_events_for_people() -> None:
    done = run(*OBEY, "fine")
    assert (done.returncode, done.stdout, done.stderr) == (0, "begun 🌱 ?\n", "")


def test_an_old_console_gets_question_marks_not_an_error() -> None:
    done = run(*OBEY, "fine", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (0, "begun ? ?\n")


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("engine-error", "/nowhere does not exist."),
        ("failed", "The disk is full: /full could not be written. Free some space and try again."),
        ("system-error", "/no/such/file does not exist."),
        ("bug", "Something went wrong inside Seedling. The log has the details."),
    ],
)
@pytest.mark.parametrize("json_too", [False, True])
def test_failure_is_1_and_one_sentence(what: str, sentence: str, json_too: bool) -> None:
    done = run(*OBEY, what, *(["--json"] if json_too else []))
    assert (done.returncode, done.stderr) == (1, f"seedling: {sentence}\n")
    if json_too:
        assert json.loads(done.stdout.splitlines()[-1])["event"] == "Failed"


def test_the_log_really_has_the_details_of_a_bug(home: Path) -> None:
    run(*OBEY, "bug")
    (log,) = (home / "logs").iterdir()
    assert "RuntimeError" in log.read_text()
    assert 'raise RuntimeError("inside' in log.read_text()  # the line of code, not the text of the error


def test_json_is_events_and_nothing_else() -> None:
    done = run(*OBEY, "print", "--json")
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["TextDelta", "Finished"]
    assert done.stderr == "a library prints\nand C\n"
    last = run(*OBEY, "fine", "--json").stdout.splitlines()[-1]
    assert json.loads(last, parse_constant=pytest.fail) == {
        "event": "Finished", "reason": "done", "stats": {"loss": None}
    }  # fmt: skip


@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_a_reader_that_has_enough_ends_it_quietly(json_too: list[str]) -> None:
    with subprocess.Popen([*OBEY, "endless", *json_too], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(5) == 1


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------


def interrupt(what: str, times: int) -> tuple[int, str]:
    with subprocess.Popen([*OBEY, what], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        try:
            for _ in range(times):
                process.send_signal(signal.SIGINT)
                time.sleep(0.1)
            return process.wait(5), process.stderr.read()
        finally:
            process.kill()


def test_ctrl_c_asks_the_command_to_stop() -> None:
    assert interrupt("wait", times=1) == (130, "")


def test_ctrl_c_again_ends_it_at_once_even_in_a_c_call() -> None:
    assert interrupt("deaf", times=2) == (130, "")


# --- the window ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="a display is a question on Linux only")
def test_without_a_display_it_names_the_chat() -> None:
    nothing = {"QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    for arguments in ([], ["./a.gguf"], ["seedling:model/a/b"]):
        done = run(*SEEDLING, *arguments, **nothing)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "`seedling chat`" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_without_qt_it_names_the_chat(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "PySide6" else found(name))
    assert main([]) == 1
    assert "`seedling chat`" in capsys.readouterr().err


def test_the_frozen_program_starts_itself_as_a_worker() -> None:
    done = subprocess.run([*SEEDLING, "--worker"], input=b"end\n", capture_output=True, check=False)
    assert done.returncode == 2
    assert b"not a request" in done.stderr
