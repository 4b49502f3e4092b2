"""The worker as another process: real pipes, real signals."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine import about
from engine.processes import helper_command
from engine.worker import WINDOW_VERSION

SCRIPT = str(Path(__file__).with_name("worker_with_jobs.py"))
PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


class Worker:
    """A worker process, spoken to in its own language."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen([sys.executable, SCRIPT, *arguments], **PIPES)  # type: ignore[call-overload]

    def write(self, line: bytes) -> None:
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def send(self, **request: Any) -> None:
        self.write(json.dumps(request).encode() + b"\n")

    def ask(self, job: str, id: int | str = 1, **params: Any) -> None:
        self.send(id=id, job=job, params=params)

    def read(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        assert line.endswith(b"\n"), f"the worker has ended: {self.process.communicate()}"
        data: dict[str, Any] = json.loads(line, parse_constant=lambda text: pytest.fail(f"{text} is not JSON"))
        assert next(iter(data)) == "id"
        return data

    def until_end(self) -> list[dict[str, Any]]:
        """The events up to and with the next terminal one."""
        events = [self.read()]
        while events[-1]["event"] not in ("Finished", "Failed"):
            events.append(self.read())
        return events

    def leave(self) -> tuple[bytes, bytes]:
        """End its input; what else it had to say, on both outputs."""
        return self.process.communicate(timeout=5)


@pytest.fixture
def start() -> Iterator[Callable[..., Worker]]:
    workers: list[Worker] = []

    def begin(*arguments: str) -> Worker:
        workers.append(Worker(*arguments))
        return workers[-1]

    yield begin
    for worker in workers:
        worker.process.kill()
        with contextlib.suppress(BrokenPipeError), worker.process:
            pass  # closes the pipes, and waits


@pytest.fixture
def worker(start: Callable[..., Worker]) -> Worker:
    return start()


# --- jobs and events -------------------------------------------------------------------------------------------------


def test_a_job_answers_with_its_id_and_one_ending(worker: Worker) -> None:
    worker.ask("echo", id=7, text="Grüße 🌱")
    events = worker.until_end()
    assert [(e["id"], e["event"]) for e in events] == [(7, "TextDelta"), (7, "Finished")]
    assert events[0]["text"] == "Grüße 🌱"
    assert worker.leave()[0] == b""


def test_jobs_run_one_after_another_in_order(worker: Worker) -> None:
    for id in range(20):
        worker.ask("echo", id=id, text=str(id))
    assert [e["id"] for _ in range(20) for e in worker.until_end()] == [id for id in range(20) for _ in range(2)]


def test_jobs_share_the_state_of_their_worker(worker: Worker) -> None:
    worker.ask("remember", id="a", text="one")
    worker.ask("remember", id="b", text="two")
    worker.until_end()
    assert worker.until_end()[-1]["stats"]["seen"] == ["one", "two"]


def test_an_unknown_job_fails_by_name_and_the_worker_goes_on(worker: Worker) -> None:
    worker.ask("nonsense")
    (failed,) = worker.until_end()
    assert failed == {
        "id": 1, "event": "Failed", "code": "unknown_job", "data": {"job": "nonsense"}, "detail": ""
    }  # fmt: skip
    worker.ask("echo", text="still here")
    assert worker.until_end()[-1]["event"] == "Finished"


@pytest.mark.parametrize(
    ("what", "ending"),
    [
        ("ValueError", "bug"),
        ("SystemExit", "bug"),
        ("BaseException", "bug"),
        ("MemoryError", "out_of_memory"),
        ("KeyboardInterrupt", "cancelled"),
    ],
)
def test_whatever_a_job_raises_it_ends_once(worker: Worker, what: str, ending: str) -> None:
    worker.ask("raise_it", what=what)
    *before, last = worker.until_end()
    assert [e["event"] for e in before] == ["TextDelta"]
    assert last.get("code", last.get("reason")) == ending
    worker.ask("echo", id=2, text="next")
    assert [e["id"] for e in worker.until_end()] == [2, 2]


@pytest.mark.parametrize(("job", "ending"), [("two_endings", "first"), ("no_generator", "bug"), ("no_event", "bug")])
def test_a_job_that_does_not_behave_like_one_ends_once(worker: Worker, job: str, ending: str) -> None:
    worker.ask(job)
    (last,) = worker.until_end()
    assert last.get("code", last.get("reason")) == ending
    assert worker.leave()[0] == b""


def test_numbers_that_json_has_not_become_null(worker: Worker) -> None:
    worker.ask("not_finite")
    metric, finished = worker.until_end()
    assert metric["values"] == {"loss": None, "lr": None}
    assert finished["stats"] == {"raw": "\ufffd\x00", "where": "<class 'object'>"}


def test_what_anyone_prints_lands_on_standard_error(worker: Worker) -> None:
    worker.ask("noise")
    assert [e.get("text") for e in worker.until_end()] == ["before", "after", None]
    out, err = worker.leave()
    assert out == b""
    for words in (b"python prints", b"forged", b"descriptor one", b"C prints", b"a child prints"):
        assert words in err


# --- cancelling ------------------------------------------------------------------------------------------------------


def test_cancel_stops_the_running_job(worker: Worker) -> None:
    worker.ask("count")
    worker.read()
    worker.send(cancel=1)
    assert worker.until_end()[-1]["reason"] == "cancelled"


def test_a_waiting_job_is_cancelled_at_once_and_never_begins(worker: Worker) -> None:
    worker.ask("count", id=1)
    worker.ask("remember", id=2, text="two")
    worker.ask("remember", id=3, text="three")
    worker.send(cancel=2)
    event = next(event for event in (worker.read() for _ in range(100)) if event["id"] != 1)
    assert (event["id"], event["event"], event["reason"]) == (2, "Finished", "cancelled")
    worker.send(cancel=1)
    worker.until_end()
    (finished,) = worker.until_end()
    assert (finished["id"], finished["stats"]["seen"]) == (3, ["three"])


def test_cancelling_what_has_ended_or_never_was_does_nothing(worker: Worker) -> None:
    worker.ask("echo", text="one")
    worker.until_end()
    worker.send(cancel=1)
    worker.send(cancel="never")
    worker.ask("echo", text="two")  # an id may come again once its job has ended
    assert [e["event"] for e in worker.until_end()] == ["TextDelta", "Finished"]


@pytest.mark.trial(sample=20, full=2_000)
def test_a_cancel_at_any_instant_leaves_one_ending(worker: Worker, trials: range) -> None:
    for id in trials:
        worker.ask("count", id=id)
        if id % 2:
            time.sleep(id % 7 / 1000)
        worker.send(cancel=id)
        events = worker.until_end()
        assert {e["id"] for e in events} == {id}
        assert events[-1]["reason"] == "cancelled"
    assert worker.leave()[0] == b""


# --- the protocol and its end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"not json\n",
        b"\n",
        b"\xff\xfe\n",
        b"[]\n",
        b"3\n",
        b"null\n",
        b"{}\n",
        b'{"id": 1, "job": "echo"}\n',
        b'{"id": null, "job": "echo", "params": {}}\n',
        b'{"id": 1, "job": [], "params": {}}\n',
        b'{"id": 1, "job": "echo", "params": []}\n',
        b'{"cancel": {}}\n',
        b"[" * 100_000 + b"\n",
        b'{"id": 1, "job": "count", "params": {}}\n{"id": 1, "job": "count", "params": {}}\n',
    ],
)
def test_a_line_that_is_no_request_ends_the_worker(worker: Worker, line: bytes) -> None:
    worker.write(line)
    assert worker.process.wait(5) == 2
    reason = worker.process.stderr.read().decode()
    assert reason.startswith("seedling worker: not a request")
    assert reason.count("\n") == 1


