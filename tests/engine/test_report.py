"""A report of a problem tells what helps to mend it, and not a word of a person's, a model's, a file's or a key.

The trial plants canaries wherever something private may lie, has the program fail over them at every level of logging,
and looks for them in the report. Each guard is taken away once, and the trial must then find one.
"""

from __future__ import annotations

import ast
import getpass
import json
import logging
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import log, log_excerpts, paths, report
from engine.errors import EngineError

pytestmark = pytest.mark.usefixtures("restored_loggers")

ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary7f3a9"
# One for each place, so that a finding says where it came from.
PLACES = ("prompt", "chat", "file", "row", "key", "password", "setting", "model", "reply", "variable", "environment")
CANARIES = {place: f"{CANARY}{place}" for place in PLACES}


def fail(text: str) -> None:
    """As a bug of ours that meets contents: an error with them, out of another one, over several lines."""
    try:
        try:
            raise ValueError(text)
        except ValueError as error:
            raise KeyError(f"{text}\n2026-01-31 12:00:00,000 ERROR engine.jobs: {text}") from error
    except KeyError:
        logging.getLogger("engine.jobs").exception("a job failed in a way we did not foresee")


def plant(home: Path, level: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Canaries in all that a person may have, and in what the program logs of it."""
    says = CANARIES
    settings = {
        "log_level": "detailed" if level == "detailed" else "normal",
        "hub_endpoint": f"https://me:{says['password']}@hub.example",
        "proxy": f"http://me:{says['password']}@proxy.example:8080",
        "model": says["model"],
        "models_folder": str(home / says["file"]),
        "servers_agreed": {says["setting"]: f"https://{says['setting']}.example"},
        "shortcuts": {says["setting"]: "Ctrl+N"},
        "theme": "dark",
        says["setting"]: says["setting"],
    }
    (home / "settings.json").write_text(json.dumps(settings))
    monkeypatch.setenv("HF_TOKEN", says["environment"])
    monkeypatch.setenv("HTTPS_PROXY", f"http://u:{says['environment']}@p")
    monkeypatch.setenv("XDG_SESSION_TYPE", says["environment"])
    log.start("window", level if level == "debug" else None)
    engine, app = logging.getLogger("engine.library.model_list"), logging.getLogger("app.background")
    engine.warning(
        "the list of models is damaged (%s); it was moved to %s", ValueError(says["row"]), Path(says["file"])
    )
    engine.warning("the settings of %r: %s", says["model"], EngineError("bad_option", name=says["setting"]))
    app.info("a value: %s", f"{says['prompt']}⟩ and {says['prompt']} ⟨{says['prompt']}")
    app.info("two lines: %s", f"x\n2026-01-31 12:00:00,000 INFO engine.jobs: {says['chat']}\n{says['chat']}")
    app.info("long: %s", f"é{says['reply']}" * 3_000)
    app.info("after it")
    app.debug("a detail: %s", says["prompt"])
    app.info("by name: %(what)s", {"what": says["prompt"]})
    for text in says.values():
        fail(f'{text}\n{text}: {text}\n  File "/home/{text}/x.py", line 3, in {text}\n    {text}')
    for name in ("chat-1", says["file"]):
        (home / "logs" / f"{name}.log").write_text(says["file"])
    crash = f"Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f00 [{says['file']}]"
    crash += " (most recent call first):"
    crash += (
        f'\n  File "/home/{says["file"]}/x.py", line 3 in deep\n{says["file"]}\nExtension modules: numpy (total: 1)\n'
    )
    (home / "logs" / "crash-4000001-1.log").write_text(crash)


def found(text: str) -> list[str]:
    return [place for place, canary in CANARIES.items() if canary in text]


@pytest.mark.parametrize("level", ["normal", "detailed", "debug"])
def test_no_word_of_anybodys_is_in_it(home: Path, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(home, level, monkeypatch)
    assert CANARY in "".join(path.read_text() for path in (home / "logs").iterdir())  # there is something to leave out
    assert found(report.collect()) == []


# How each guard is taken away, and at which level that must show.
GUARDS: dict[str, tuple[Callable[[pytest.MonkeyPatch], object], str]] = {
    "values are marked when they are logged": (lambda m: m.setattr(log, "as_written", lambda value: value), "normal"),
    "values are left out": (lambda m: m.setattr(log_excerpts, "told", lambda text: text), "normal"),
    "marks within values are written otherwise": (
        lambda m: m.setattr(log, "_marked", lambda text: f"{log.OPEN}{text}{log.CLOSE}"),
        "normal",
    ),
    "of settings only numbers and choices are told": (
        lambda m: m.setattr(report, "_value", lambda option, value: str(value)),
        "normal",
    ),
    "of variables only values that are known are told": (
        lambda m: m.setattr(report, "_SHOWN_VALUES", {"XDG_SESSION_TYPE": (CANARIES["environment"],)}),
        "normal",
    ),
    "files of others are named nowhere": (lambda m: m.setattr(log_excerpts, "_place", lambda path: path), "normal"),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_without_a_guard_a_word_is_found(home: Path, guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    remove, level = GUARDS[guard]
    remove(monkeypatch)
    plant(home, level, monkeypatch)
    assert found(report.collect()) != []


def test_lines_of_no_known_form_are_left_out_and_counted(home: Path) -> None:
    (home / "logs").mkdir()
    text = "2026-01-31 12:00:00,000 INFO engine.jobs: known\n" + f"{CANARY} was here\n" * 3
    (home / "logs" / "window-1-1.log").write_text(text)
    told = report.collect()
    assert "engine.jobs: known" in told
    assert CANARY not in told
    assert "3 lines are left out" in told


def test_every_line_that_is_logged_has_a_sentence_of_ours() -> None:
    """What stands outside the marks is the program's: no call puts a value into the sentence itself."""
    calls = 0
    for path in (*(ROOT / "engine").rglob("*.py"), *(ROOT / "app").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)) if "import logging" in source else ():
            if isinstance(node, ast.Call) and (sentence := said_by(node)) is not None:
                calls += 1
                assert isinstance(sentence, ast.Constant), f"{path}:{node.lineno}"
                assert log.OPEN not in str(sentence.value)
    assert calls > 30


