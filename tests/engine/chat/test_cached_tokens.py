"""What of a conversation is evaluated again: counted where it is evaluated, and with the reason why."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import CHATML
from mamba_file import write_mamba
from random_gpt import english_tokenizer, random_gpt

from engine.chat.backend import LocalBackend
from engine.chat.messages import ChatOptions, Message
from engine.errors import EngineError
from engine.events import Finished, TextDelta
from engine.gpt import gguf
from engine.runtime import base, llama_context
from engine.runtime.base import Runtime, Sampling, open_runtime
from engine.runtime.gpt import GPTRuntime
from engine.runtime.llama_context import Context

QUESTIONS = [
    "Tell me a story about a cat.",
    "And then?\nWhat did it eat?",
    "é🙂  who <|im_end|> are you",
    "Why",
    "Bye!",
]

# The prompt ends with a letter.
LETTERS = "{% for m in messages %}{{ 'Q' if m.role == 'user' }}{{ m.content }}{{ 'A' if m.role == 'user' }}{% endfor %}"


class Talk:
    """A conversation with a real model, in which every token that is evaluated is counted."""

    temperature = 0.8

    def __init__(self, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runtime, self.backend = runtime, LocalBackend(runtime)
        self.messages: list[Message] = []
        self.evaluated = 0
        kind, name = (GPTRuntime, "_advance") if isinstance(runtime, GPTRuntime) else (Context, "evaluate")
        evaluate = getattr(kind, name)

        def counted(self_: Any, ids: list[int], *rest: Any) -> Any:
            self.evaluated += len(ids)
            return evaluate(self_, ids, *rest)

        monkeypatch.setattr(kind, name, counted)

    def ask(self, text: str, most: int = 12, seed: int = 0) -> dict[str, Any]:
        """One turn: its stats, with how many tokens were `evaluated` for its prompt and its reply."""
        self.messages.append(Message("user", text))
        return self.answer(most, seed)

    def answer(self, most: int = 12, seed: int = 0) -> dict[str, Any]:
        before = self.evaluated
        options = ChatOptions(Sampling(self.temperature, seed=seed), max_tokens=most)
        events = list(self.backend.stream(self.messages, options))
        end = events[-1]
        assert isinstance(end, Finished)
        text = "".join(event.text for event in events if isinstance(event, TextDelta))
        stats = end.stats
        self.messages.append(Message("assistant", text, tuple(stats["tokens"]), stats["model"]))
        return stats | {"evaluated": self.evaluated - before}


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Talk]]:
    talks: list[Talk] = []

    def begin(model: str | Path, backend: str | None = None, template: str | None = None, **options: Any) -> Talk:
        runtime = open_runtime(model, backend, threads=1, **options)
        if template is not None:
            runtime.info = replace(runtime.info, template=template)
        talks.append(Talk(runtime, monkeypatch))
        return talks[-1]

    yield begin
    for opened in talks:
        opened.backend.close()


def check_turns(turns: Talk) -> None:
    """Of every turn but the first only what is new is evaluated, and no more is said to be known than is."""
    held = 0  # tokens in the cache: the last one written is chosen, but not evaluated
    for number, question in enumerate(QUESTIONS):
        stats = turns.ask(question, most=(12, 300)[number % 2], seed=number)
        assert stats["cache_reason"] == (None if number else "first"), number
        assert stats["cached_tokens"] == held, number
        # for each token of the reply the one before it; one that ends it is chosen, too
        chosen = stats["output_tokens"] + (stats["stop"] is not None)
        assert stats["evaluated"] == stats["prompt_tokens"] - held + chosen - 1, number
        held = stats["prompt_tokens"] + chosen - 1


@pytest.mark.parametrize("backend", ["llama", "gpt"])
def test_the_starter_evaluates_only_what_is_new(talk: Callable[..., Talk], backend: str) -> None:
    check_turns(talk("starter", backend))


def test_without_a_cache_that_is_seen(talk: Callable[..., Talk], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_context, "common_prefix", lambda *_: 0)
    with pytest.raises(AssertionError):
        check_turns(talk("starter", "llama"))


def test_a_count_that_is_made_up_is_seen(talk: Callable[..., Talk], monkeypatch: pytest.MonkeyPatch) -> None:
    turns = talk("starter", "gpt")
    monkeypatch.setattr(GPTRuntime, "_reuse", lambda self, ids: setattr(self, "reused", 0) or self._cache.truncate(0))
    with pytest.raises(AssertionError):
        check_turns(turns)


@pytest.mark.parametrize("backend", ["llama", "gpt"])
def test_an_edit_is_evaluated_from_where_it_departs(talk: Callable[..., Talk], backend: str) -> None:
    turns = talk("starter", backend)
    turns.ask(QUESTIONS[0])
    turns.ask("What is red?")
    turns.messages[2:] = []
    stats = turns.ask("What is blue?")
    assert stats["cache_reason"] == "changed"
    red, blue = ([*turns.runtime.tokenize(f"What is {colour}?", special=False)] for colour in ("red", "blue"))
    same = base.common_prefix(red, blue)
    # behind what both have in common, the header of the reply ends the prompt
    rest = stats["prompt_tokens"] - stats["cached_tokens"]
    header = turns.runtime.tokenize("<|im_end|>\n<|im_start|>assistant\n", special=True)
    assert rest == len(blue) - same + len(header)
    turns.messages[1] = Message("assistant", "Nobody wrote this.")
    assert turns.ask("Why?")["cache_reason"] == "changed"


@pytest.mark.parametrize("backend", ["llama", "gpt"])
def test_a_reply_that_is_written_again_reads_one_token(talk: Callable[..., Talk], backend: str) -> None:
    turns = talk("starter", backend)
    first = turns.ask(QUESTIONS[0])
    del turns.messages[-1]
    again = turns.answer(seed=5)
    assert (again["cached_tokens"], again["cache_reason"]) == (first["prompt_tokens"] - 1, None)


# --- models that cannot go back --------------------------------------------------------------------------------------


def test_a_recurrent_model_says_that_it_cannot_go_back(talk: Callable[..., Talk], tmp_path: Path) -> None:
    turns = talk(write_mamba(tmp_path / "mamba.gguf"), template=LETTERS)
    turns.temperature = 0.0  # the letter before it again and again
    first = turns.ask("hi")
    second = turns.ask("more")  # what only goes on is not read again
    assert (second["cache_reason"], second["cached_tokens"]) == (None, first["prompt_tokens"] + 12 - 1)
    del turns.messages[-1]
    again = turns.answer()
    assert (again["cache_reason"], again["cached_tokens"]) == ("recurrent", 0)
    assert again["evaluated"] == again["prompt_tokens"] + again["output_tokens"] - 1
    turns.messages[2:] = []
    assert turns.ask("mores")["cache_reason"] == "recurrent"


def test_a_model_of_windows_goes_back_beyond_its_window(talk: Callable[..., Talk], tmp_path: Path) -> None:
    """Its cache is opened to hold more than the window; were it not, it had to say so."""
    model = random_gpt("gemma3_text", context=512, window=16, layers=6)
    gguf.write_gguf(model, english_tokenizer(), tmp_path / "gemma.gguf", "f32")
    turns = talk(tmp_path / "gemma.gguf", template=CHATML, cache_type="f32", flash_attention=False)
    turns.ask("Tell me a story about a cat that ate a hat and sat on a mat.", most=40)
    turns.ask("more", most=40)
    prompt = turns.ask("And what then?", most=1)["prompt_tokens"]
    del turns.messages[-1]
    turns.messages[2] = Message("user", "less")
    edited = turns.answer(most=1)
    assert edited["cache_reason"] == "changed"
    assert 16 < edited["cached_tokens"] < prompt - 16
    ids = [*turns.runtime.held().ids]
    again = turns.runtime.evaluate(ids).copy()
    np.testing.assert_allclose(again, turns.runtime.evaluate(ids, "all")[-1:], atol=1e-3)


def test_a_window_that_has_passed_is_named(talk: Callable[..., Talk], monkeypatch: pytest.MonkeyPatch) -> None:
    turns = talk("starter", "llama")
    turns.ask(QUESTIONS[0])
    monkeypatch.setattr(llama_context.c, "llama_memory_seq_rm", lambda *_: False)
    del turns.messages[-1]
    stats = turns.answer()
    assert (stats["cache_reason"], stats["cached_tokens"]) == ("window", 0)


# --- a cache that was lost -------------------------------------------------------------------------------------------


def test_a_prompt_that_was_stopped_is_named(talk: Callable[..., Talk]) -> None:
    class LateEvent(threading.Event):
        """Set while a chunk is evaluated, after the last look between chunks."""

        looks = 0

        def is_set(self) -> bool:
            self.looks += 1
            return self.looks > 2

    turns = talk("starter", "llama")
    turns.ask(QUESTIONS[0])
    assert list(turns.runtime.generate(list(range(300, 600)), Sampling(), LateEvent())) == []
    stats = turns.ask("more")
    assert (stats["cache_reason"], stats["cached_tokens"]) == ("stopped", 0)


def test_an_evaluation_that_failed_is_named(talk: Callable[..., Talk], monkeypatch: pytest.MonkeyPatch) -> None:
    turns, decode = talk("starter", "llama"), llama_context.c.llama_decode
    turns.ask(QUESTIONS[0])
    monkeypatch.setattr(llama_context.c, "llama_decode", lambda *_: 1)
    with pytest.raises(EngineError, match="in the middle of its work"):
        turns.ask("more")
    monkeypatch.setattr(llama_context.c, "llama_decode", decode)
    stats = turns.answer()
    assert (stats["cache_reason"], stats["cached_tokens"]) == ("stopped", 0)