def test_a_line_may_have_a_million_bytes_and_no_more(worker: Worker) -> None:
    frame = len(json.dumps({"id": 1, "job": "echo", "params": {"text": ""}})) + 1
    worker.ask("echo", text="A" * (1_000_000 - frame))
    assert len(worker.until_end()[0]["text"]) == 1_000_000 - frame
    with pytest.raises(BrokenPipeError):
        worker.ask("echo", text="A" * 3_000_000)
    assert worker.process.wait(5) == 2
    assert b"1,000,000 bytes" in worker.process.stderr.read()


def test_the_end_of_input_ends_it(worker: Worker) -> None:
    worker.process.stdin.close()
    assert worker.process.wait(2) == 0


def test_half_a_line_at_the_end_is_no_request(worker: Worker) -> None:
    worker.write(b'{"id": 1, "job": "echo", "params": {"text": "x"}}')
    assert worker.leave() == (b"", b"")
    assert worker.process.returncode == 0


@pytest.mark.parametrize("job", ["count", "busy_in_c"])
def test_the_end_of_input_ends_it_in_the_middle_of_a_job(worker: Worker, job: str) -> None:
    worker.ask(job)
    worker.read()
    worker.process.stdin.close()
    assert worker.process.wait(2) == 0


def test_it_ends_when_nobody_reads_its_events(worker: Worker) -> None:
    worker.ask("flood")
    worker.read()
    worker.process.stdout.close()
    assert worker.process.wait(5) == 1
    assert worker.process.stderr.read() == b""


def test_ctrl_c_in_the_terminal_is_not_for_the_worker(worker: Worker) -> None:
    worker.ask("count")
    worker.read()
    worker.process.send_signal(signal.SIGINT)
    for _ in range(50):
        assert worker.read()["event"] == "Progress"


