"""Renders chat templates in a process of its own, which may be killed: JSON lines in, JSON lines out.

Run as `python -m engine.chat.template_process` (frozen: `seedling --templates`). The first line out says that it
is ready, `[]`. Then each request `{"template", "many": [values, …]}` is answered by a list with `{"text"}` or
`{"code", "reason"}`, and its `line` where that is known, for each of them. It ends with its input.
"""

from __future__ import annotations

import faulthandler
import json
import signal
import sys
import traceback
from typing import Any, BinaryIO

from engine.phrases import Phrase, packed, phrase
from engine.processes import end_with_parent, protect_stdout

MEMORY_BYTES = 512 * 2**20
OUTPUT_BYTES = 4 * 10**6
# The parent kills a rendering after 2 s. Should the parent itself be gone, nobody would: this is the last resort.
ORPHAN_SECONDS = 4.0
_REASON_CHARACTERS = 300


def main(arguments: list[str] | None = None) -> int:
    """Serve standard input until it ends. It takes no arguments."""
    answers = protect_stdout()
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is meant for the chat, not for us
    _limit_resources()
    from jinja2.exceptions import SecurityError  # only now that stdout is safe: imports may print

    from engine.chat import template_environment as environment

    _send(answers, [])
    for line in sys.stdin.buffer:
        request = json.loads(line)
        faulthandler.dump_traceback_later(ORPHAN_SECONDS, exit=True, file=2)
        found: list[dict[str, Any]] = []
        left = OUTPUT_BYTES
        for values in request["many"]:
            try:
                text = environment.render(request["template"], values, left)
                left -= len(text.encode("utf-8", "surrogatepass"))
                found.append({"text": text})
            except (MemoryError, environment.OutputLimitError):
                found.append({"code": "template_too_large", "reason": ""})
            except (environment.RefusalError, SecurityError) as error:
                found.append({"code": "template_refused"} | _reason(error))
            except Exception as error:
                found.append({"code": "template_broken"} | _reason(error))
        faulthandler.cancel_dump_traceback_later()
        _send(answers, found)
    return 0


def _limit_resources() -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no file grows by our hand
    if sys.platform == "linux":  # macOS ignores it; there the parent watches our size
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _send(answers: BinaryIO, found: list[dict[str, Any]]) -> None:
    answers.write(json.dumps(found).encode() + b"\n")
    answers.flush()


def _reason(error: Exception) -> dict[str, Any]:
    """What is wrong, on one line, and where."""
    line = getattr(error, "lineno", None)
    if line is None:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
        line = frames[-1].lineno if frames else None
    reason = _words(error)
    if line:
        reason = phrase("{reason} (line {line})", reason=reason, line=line)
    return {"reason": packed(reason), "line": line}


def _words(error: Exception) -> str:
    """Ours, else Jinja's or the template's."""
    if isinstance(error, RecursionError):
        return phrase("it nests without end")
    said = str(error)
    if isinstance(said, Phrase):
        return said
    return (" ".join(said.split()) or type(error).__name__)[:_REASON_CHARACTERS].rstrip(".")


if __name__ == "__main__":
    sys.exit(main())
