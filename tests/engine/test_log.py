"""Logs: bounded whatever happens, quiet about contents, and never a reason to fail."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from engine import log

pytestmark = pytest.mark.usefixtures("restored_loggers")

CANARY = "canary-7f3a9-prompt"


def written(home: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((home / "logs").glob("*")))


def total(home: Path) -> int:
    return sum(path.stat().st_size for path in (home / "logs").iterdir())


def test_what_the_program_says_is_written_with_time_level_and_place(home: Path) -> None:
    log.start("worker")
    logging.getLogger("engine.jobs").info("job %s ends", "train")
    logging.getLogger("app.chat").warning("slow")
    lines = written(home).splitlines()
    assert lines[0].endswith(" INFO engine.jobs: job ⟨train⟩ ends")
    assert lines[1].endswith(" WARNING app.chat: slow")
    assert [path.name for path in (home / "logs").iterdir()] == [f"worker-{os.getpid()}-1.log"]


def test_nothing_to_say_makes_no_file(home: Path) -> None:
    log.start("command")
    logging.getLogger("engine").debug("detail")
    assert list(home.iterdir()) == []


def test_starting_again_does_not_write_twice(home: Path) -> None:
    log.start("worker")
    log.start("worker")
    logging.getLogger("engine").info("once")
    assert written(home).count("once") == 1


def test_nothing_is_printed(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    log.start("worker")
    logging.getLogger("engine").error("to the file only")  # `caplog` listens at the root, as a printing handler would
    assert caplog.records == []


def test_other_libraries_do_not_write_here(home: Path) -> None:
    log.start("worker")
    logging.getLogger("transformers").error(CANARY)
    assert list(home.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits")
def test_only_the_person_may_read_it(home: Path) -> None:
    log.start("worker")
    logging.getLogger("engine").info("x")
    (path,) = (home / "logs").iterdir()
    assert path.stat().st_mode & 0o077 == 0


# --- contents --------------------------------------------------------------------------------------------------------


def fail_with_contents() -> None:
    try:
        try:
            json.loads(f'{{"{CANARY}')
        except ValueError as error:
            raise KeyError(CANARY) from error
    except KeyError:
        logging.getLogger("engine.jobs").exception("a job failed")


def test_a_traceback_is_written_without_what_the_error_says(home: Path) -> None:
    log.start("worker")
    fail_with_contents()
    text = written(home)
    assert CANARY not in text
    for part in ("test_log.py", "builtins.KeyError", "json.decoder.JSONDecodeError", "raise KeyError(CANARY)"):
        assert part in text


def test_the_level_debug_writes_everything(home: Path) -> None:
    log.start("worker", "debug")
    fail_with_contents()
    assert CANARY in written(home)


def test_the_settings_choose_the_detail_and_no_level_of_theirs_writes_contents(home: Path) -> None:
    (home / "settings.json").write_text('{"log_level": "detailed"}')
    log.start("worker")
    logging.getLogger("engine").debug("a detail")
    fail_with_contents()
    text = written(home)
    assert "a detail" in text
    assert "builtins.KeyError" in text
    assert CANARY not in text


def test_old_logs_can_be_deleted_and_those_of_the_living_stay(home: Path) -> None:
    folder = home / "logs"
    folder.mkdir()
    (folder / f"worker-{2**22 + 1}-1.log").write_bytes(b"x" * 10)
    (folder / f"window-{os.getpid()}-1.log").write_bytes(b"x")
    (folder / "notes.log").write_bytes(b"mine")
    assert log.delete_old(folder) == 10
    assert {path.name for path in folder.iterdir()} == {f"window-{os.getpid()}-1.log", "notes.log"}


# --- bounds ----------------------------------------------------------------------------------------------------------


def test_one_process_that_never_stops_talking_stays_within_the_bound(home: Path) -> None:
    log.start("worker")
    logger = logging.getLogger("engine")
    for n in range(5_000):
        logger.info("%d %s", n, "x" * 6_000)
        if n % 500 == 0:
            assert total(home) <= log.TOTAL_BYTES
    assert total(home) <= log.TOTAL_BYTES
    assert f" {4_999} " in written(home)  # the newest are the ones that stay
    assert max(path.stat().st_size for path in (home / "logs").iterdir()) <= log.FILE_BYTES


def test_a_huge_record_is_cut(home: Path) -> None:
    log.start("worker")
    logging.getLogger("engine").info("🌱" * 10_000_000)
    assert total(home) == log.RECORD_BYTES


@pytest.mark.trial(sample=6, full=40)
def test_many_processes_at_once_stay_within_the_bound_and_lose_no_line(home: Path, trials: range) -> None:
    code = """
        import logging, sys
        from engine import log
        log.start("worker")
        for n in range(400):
            logging.getLogger("engine").info("line %d of {} %s".format(sys.argv[1]), n, "x" * 2_000)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    processes = [subprocess.Popen([*command, str(n)], stderr=subprocess.PIPE) for n in trials]
    for process in processes:
        assert process.communicate(timeout=60)[1] == b""
        assert total(home) <= log.TOTAL_BYTES
    if len(trials) * 400 * 2_100 < log.TOTAL_BYTES / 2:
        text = written(home)
        assert all(text.count(f" of {n} ") == 400 for n in trials)


