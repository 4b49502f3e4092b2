"""Open GGUF files with llama.cpp in a process that may die: `outcomes(paths)` says what became of each.

As a script it reads paths from its input and answers each with a line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ABORT = "abort"  # a "file" at which the child dies, to test this helper
ROOT = Path(__file__).resolve().parent.parent


def outcomes(paths: Sequence[Path], text: str = "the ant", timeout_s: float = 60) -> dict[Path, str]:
    """For each file: "wrote N", the code of an EngineError, or "died: N" with the exit status of the child.

    A child that takes longer than `timeout_s` for all of its files is killed, which counts as its death.
    """
    found: dict[Path, str] = {}
    left = list(paths)
    while left:
        lines, status = _run(left, text, timeout_s)
        for path, line in zip(left, lines, strict=False):
            found[path] = json.loads(line)
        left = left[len(lines) :]
        if left:
            found[left.pop(0)] = f"died: {status}"
    return found


def _run(paths: list[Path], text: str, timeout_s: float) -> tuple[list[str], int]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    questions = "".join(json.dumps([str(path), text]) + "\n" for path in paths)
    try:
        output, _ = child.communicate(questions.encode(), timeout_s)
    except subprocess.TimeoutExpired:
        child.kill()
        output, _ = child.communicate()
    return output.decode().splitlines(), child.returncode


def _open(path: Path, text: str) -> str:
    """Open, tokenize, write five tokens."""
    from engine.errors import EngineError
    from engine.runtime.base import Sampling
    from engine.runtime.llama import LlamaRuntime

    try:
        runtime = LlamaRuntime(path, threads=1, context=64)
        tokens = runtime.generate(runtime.tokenize(text, True) or [0], Sampling(seed=0))
        written = [token for token, _ in zip(tokens, range(5), strict=False)]
        runtime.close()
    except EngineError as error:
        return error.code
    return f"wrote {len(written)}"


def main() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)
    for line in sys.stdin:
        path, text = json.loads(line)
        if path == ABORT:
            os.abort()
        os.write(answers, (json.dumps(_open(Path(path), text)) + "\n").encode())


if __name__ == "__main__":
    main()