def said_by(call: ast.Call) -> ast.expr | None:
    """What a call of a logger says; None where it calls something else."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="log" | "_log" | "logger"), attr=name) if call.args:
            places = {"log": 1} | dict.fromkeys(("debug", "info", "warning", "error", "exception", "critical"), 0)
            return call.args[places[name]] if name in places and len(call.args) > places[name] else None
    return None


def test_a_sentence_with_a_value_in_it_is_seen() -> None:
    (call,) = (node for node in ast.walk(ast.parse('log.info(f"{prompt}")')) if isinstance(node, ast.Call))
    assert not isinstance(said_by(call), ast.Constant)


def test_after_real_commands_over_canaries_none_is_in_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real program, which logs all it can: a chat, data that is broken, a server with a password, a lost model."""
    monkeypatch.setenv("CANARY_KEY", CANARIES["key"])
    folder = tmp_path / CANARIES["file"]
    folder.mkdir()
    model, data = folder / f"{CANARIES['model']}.gguf", folder / f"{CANARIES['row']}.jsonl"
    shutil.copyfile(paths.resource("starter") / "starter-q8_0.gguf", model)
    data.write_text(json.dumps({"messages": [{"role": CANARIES["row"], "content": CANARIES["row"]}]}) + "\n{broken\n")
    server = f"http://me:{CANARIES['password']}@127.0.0.1:9/v1"
    for arguments in (
        ["chat", "-m", str(model), "--max-tokens", "4", CANARIES["prompt"]],
        ["chat", "-m", str(folder / CANARIES["model"]), CANARIES["prompt"]],
        ["data", "inspect", str(data)],
        ["models", "connect", server, "--name", CANARIES["model"], "--kind", "compatible", "--key-env", "CANARY_KEY"],
    ):
        command = [sys.executable, "-m", "engine", *arguments, "--log-level", "debug"]
        subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert CANARY in "".join(path.read_text() for path in paths.logs().iterdir())
    assert found(report.collect()) == []


# --- what it tells ---------------------------------------------------------------------------------------------------


def test_it_tells_versions_machine_settings_deaths_errors_and_crashes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(home, None, monkeypatch)
    logging.getLogger("app.engine_client").warning("a worker ended: %s, exit code %d", "worker_died", 11)
    text = report.collect()
    for expected in (
        "Python 3",
        "memory:",
        "cores",
        "theme: dark",
        "model: set",
        "shortcuts: 1 entries",
        "a worker ended: ⟨worker_died⟩, exit code 11",
        "the list of models is damaged (⟨…⟩); it was moved to ⟨…⟩",
        "the settings of ⟨…⟩: bad_option⟨…⟩",
        "builtins.KeyError",
        "Fatal Python error: Segmentation fault",
        "HF_TOKEN",
    ):
        assert expected in text, expected
    assert "after it" in text  # a value that was cut does not take the next line along