def test_a_folder_of_old_logs_is_thinned_from_the_oldest(home: Path) -> None:
    folder = home / "logs"
    folder.mkdir()
    for n in range(60):
        path = folder / f"worker-{2**22 + n}-1.log"  # beyond any process number of ours
        path.write_bytes(b"x" * 400_000)
        os.utime(path, (n, n))
    (folder / "notes.txt").write_bytes(b"mine")
    log.start("window")
    logging.getLogger("app").info("here")
    assert total(home) <= log.TOTAL_BYTES
    left = sorted(int(path.name.split("-")[1]) - 2**22 for path in folder.glob("worker-*"))
    assert left == list(range(60 - len(left), 60))
    assert len(left) > 25
    assert (folder / "notes.txt").read_bytes() == b"mine"


def test_many_little_logs_are_thinned_too(home: Path) -> None:
    folder = home / "logs"
    folder.mkdir()
    for n in range(300):
        (folder / f"command-{2**22 + n}-1.log").touch()
    log.start("command")
    logging.getLogger("engine").info("x")
    assert len(list(folder.iterdir())) <= 200


def test_what_living_processes_may_still_write_counts(home: Path) -> None:
    folder = home / "logs"
    folder.mkdir()
    for n in range(1, 60):
        (folder / f"worker-{os.getppid()}-{n}.log").touch()
    log.start("command")
    logging.getLogger("engine").info("x")
    assert len(list(folder.iterdir())) * log.FILE_BYTES <= log.TOTAL_BYTES


