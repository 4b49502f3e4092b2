"""Bits per byte and perplexity of runtimes against torch's own cross-entropy over whole texts."""

from __future__ import annotations

import math
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from fakes import ScriptedRuntime
from random_gpt import english_tokenizer, random_gpt

from engine.errors import EngineError
from engine.evaluation import likelihood
from engine.evaluation.likelihood import Likelihood, windows
from engine.events import Event, Progress
from engine.gpt import hf
from engine.gpt.gguf import write_gguf
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.runtime.base import Runtime, open_runtime

TEXTS = ["The cat sat down, and the dog too.", "Zwölf Boxkämpfer jagen Viktor.", "A"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a context of 64."""
    torch.set_num_threads(1)
    tokenizer = english_tokenizer()
    path = tmp_path_factory.mktemp("model") / "small"
    hf.save(random_gpt("qwen3", vocabulary=tokenizer.vocabulary, kv_heads=2), tokenizer, path, dtype=torch.float32)
    return path


@pytest.fixture(scope="module")
def runtime(folder: Path) -> Iterator[Runtime]:
    opened = open_runtime(folder, threads=1)
    yield opened
    opened.close()


def ended(measuring: Generator[Event, None, Likelihood | None]) -> tuple[list[Event], Likelihood | None]:
    events = []
    while True:
        try:
            events.append(next(measuring))
        except StopIteration as done:
            return events, done.value


def measured(runtime: Runtime, texts: Sequence[str], **window: int) -> Likelihood:
    found = ended(likelihood.measure(runtime, texts, threading.Event(), **window))[1]
    assert found is not None
    return found


def by_torch(folder: Path, text: str) -> tuple[float, int]:
    """-log p of the text between two ends in one go, in nats; and how many tokens are predicted."""
    tokenizer, model = Tokenizer.load(folder), GPT.load(folder)
    ids = torch.tensor([tokenizer.end_id, *tokenizer.encode(text), tokenizer.end_id])
    with torch.no_grad():
        logits = model(ids[None, :-1])[0].double()
    return torch.nn.functional.cross_entropy(logits, ids[1:], reduction="sum").item(), len(ids) - 1


def test_texts_that_fit_cost_what_torch_says(runtime: Runtime, folder: Path) -> None:
    found = measured(runtime, TEXTS)
    costs = [by_torch(folder, text) for text in TEXTS]
    assert found.nats == pytest.approx(sum(nats for nats, _ in costs), rel=1e-6)
    assert found.tokens == sum(tokens for _, tokens in costs)
    assert found.size_bytes == sum(len(text.encode()) for text in TEXTS) == 67


def test_bits_per_byte_and_perplexity() -> None:
    found = Likelihood(nats=40 * math.log(2), tokens=10, size_bytes=20)
    assert found.bits_per_byte == pytest.approx(2)
    assert found.perplexity == pytest.approx(16)
    assert Likelihood(1e9, 1, 1).perplexity == math.inf


def test_a_text_longer_than_the_context_is_read_in_overlapping_windows(runtime: Runtime, folder: Path) -> None:
    text = " ".join(TEXTS) * 5
    tokenizer, model = Tokenizer.load(folder), GPT.load(folder)
    ids = [tokenizer.end_id, *tokenizer.encode(text), tokenizer.end_id]
    assert len(ids) > 3 * 64
    nats, last = 0.0, len(ids) - 1
    for first, end in [(0, 64), *((at, min(at + 32, last)) for at in range(64, last, 32))]:
        window = torch.tensor(ids[max(0, end - 64) : end + 1])  # 64 to read, of which the last end - first are new
        with torch.no_grad():
            logits = model(window[None, :-1])[0].double()
        costs = torch.nn.functional.cross_entropy(logits, window[1:], reduction="none")
        nats += costs[-(end - first) :].sum().item()
    assert measured(runtime, [text]).nats == pytest.approx(nats, rel=1e-6)


@pytest.mark.parametrize("size", [2, 3, 8, 64])
@pytest.mark.parametrize("predictions", [1, 2, 7, 8, 9, 64, 65, 200])
def test_windows_predict_every_token_once_from_half_a_window_at_least(predictions: int, size: int) -> None:
    predicted: list[int] = []
    for start, stop, new in windows(predictions, size):
        assert 0 <= start < stop <= predictions + 1
        assert stop - 1 - start <= size  # evaluated at once
        predicted += range(stop - new, stop)
        assert start == 0 or stop - new - start >= size // 2
    assert predicted == list(range(1, predictions + 1))


def test_both_runtimes_agree(runtime: Runtime, folder: Path, tmp_path: Path) -> None:
    tokenizer, model = Tokenizer.load(folder), GPT.load(folder)
    write_gguf(model, tokenizer, tmp_path / "model.gguf")
    other = open_runtime(tmp_path / "model.gguf", threads=1)
    try:
        assert measured(other, TEXTS).nats == pytest.approx(measured(runtime, TEXTS).nats, rel=1e-3)
        assert likelihood.marks(other) == likelihood.marks(runtime) == (tokenizer.end_id, tokenizer.end_id)
    finally:
        other.close()


def test_progress_names_each_document(runtime: Runtime) -> None:
    events, _ = ended(likelihood.measure(runtime, TEXTS, threading.Event()))
    assert [(e.done, e.total) for e in events if isinstance(e, Progress)] == [(0, 3), (1, 3), (2, 3)]


def test_it_stops_when_asked(runtime: Runtime) -> None:
    cancelled = threading.Event()
    measuring = likelihood.measure(runtime, TEXTS, cancelled)
    next(measuring)
    cancelled.set()
    assert ended(measuring) == ([], None)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    model = random_gpt("qwen3", vocabulary=english_tokenizer().vocabulary)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter *= 1e38 if "norm" in name else 1e3  # finite, but what it computes is not
    hf.save(model, english_tokenizer(), tmp_path / "broken", dtype=torch.float32)
    opened = open_runtime(tmp_path / "broken", threads=1)
    with pytest.raises(EngineError, match="no numbers"):
        measured(opened, TEXTS)


@pytest.mark.parametrize(("adds_bos", "token"), [(False, "<|endoftext|>"), (True, "<s>")])
def test_a_text_begins_where_the_model_thinks_texts_begin(adds_bos: bool, token: str) -> None:
    scripted = ScriptedRuntime(adds_bos=adds_bos)
    begin, end = likelihood.marks(scripted)
    assert [begin, end] == scripted.tokenize(f"{token}<|endoftext|>", special=True)
    seen: list[list[int]] = []
    evaluate = scripted.evaluate
    scripted.evaluate = lambda ids, want="last": (seen.append(list(ids)), evaluate(ids, want))[1]  # type: ignore[method-assign]
    found = measured(scripted, ["ab"])
    assert (seen, found.tokens) == ([[begin, *b"ab"]], 3)  # the end of the text is predicted as well


def test_a_model_of_turns_still_knows_what_ends_a_text() -> None:
    scripted = ScriptedRuntime()
    scripted.info = replace(scripted.info, eos_token="<|im_end|>")
    assert [likelihood.marks(scripted)[1]] == scripted.tokenize("<|endoftext|>", special=True)


def test_a_model_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted = ScriptedRuntime()
    monkeypatch.setattr(scripted, "tokenize", lambda text, special: [1, 2])
    with pytest.raises(EngineError, match="scripted has no token that ends a text"):
        measured(scripted, TEXTS)