def test_background_work_gives_way(start: Callable[..., Worker]) -> None:
    for arguments, priority in (((), 0), (("--background",), 10)):
        worker = start(*arguments)
        worker.ask("echo", text="")
        assert worker.until_end()[-1]["stats"]["background"] == os.getpriority(os.PRIO_PROCESS, 0) + priority


# --- no orphans ------------------------------------------------------------------------------------------------------

PARENT = """
    import subprocess, sys, time
    command = [sys.executable, {script!r}, *{arguments!r}]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    worker.stdin.write(b'{{"id": 1, "job": "{job}", "params": {{}}}}\\n')
    worker.stdin.flush()
    worker.stdout.readline()
    print(worker.pid, flush=True)
    time.sleep(60)
"""


def start_family(job: str, keep_input_open: bool, *arguments: str) -> tuple[subprocess.Popen[str], psutil.Process]:
    """A parent with a busy worker; with `keep_input_open`, someone else holds the worker's input open, too."""
    code = textwrap.dedent(PARENT).format(script=SCRIPT, job=job, arguments=arguments)
    if keep_input_open:
        code = code.replace("print(", "subprocess.Popen(['sleep', '8'], stdout=worker.stdin)\nprint(")
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    return parent, psutil.Process(int(parent.stdout.readline()))


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="PDEATHSIG")


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("job", "keep_input_open"),
    [
        ("count", False),
        ("busy_in_c", False),
        pytest.param("busy_in_c_with_lock", False, marks=linux_only),
        pytest.param("busy_in_c", True, marks=linux_only),
    ],
)
def test_a_killed_parent_leaves_no_orphan(job: str, keep_input_open: bool) -> None:
    _kill_the_parent(job, keep_input_open)


@linux_only
@pytest.mark.parametrize(("job", "keep_input_open"), [("busy_in_c_with_lock", False), ("busy_in_c", True)])
def test_without_its_guard_a_worker_outlives_its_parent(job: str, keep_input_open: bool) -> None:
    with pytest.raises(AssertionError):
        _kill_the_parent(job, keep_input_open, "--orphan")


def _kill_the_parent(job: str, keep_input_open: bool, *arguments: str) -> None:
    parent, worker = start_family(job, keep_input_open, *arguments)
    try:
        time.sleep(0.2)  # the job says that it begins, and then begins
        parent.kill()
        parent.communicate()
        deadline = time.monotonic() + 2
        while not is_gone(worker) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert is_gone(worker)
    finally:
        parent.kill()
        if worker.is_running():
            worker.kill()


# --- of another version than the window ---------------------------------------------------------------------------


def test_a_worker_of_another_version_than_the_window_does_nothing(
    start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WINDOW_VERSION, "0.0.1")
    worker = start()
    for id, job in enumerate(("echo", "nonsense", "echo")):
        worker.ask(job, id=id, text="x")
        (failed,) = worker.until_end()
        assert (failed["id"], failed["event"], failed["code"]) == (id, "Failed", "updated_while_open")
    assert failed["detail"] == f"the window is 0.0.1, the worker {about.version()}"
    assert worker.leave() == (b"", b"")
    assert worker.process.returncode == 0


@pytest.mark.parametrize("version", ["", about.version()])
def test_a_worker_of_the_window_s_version_works(
    start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Nobody tells a version: a command, or a window that does not know its own."""
    monkeypatch.setenv(WINDOW_VERSION, version)
    worker = start()
    worker.ask("echo", text="x")
    assert worker.until_end()[-1]["event"] == "Finished"


# --- the worker's own start ------------------------------------------------------------------------------------------


def test_it_starts_from_any_folder_and_takes_no_module_from_there(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    for name in ("engine/__init__.py", "json.py", "engine/worker.py"):
        (tmp_path / name).write_text("raise SystemExit('taken from the wrong place')")
    command = helper_command("worker")
    done = subprocess.run(
        command, input=b'{"id": 1, "job": "x", "params": {}}\nend\n', cwd=tmp_path, capture_output=True, check=False
    )
    assert b"wrong place" not in done.stderr
    assert done.returncode == 2


def test_it_starts_with_nothing_heavy() -> None:
    code = "import sys, engine.worker; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "llama_cpp", "numpy", "PySide6", "psutil", "gguf"} & set(done.stdout.split())


def test_it_works_with_its_standard_error_closed() -> None:
    code = f"import os, sys; os.close(2); os.execv(sys.executable, [sys.executable, {SCRIPT!r}])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"id": 1, "job": "noise", "params": {}}\n')
        process.stdin.flush()
        events = [json.loads(process.stdout.readline())["event"] for _ in range(3)]
    assert events == ["TextDelta", "TextDelta", "Finished"]
