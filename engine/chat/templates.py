"""Renders chat templates through a small helper process that is killed when a template misbehaves."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from engine.chat.messages import Message
from engine.chat.template_process import MEMORY_BYTES, OUTPUT_BYTES
from engine.errors import EngineError
from engine.phrases import phrase, unpacked
from engine.processes import helper_command

RENDER_SECONDS = 2.0
START_SECONDS = 30.0  # a cold disk, a virus scanner
REQUEST_BYTES = 16 * 10**6
_POLL_SECONDS = 0.01
# All that the helper may know of our environment: where the system and the clock are, never a key or a token.
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR", "TZ", "LANG", "LC_ALL", "LD_LIBRARY_PATH")


# What is sent together: so little that its rendering takes a small part of RENDER_SECONDS.
_TOGETHER, _TOGETHER_CHARACTERS = 64, 100_000
# JSON writes a character in at most six bytes for each of its own.
_ANSWER_BYTES = 6 * OUTPUT_BYTES + 12_000 * _TOGETHER


@dataclass(frozen=True)
class Rendering:
    """A conversation to be written by a template, with or without what makes the model reply to it."""

    messages: Sequence[Message]
    add_generation_prompt: bool = True


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
        (answer,) = self._ask_for(template, [Rendering(messages, add_generation_prompt)], bos_token, eos_token)
        if isinstance(answer, EngineError):
            raise answer
        return answer

    def render_all(
        self, template: str, renderings: Sequence[Rendering], *, bos_token: str = "", eos_token: str = ""
    ) -> list[str | EngineError]:
        """Each rendering's text, or the EngineError that `render` would raise for it: far faster than one by one.

        Raises EngineError `template_too_slow`, or of a crash: with that template every further one might cost as much.
        """
        answers: list[str | EngineError] = []
        for group in _groups(renderings):
            found = self._ask_for(template, group, bos_token, eos_token)
            if len(group) > 1 and any(_may_be_of_the_group(answer) for answer in found):
                found = []
                for one in group:
                    found += self._ask_for(template, [one], bos_token, eos_token)
                    if _died(found[-1]):
                        break
            answers += found
            if isinstance(found[-1], EngineError) and _died(found[-1]):
                raise found[-1]
        return answers

    def _ask_for(
        self, template: str, renderings: Sequence[Rendering], bos_token: str, eos_token: str
    ) -> list[str | EngineError]:
        many = [
            {
                "messages": [{"role": message.role, "content": message.content} for message in rendering.messages],
                "bos_token": bos_token,
                "eos_token": eos_token,
                "add_generation_prompt": rendering.add_generation_prompt,
            }
            for rendering in renderings
        ]
        request = json.dumps({"template": template, "many": many}).encode() + b"\n"
        if len(request) > REQUEST_BYTES:
            return [EngineError("template_too_large", detail=f"a request of {len(request)} bytes")] * len(many)
        with self._lock:
            answers, verdict = self._ask(request)
        if answers is None:
            reason = phrase("it made the process that renders it crash")
            return [EngineError(verdict or "template_broken", reason=reason, died=True)] * len(many)
        return [
            answer["text"]
            if "text" in answer
            else EngineError(answer["code"], reason=unpacked(answer["reason"]), line=answer.get("line"))
            for answer in answers
        ]

    def close(self) -> None:
        """End the helper. Closing twice does nothing; a later `render` starts a new one."""
        with self._lock:
            self._stop()

    def _ask(self, request: bytes) -> tuple[list[dict[str, Any]] | None, str]:
        """The helper's answers, or None and why it had to die, as an error code or ""."""
        answers, verdict = _exchange(self._running(), request, self._seconds, self._memory_bytes)
        if answers is None or any(answer.get("code") == "template_too_large" for answer in answers):
            self._stop()
        return answers, verdict

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._stop()
        if self._process is None:
            self._process = _start_helper()
            ready, _ = _exchange(self._process, b"", START_SECONDS, self._memory_bytes)
            if ready is None:
                self._stop()
                raise EngineError("template_broken", reason=phrase("the process that renders it does not start"))
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


def _may_be_of_the_group(answer: str | EngineError) -> bool:
    """Whether a rendering might have gone well alone."""
    return _died(answer) or (isinstance(answer, EngineError) and answer.code == "template_too_large")


def _died(answer: str | EngineError) -> bool:
    return isinstance(answer, EngineError) and bool(answer.data.get("died"))


def _groups(renderings: Sequence[Rendering]) -> Iterator[list[Rendering]]:
    """What is to be sent together; a large conversation goes alone."""
    group: list[Rendering] = []
    characters = 0
    for rendering in renderings:
        size = sum(len(message.content) for message in rendering.messages)
        if group and (len(group) == _TOGETHER or characters + size > _TOGETHER_CHARACTERS):
            yield group
            group, characters = [], 0
        group.append(rendering)
        characters += size
    if group:
        yield group


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
) -> tuple[list[dict[str, Any]] | None, str]:
    """Send a request and read its answers: (answers, "") or, when the helper died, (None, error code or "")."""
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
        answers = json.loads(line)
    except ValueError:
        return None, watch.verdict
    return (answers, "") if isinstance(answers, list) else (None, watch.verdict)


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