def test_where_old_logs_cannot_be_deleted_nothing_is_added(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home / "logs"
    folder.mkdir()
    for n in range(40):
        (folder / f"worker-{2**22 + n}-1.log").write_bytes(b"x" * 490_000)

    def refused(path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refused)
    log.start("worker")
    logging.getLogger("engine").info("x")
    assert len(list(folder.iterdir())) == 40


# --- the same again ------------------------------------------------------------------------------------------------


@pytest.mark.trial(sample=20_000, full=1_000_000)
def test_a_line_that_comes_again_and_again_is_counted(home: Path, trials: range) -> None:
    check_repeats(home, len(trials))


def check_repeats(home: Path, count: int) -> None:
    log.start("window")
    logger = logging.getLogger("app")
    logger.info("before")
    for _ in range(count):
        logger.error("the disk is full")
    logger.info("after")
    text = written(home)
    assert len(text) < 1_000
    assert text.count("the disk is full") == 1
    assert f"the line before: {count - 1} more" in text
    assert " INFO app: before\n" in text
    assert " INFO app: after\n" in text


def test_without_counting_it_would_fill_the_log(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log._Files, "_tell_again", lambda self: self._write(""))
    with pytest.raises(AssertionError):
        check_repeats(home, 100)


def test_how_often_is_told_on_the_way_and_at_the_end(home: Path) -> None:
    log.start("window")
    logger = logging.getLogger("app")
    for _ in range(151):
        logger.warning("again")
    assert [line.split(": ")[1] for line in written(home).splitlines()[1:]] == ["10 more", "100 more"]
    logger.handlers[0].close()
    assert written(home).splitlines()[-1].endswith("the line before: 150 more")


def test_a_process_that_is_killed_in_the_middle_has_told_how_often(home: Path) -> None:
    code = """
        import logging, os
        from engine import log
        log.start("window")
        for _ in range(5_000):
            logging.getLogger("app").error("again")
        os.kill(os.getpid(), 9)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, timeout=60)
    assert written(home).splitlines()[-1].endswith("the line before: 1000 more")


def test_lines_that_differ_are_all_there(home: Path) -> None:
    log.start("window")
    for n in range(50):
        logging.getLogger("app").info("line %d", n % 2)
    assert len(written(home).splitlines()) == 50


# --- crashes -------------------------------------------------------------------------------------------------------

CRASH = """
    import os, sys, threading
    from engine import log
    kept = log.CrashFile()
    def deep(n, prompt):
        if n:
            return deep(n - 1, prompt)
        os.kill(os.getpid(), {number})
    for _ in range({threads}):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    deep({depth}, "{canary}")
"""


def crashed(number: int = 11, threads: int = 0, depth: int = 3) -> subprocess.Popen[bytes]:
    code = textwrap.dedent(CRASH).format(number=number, threads=threads, depth=depth, canary=CANARY)
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    process.communicate(timeout=60)
    assert process.returncode == -number
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")
def test_what_a_process_did_when_it_crashed_is_kept_without_contents(home: Path) -> None:
    text = log.crash_of(crashed().pid)
    assert text.startswith("Fatal Python error: Segmentation fault")
    assert " in deep" in text
    assert CANARY not in text
    (path,) = (home / "logs").iterdir()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")
def test_a_crash_of_many_threads_in_deep_calls_stays_within_the_bound(home: Path) -> None:
    process = crashed(threads=150, depth=900)
    assert total(home) <= log.FILE_BYTES
    assert len(log.crash_of(process.pid).encode()) <= log._CRASH_SHOWN
    assert log.delete_old(home / "logs") > 0


def test_a_good_end_and_a_kill_leave_nothing_of_it(home: Path) -> None:
    file = log.CrashFile()
    (path,) = (home / "logs").iterdir()
    file.close()
    file.close()
    assert not path.exists()
    process = crashed(number=9)
    assert log.crash_of(process.pid) == ""
    assert list((home / "logs").iterdir()) == []


def test_files_of_crashes_go_with_the_oldest_logs(home: Path) -> None:
    folder = home / "logs"
    folder.mkdir()
    for n in range(250):
        path = folder / f"crash-{2**22 + n}-1.log"
        path.write_bytes(b"x" * 200_000)
        os.utime(path, (n, n))
    file = log.CrashFile()
    assert total(home) <= log.TOTAL_BYTES
    assert not (folder / f"crash-{2**22}-1.log").exists()
    file.close()


def test_no_place_for_it_is_no_trouble(home: Path) -> None:
    (home / "logs").write_bytes(b"mine")
    log.CrashFile().close()
    assert log.crash_of(os.getpid()) == ""


# --- trouble ---------------------------------------------------------------------------------------------------------


def test_a_home_that_is_a_file_is_no_trouble(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").touch()
    monkeypatch.setenv("SEEDLING_HOME", str(home / "file"))
    log.start("worker")
    logging.getLogger("engine").info("x")


@pytest.mark.parametrize("call", ["os.open", "os.write", "pathlib.Path.mkdir", "pathlib.Path.iterdir"])
def test_a_full_disk_is_no_trouble_and_logging_goes_on_after_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, call: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.start("worker")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(call, full)
        logging.getLogger("engine").info("lost")
    logging.getLogger("engine").info("kept")
    assert "kept" in written(home)
    assert capsys.readouterr().err == ""


def test_a_log_that_someone_deletes_is_no_trouble(home: Path) -> None:
    log.start("worker")
    logging.getLogger("engine").info("one")
    for path in (home / "logs").iterdir():
        with contextlib.suppress(PermissionError):
            path.unlink()
    logging.getLogger("engine").info("two")


def soak(home: Path, trials: range) -> None:
    """Of a day of an engine that says everything, eight records a second, so many parts of seventy."""
    log.start("worker", "debug")
    for _ in trials:
        for number in range(10_000):
            logging.getLogger("engine").debug(
                "llama_decode: %s" + ": n_tokens = 1, kv cells 4096, graph 1.2 ms" * 2, number
            )
        assert total(home) <= log.TOTAL_BYTES


@pytest.mark.trial(sample=14, full=70)
def test_a_day_of_a_verbose_engine_stays_within_the_bound(home: Path, trials: range) -> None:
    soak(home, trials)


def test_without_the_bound_the_day_does_not(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "make_room", lambda _: True)
    with pytest.raises(AssertionError):
        soak(home, range(20))
