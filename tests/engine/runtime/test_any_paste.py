"""A megabyte of anything, for every tokenizer at hand: no process dies of it, and no character is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pastes import PASTED, paste

from engine import paths
from engine.chat.backend import open_backend
from engine.chat.messages import Message
from engine.errors import EngineError

Data = Callable[[str], Path]

CHILD = Path(__file__).parents[2] / "pasting_child.py"
ROOT = CHILD.parent.parent
VOCABULARIES = {
    "gpt-2": "gguf-vocab/ggml-vocab-gpt-2.gguf",
    "starcoder": "gguf-vocab/ggml-vocab-starcoder.gguf",
    "llama": "gguf-vocab/ggml-vocab-llama-spm.gguf",
    "phi-3": "gguf-vocab/ggml-vocab-phi-3.gguf",
    "llama-2": "gguf-tiny-random/llama-2-tiny-random.gguf",
    "gpt-2 folder": "tokenizer-gpt2",
    "mistral folder": "tokenizer-mistral-7b-v0.2",
    "tiny folder": "tokenizer-tiny-bpe-2000",
    "llama-2 folder": "llama2-tokenizer",
}
LIMIT_S = 120  # for all of one vocabulary in the suite: a text that takes the square of its length needs more


@pytest.mark.trial(sample=len(PASTED) + 2, full=len(PASTED) + 12)
@pytest.mark.parametrize("name", [*VOCABULARIES, "starter", "starter folder"])
def test_any_paste_comes_back(trials: range, data: Data, name: str) -> None:
    """Every kind of paste, then mixtures of them."""
    bundled = paths.resource("starter/starter-q8_0.gguf")
    path = data(VOCABULARIES[name]) if name in VOCABULARIES else bundled if name == "starter" else bundled.parent
    full = len(trials) > len(PASTED) + 2
    kinds: list[str | int] = [*PASTED, *trials[len(PASTED) :]]
    questions = [json.dumps([str(path), kind, 1_000_000 if full else 50_000]) for kind in kinds]
    done = subprocess.run(
        [sys.executable, CHILD],
        input="\n".join(questions),
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "OMP_NUM_THREADS": "1"},
        timeout=LIMIT_S * (10 if full else 1),
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, len(answers)) == (0, len(kinds)), (kinds[len(answers) : len(answers) + 1], done.stderr)
    assert [kind for kind, back in zip(kinds, answers, strict=True) if not back] == []


@pytest.mark.parametrize("backend", ["llama", "gpt"])
@pytest.mark.parametrize("kind", ["letters", "newlines", "lone surrogates"])
def test_a_megabyte_sent_to_the_starter_is_too_long_and_said_to_be(backend: str, kind: str) -> None:
    opened = open_backend("starter", backend, threads=1)
    try:
        with pytest.raises(EngineError) as caught:
            list(opened.stream([Message("user", paste(kind, 1_000_000))]))
        assert caught.value.code == "context_overflow"
        assert [*opened.stream([Message("user", "Hello")])]  # and the next message works
    finally:
        opened.close()