def test_a_crash_of_the_real_interpreter_is_told(home: Path) -> None:
    code = """
        import os
        from engine import log
        kept = log.CrashFile()
        def deep(prompt):
            os.kill(os.getpid(), 11)
        deep("canary7f3a9prompt")
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, timeout=60, stderr=subprocess.DEVNULL)
    text = report.collect()
    assert "Fatal Python error: Segmentation fault" in text
    assert "most recent call first" in text
    assert found(text) == []


def test_names_of_person_home_and_computer_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/wanda"))
    monkeypatch.setenv("HOME", "/home/wanda")
    monkeypatch.setattr(getpass, "getuser", lambda: "wanda")
    monkeypatch.setattr(report.platform, "node", lambda: "wandas-laptop")
    text = report.without_names("/home/wanda/x of wanda on wandas-laptop, not of wandalism")
    assert text == "~/x of user on computer, not of wandalism"


def test_a_person_the_system_does_not_know_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert report.without_names("x") == "x"


# --- whatever lies there ---------------------------------------------------------------------------------------------


def test_without_a_home_it_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDLING_HOME", str(home / "none"))
    text = report.collect()
    assert "not there yet" in text
    assert "folder of the logs cannot be read" in text
    assert not (home / "none").exists()


def test_it_changes_nothing(home: Path) -> None:
    (home / "settings.json").write_bytes(b"\0" * 5_000)
    before = sorted(home.rglob("*"))
    report.collect()
    assert sorted(home.rglob("*")) == before
    assert (home / "settings.json").read_bytes() == b"\0" * 5_000


def wreck(home: Path) -> None:
    """Logs that are huge, damaged, no files, or not to be read."""
    folder = home / "logs"
    folder.mkdir()
    with open(folder / "worker-1-1.log", "wb") as file:
        file.truncate(3 * 10**9)
        file.seek(0, os.SEEK_END)
        file.write(b"\n2026-02-01 12:00:00,000 INFO engine.jobs: the last line\n")
    (folder / "window-2-1.log").write_bytes(os.urandom(200_000))
    (folder / "command-3-1.log").mkdir()
    (folder / "command-4-1.log").symlink_to("/dev/zero")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "command-5-1.log")
    for number in range(60):
        (folder / f"worker-{number + 10}-1.log").write_text("2026-01-31 12:00:00,000 INFO engine.jobs: x\n" * 2_000)


def test_huge_broken_and_strange_logs_are_read_in_bounds_and_told(home: Path) -> None:
    wreck(home)
    text = report.collect()
    assert len(text) <= report.MOST_CHARACTERS + 100
    assert "none of ours" in text
    assert f"the newest {log_excerpts.MOST_FILES} were read" in text
    os.utime(home / "logs" / "worker-1-1.log", (2e9, 2e9))
    os.utime(home / "logs" / "window-2-1.log", (2e9, 2e9))
    text = report.collect()
    assert "the last line" in text
    assert "damaged in places" in text


def test_a_log_that_may_not_be_read_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "logs").mkdir()
    (home / "logs" / "worker-1-1.log").write_text("x")

    def refused(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(log_excerpts, "_tail", refused)
    assert "A log of a worker cannot be read (Permission denied)." in report.collect()


def test_it_stops_reading_when_it_takes_long(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wreck(home)
    monkeypatch.setattr(log_excerpts, "SECONDS", -1.0)
    assert "left unread: it took too long" in report.collect()


def test_what_cannot_be_found_out_is_said_and_the_rest_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise ZeroDivisionError(CANARY)

    monkeypatch.setattr(report.hardware, "memory", broken)
    text = report.collect()
    assert "could not be found out (ZeroDivisionError)" in text
    assert CANARY not in text
    assert "Last lines of the logs" in text


def test_a_log_that_begins_within_a_value_tells_nothing_of_it(home: Path) -> None:
    """Of a long file the end is read, which may begin anywhere."""
    (home / "logs").mkdir()
    lines = "2026-01-31 12:00:00,000 INFO engine.jobs: a sentence\n" * 1_000
    inside = f"2026-01-31 12:00:00,000 INFO engine.jobs: {CANARY}\n" * 2_000
    (home / "logs" / "worker-1-1.log").write_text(f"2026-01-31 12:00:00,000 INFO engine.jobs: ⟨{inside}⟩\n{lines}")
    text = report.collect()
    assert "a sentence" in text
    assert CANARY not in text


# --- on the command line ---------------------------------------------------------------------------------------------


def test_doctor_prints_it_and_nothing_else(home: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "engine", "doctor", "--report"], capture_output=True, text=True, timeout=120, check=True
    )
    assert ended.stdout.startswith("A problem with Seedling\n")
    assert "Last lines of the logs" in ended.stdout
    assert ended.stderr == ""
    assert paths.logs().parent == home
