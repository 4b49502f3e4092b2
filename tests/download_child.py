"""Downloads in processes of their own, which may be killed: `Downloads` starts this program, and it forks for each.

A line of JSON asks for one: {"env": {...}, "params": {...}}. The answer is the number of its process; it ends with 0
when the job is done, with 3 when it failed.
"""

from __future__ import annotations

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

DONE, FAILED = 0, 3


class Downloads:
    """Starts downloads into one home from one hub."""

    def __init__(self, home: Path, endpoint: str, program: subprocess.Popen[str]) -> None:
        self._program = program
        self._env = {"SEEDLING_HOME": str(home), "HF_ENDPOINT": endpoint}

    def start(self, repo: str, files: list[str], revision: str = "main") -> int:
        """Start a download; the number of its process."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        asked = {"env": self._env, "params": {"repo": repo, "files": files, "revision": revision}}
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

    def run(self, repo: str, files: list[str], revision: str = "main") -> int:
        return self.wait(self.start(repo, files, revision))


@contextmanager
def program() -> Iterator[subprocess.Popen[str]]:
    """The program that forks; start it once."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    env.pop("HF_HUB_OFFLINE", None)
    with subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as started:
        yield started
        assert started.stdin is not None
        started.stdin.close()


def main() -> None:
    from engine.jobs import JobContext, run
    from engine.library.download import job
    from engine.library.download.connection import Patience

    job.PATIENCE = Patience(stall_s=0.4, first_wait_s=0.01, longest_wait_s=0.05)
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        if "wait" in asked:
            print(os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1]), flush=True)
            continue
        process = os.fork()
        if process == 0:
            os.environ.update(asked["env"])
            *_, last = run(job.download, asked["params"], JobContext())
            if type(last).__name__ == "Failed":
                print(last, file=sys.stderr)
            os._exit(DONE if type(last).__name__ == "Finished" else FAILED)
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
