"""Downloads in processes of their own, which may be killed: `Downloads` starts this program, and it forks for each.

A line of JSON asks for one: {"env": {...}, "params": {...}}. The answer is the number of its process; it ends with DONE
when the job is done, with FAILED when it failed. "disk": [way, error, n] makes the n-th call to the disk fail,
or end the process (see faults/disk.c); a job done in spite of that ends with DONE_ANYHOW.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DONE, FAILED, DONE_ANYHOW = 0, 3, 4
NEVER = 10**9


class Downloads:
    """Starts downloads into one home from one hub."""

    def __init__(self, home: Path, endpoint: str, program: subprocess.Popen[str]) -> None:
        self._program = program
        self._env = {"SEEDLING_HOME": str(home), "HF_ENDPOINT": endpoint}

    def start(self, repo: str, files: list[str], disk: tuple[int, int, int] | None = None) -> int:
        """Start a download; the number of its process."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        asked = {"env": self._env, "params": {"repo": repo, "files": files}, "disk": disk}
        print(json.dumps(asked), file=self._program.stdin, flush=True)
        return int(self._program.stdout.readline())

    def kill(self, process: int) -> None:
        """End it at once; waits until it is gone."""
        os.kill(process, signal.SIGKILL)
        self.wait(process)

    def wait(self, process: int) -> int:
        """How it ended: DONE, FAILED, or less than 0 by a signal."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        print(json.dumps({"wait": process}), file=self._program.stdin, flush=True)
        return int(self._program.stdout.readline())

    def run(self, repo: str, files: list[str], disk: tuple[int, int, int] | None = None) -> int:
        return self.wait(self.start(repo, files, disk))


@contextmanager
def program(**environment: str) -> Iterator[subprocess.Popen[str]]:
    """The program that forks; start it once."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment
    env.pop("HF_HUB_OFFLINE", None)
    with subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as started:
        yield started
        assert started.stdin is not None
        started.stdin.close()


def main() -> None:
    from engine.events import Failed
    from engine.jobs import JobContext, run
    from engine.library.download import connection, job
    from engine.library.download.connection import Patience

    connection.token()  # so that the processes find all of it loaded
    connection.make_client().close()
    job.PATIENCE = Patience(stall_s=0.4, first_wait_s=0.01, longest_wait_s=0.05)
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        if "wait" in asked:
            print(os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1]), flush=True)
            continue
        process = os.fork()
        if process == 0:
            os.environ.update(asked["env"])
            disk = ctypes.CDLL(None) if asked["disk"] else None
            if disk is not None:
                disk.disk_arm(os.fsencode(asked["env"]["SEEDLING_HOME"]), -1, *asked["disk"])
            *_, last = run(job.download, asked["params"], JobContext())
            did_fail = disk is not None and disk.disk_failed()
            if isinstance(last, Failed) and not did_fail:
                print(last, file=sys.stderr)
            os._exit(FAILED if isinstance(last, Failed) else DONE_ANYHOW if did_fail else DONE)
        print(process, flush=True)


def wait_until(condition: Any, seconds: float = 10.0) -> bool:
    """Look every millisecond; whether it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    return True


if __name__ == "__main__":
    main()
