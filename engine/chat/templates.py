"""Renders chat templates through a small helper process that is killed when a template misbehaves."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from engine.chat.messages import Message
from engine.chat.template_process import MEMORY_BYTES, OUTPUT_BYTES
from engine.errors import EngineError
from engine.processes import helper_command

RENDER_SECONDS = 2.0
START_SECONDS = 30.0  # a cold disk, a virus scanner
REQUEST_BYTES = 16 * 10**6
_ANSWER_BYTES = 6 * OUTPUT_BYTES + 1000  # JSON writes a character in at most six bytes for each of its own
_POLL_SECONDS = 0.01
# All that the helper may know of our environment: where the system and the clock are, never a key or a token.
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR", "TZ", "LANG", "LC_ALL", "LD_LIBRARY_PATH")


class TemplateRenderer:
    """One helper process: started when first needed, started again after a death. Any thread may call."""

    def __init__(self, seconds: float = RENDER_SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._seconds, self._memory_bytes = seconds, memory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def render(
        self,
        template: str,
        messages: Sequence[Message],
        *,
        bos_token: str = "",
        eos_token: str = "",
        add_generation_prompt: bool = True,
    ) -> str:
        """The conversation as the model's template writes it.

        Raises EngineError `template_broken` (with Jinja's reason), `template_refused` (the sandbox or the template
        itself said no), `template_too_slow` or `template_too_large`.
        """
        values = {
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "bos_token": bos_token,
            "eos_token": eos_token,
            "add_generation_prompt": add_generation_prompt,
        }
        request = json.dumps({"template": template, "values": values}).encode() + b"\n"
        if len(request) > REQUEST_BYTES:
            raise EngineError("template_too_large", detail=f"a request of {len(request)} bytes")
        with self._lock:
            answer = self._ask(request)
        if "text" in answer:
            return str(answer["text"])
        raise EngineError(str(answer["code"]), reason=str(answer["reason"]))

    def close(self) -> None:
        """End the helper. Closing twice does nothing; a later `render` starts a new one."""
        with self._lock:
            self._stop()

    def _ask(self, request: bytes) -> dict[str, Any]:
        process = self._running()
        answer, verdict = _exchange(process, request, self._seconds, self._memory_bytes)
        if answer is None or answer.get("code") == "template_too_large":
            self._stop()
        if answer is None:
            return {"code": verdict or "template_broken", "reason": "it made the process that renders it crash"}
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._stop()
        if self._process is None:
            self._process = _start_helper()
            ready, _ = _exchange(self._process, b"", START_SECONDS, self._memory_bytes)
            if ready is None:
                self._stop()
                raise EngineError("template_broken", reason="the process that renders it does not start")
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with suppress(OSError):  # what was still to be written has no reader any more
                pipe.close()


def _start_helper() -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    return subprocess.Popen(
        helper_command("templates"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a template could make it say anything
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _exchange(
    process: subprocess.Popen[bytes], request: bytes, seconds: float, memory_bytes: int
) -> tuple[dict[str, Any] | None, str]:
    """Send a request and read its answer: (answer, "") or, when the helper died, (None, error code or "")."""
    assert process.stdin is not None
    assert process.stdout is not None
    with _Watch(process, seconds, memory_bytes) as watch:
        try:
            process.stdin.write(request)
            process.stdin.flush()
            line = process.stdout.readline(_ANSWER_BYTES)
        except OSError:
            line = b""
    try:
        answer = json.loads(line)
    except ValueError:
        return None, watch.verdict
    return (answer, "") if isinstance(answer, dict) else (None, watch.verdict)


class _Watch:
    """While entered, kills the process that takes too long or too much memory; `verdict` then is the error's code.

    A thread rather than a time-out on the pipe: pipes cannot be waited for on Windows, and writing may block too.
    """

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, memory_bytes: int) -> None:
        self.verdict = ""
        self._process, self._memory_bytes = process, memory_bytes
        self._deadline = time.monotonic() + seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="template watch", daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_POLL_SECONDS):
            if time.monotonic() > self._deadline:
                self.verdict = "template_too_slow"
            elif self._resident_bytes() > self._memory_bytes:
                self.verdict = "template_too_large"
            if self.verdict:
                self._process.kill()
                return

    def _resident_bytes(self) -> int:
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0  # already gone; the reader sees the end of the pipe
