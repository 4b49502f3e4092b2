from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import hardware
from engine.errors import EngineError
from engine.gpt import hf
from engine.gpt.config import default_config
from engine.gpt.gguf import write_gguf
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.library.memory_fit import needed
from engine.runtime import gpt as gpt_runtime
from engine.runtime.base import Runtime, Sampling, Token, open_runtime
from engine.runtime.gguf_header import read_header
from engine.runtime.gpt import GPTRuntime, memory_needed, pick_device
from engine.runtime.llama import LlamaRuntime

GREEDY = Sampling(temperature=0)
CONTEXT = 64


@pytest.fixture(scope="module", params=["qwen3", "gpt2"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    tokenizer = Tokenizer.train(["the cat sat on the mat, a dog ran to the cat and the hat. "] * 20, 300)
    sizes = {"context": CONTEXT, "layers": 2, "width": 32, "heads": 2}
    model = GPT(default_config(request.param, tokenizer.vocabulary, **sizes), seed=0)
    path = tmp_path_factory.mktemp("model") / request.param
    hf.save(model, tokenizer, path, dtype=torch.float32)
    return path


@pytest.fixture
def runtime(folder: Path) -> Iterator[GPTRuntime]:
    opened = GPTRuntime(folder, threads=1, device="cpu")
    yield opened
    opened.close()


def ids_of(tokens: Iterator[Token], most: int = 1000) -> list[int]:
    return [token.id for token, _ in zip(tokens, range(most), strict=False)]


def endless(runtime: GPTRuntime) -> None:
    """A model whose texts never end by themselves."""
    runtime._ends = set()


def test_loading_tells_between_tensors_how_far_it_is_and_stops_when_told(folder: Path) -> None:
    shares: list[float] = []
    GPTRuntime(folder, threads=1, device="cpu", on_load=shares.append).close()
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)

    def stop(share: float) -> None:
        if 0 < share < 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        GPTRuntime(folder, threads=1, device="cpu", on_load=stop)


def test_info(runtime: GPTRuntime, folder: Path) -> None:
    info = runtime.info
    assert (info.name, info.backend, info.architecture) == (folder.name, "gpt", folder.name)
    assert (info.context, info.trained_context) == (CONTEXT, CONTEXT)
    assert info.vocabulary == runtime._model.config.vocabulary
    assert info.parameters == sum(p.numel() for p in runtime._model.parameters())
    assert info.size_bytes == (folder / "model.safetensors").stat().st_size
    assert (info.bos_token, info.eos_token, info.adds_bos) == ("", "<|endoftext|>", False)
    assert info.template is not None
    assert "<|im_start|>" in info.template


def test_it_speaks_the_protocol(folder: Path) -> None:
    runtime: Runtime = open_runtime(folder, threads=1)
    assert isinstance(runtime, GPTRuntime)
    runtime.close()


def test_logits_are_those_of_the_plain_model(runtime: GPTRuntime) -> None:
    ids = list(range(5, 45))
    with torch.inference_mode():
        expected = runtime._model(torch.tensor([ids]))[0].numpy()
    np.testing.assert_allclose(runtime.evaluate(ids, "all"), expected, atol=1e-5)
    assert runtime.reused == 0
    np.testing.assert_allclose(runtime.evaluate(ids), expected[-1:], atol=1e-5)
    assert runtime.reused == len(ids) - 1


def test_both_runtimes_agree(runtime: GPTRuntime, folder: Path, tmp_path: Path) -> None:
    """Ids, logits, pieces, ends and greedy text of the same model in llama.cpp."""
    write_gguf(GPT.load(folder), Tokenizer.load(folder), tmp_path / "model.gguf", "f32")
    other = LlamaRuntime(tmp_path / "model.gguf", threads=1, cache_type="f32", flash_attention=False)
    ids = runtime.tokenize("the cat<|im_end|> sat", True)
    assert ids == other.tokenize("the cat<|im_end|> sat", True)
    np.testing.assert_allclose(runtime.evaluate(ids, "all"), other.evaluate(ids, "all"), atol=1e-4)
    assert ids_of(runtime.generate(ids, GREEDY)) == ids_of(other.generate(ids, GREEDY))
    for id in range(runtime._tokenizer.vocabulary):
        assert runtime.piece(id) == other.piece(id)
        assert runtime.is_end(id) == other.is_end(id)
    other.close()


@pytest.mark.parametrize("chunk", [1, 3, 256])
def test_chunks_do_not_change_logits(runtime: GPTRuntime, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    ids = list(range(7, 27))
    expected = runtime.evaluate(ids, "all")
    monkeypatch.setattr(gpt_runtime, "CHUNK", chunk)
    np.testing.assert_allclose(runtime.evaluate(ids, "all"), expected, atol=1e-5)


def test_the_common_prefix_is_not_evaluated_again(runtime: GPTRuntime) -> None:
    runtime.evaluate([1, 2, 3, 4, 5])
    for ids, reused in (([1, 2, 3, 9], 3), ([1, 2, 3, 9, 10], 4), ([1, 2, 3, 9, 10], 4), ([7, 8], 0), ([7], 0)):
        logits = runtime.evaluate(ids)
        assert runtime.reused == reused, ids
        fresh = runtime.evaluate(ids, "all")[-1:]
        np.testing.assert_allclose(logits, fresh, atol=1e-5)


def test_a_generation_continues_the_cache_of_the_one_before(runtime: GPTRuntime) -> None:
    endless(runtime)
    reply = ids_of(runtime.generate([5, 6, 7], GREEDY), 6)
    ids_of(runtime.generate([5, 6, 7, *reply, 8], GREEDY), 1)
    assert runtime.reused >= 8


@pytest.mark.parametrize("length", [CONTEXT - 1, CONTEXT])
def test_the_context_may_be_filled_to_the_last_position(runtime: GPTRuntime, length: int) -> None:
    endless(runtime)
    assert len(ids_of(runtime.generate([5] * length, GREEDY))) == CONTEXT - length + 1


def test_a_longer_prompt_is_refused_and_never_cut(runtime: GPTRuntime) -> None:
    for call in (lambda ids: runtime.generate(ids, GREEDY), runtime.evaluate, lambda ids: runtime.evaluate(ids, "all")):
        with pytest.raises(EngineError) as caught:
            call([5] * (CONTEXT + 1))
        assert caught.value.code == "context_overflow"


def test_a_smaller_context_than_trained(folder: Path) -> None:
    runtime = GPTRuntime(folder, context=8, threads=1)
    assert (runtime.info.context, runtime.info.trained_context) == (8, CONTEXT)
    with pytest.raises(EngineError):
        runtime.evaluate([5] * 9)
    runtime.close()


def test_ids_are_checked(runtime: GPTRuntime) -> None:
    for ids, code in (([], "empty_prompt"), ([10**6], "bad_token"), ([-1], "bad_token")):
        with pytest.raises(EngineError) as caught:
            runtime.evaluate(ids)
        assert caught.value.code == code


def test_a_seed_repeats_a_text(runtime: GPTRuntime) -> None:
    def write(seed: int | None) -> list[int]:
        return ids_of(runtime.generate([5, 6], Sampling(temperature=1.5, top_k=0, top_p=1, min_p=0, seed=seed)), 8)

    assert write(7) == write(7)
    assert write(7) != write(8)
    assert write(None) != write(None)


def test_the_token_that_ends_a_text_is_marked_and_the_last(runtime: GPTRuntime) -> None:
    end = int(runtime.evaluate([5, 6])[0].argmax())
    runtime._ends = {end}
    assert [(token.id, token.end) for token in runtime.generate([5, 6], GREEDY)] == [(end, True)]


def test_weights_that_are_no_numbers_end_with_a_sentence(runtime: GPTRuntime) -> None:
    with torch.no_grad():
        runtime._model.embedding.weight.fill_(torch.nan)
    with pytest.raises(EngineError, match="weights are damaged"):
        list(runtime.generate([5, 6], Sampling(seed=1)))


def test_progress_and_cancelling_between_chunks(runtime: GPTRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpt_runtime, "CHUNK", 8)
    cancelled, seen = threading.Event(), []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 16:
            cancelled.set()

    assert list(runtime.generate([5] * 40, GREEDY, cancelled, progress)) == []
    assert seen == [(0, 40), (8, 40), (16, 40)]
    runtime.evaluate([5] * 40)
    assert runtime.reused == 16


def test_cancelled_in_the_middle_of_a_chunk_the_cache_is_as_before(runtime: GPTRuntime) -> None:
    _cancel_within_a_chunk(runtime)


def test_without_a_look_between_blocks_a_chunk_is_evaluated_to_its_end(
    runtime: GPTRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "_stopped_by", lambda _: nullcontext())
    with pytest.raises(AssertionError):
        _cancel_within_a_chunk(runtime)


def _cancel_within_a_chunk(runtime: GPTRuntime) -> None:
    ids, cancelled, seen = [5, 9, 7] * 10, threading.Event(), list[tuple[int, int]]()
    wanted = runtime.evaluate(ids)
    runtime.evaluate(ids[:4])
    hook = runtime._model.blocks[0].register_forward_hook(lambda *_: cancelled.set())
    assert list(runtime.generate(ids, GREEDY, cancelled, lambda *report: seen.append(report))) == []
    hook.remove()
    assert seen == [(4, 30)]
    assert (runtime._ids, runtime._cache.length) == (ids[:4], 4)
    assert np.allclose(runtime.evaluate(ids), wanted, atol=1e-5)


def test_cancelled_between_tokens(runtime: GPTRuntime) -> None:
    endless(runtime)
    cancelled, written = threading.Event(), []
    for token in runtime.generate([5, 6], GREEDY, cancelled):
        written.append(token)
        if len(written) == 3:
            cancelled.set()
    assert len(written) == 3


def test_an_older_generation_may_not_go_on_in_a_changed_cache(runtime: GPTRuntime) -> None:
    endless(runtime)
    tokens = iter(runtime.generate([5, 6], GREEDY))
    next(tokens)
    runtime.evaluate([9])
    with pytest.raises(RuntimeError, match="something else"):
        next(tokens)


def test_state_moves_to_another_runtime(runtime: GPTRuntime, folder: Path) -> None:
    expected = runtime.evaluate([5, 6, 7, 8])
    other = GPTRuntime(folder, threads=1)
    other.load_state(runtime.save_state())
    np.testing.assert_allclose(other.evaluate([5, 6, 7, 8]), expected, atol=1e-5)
    assert other.reused == 3
    other.close()


def test_states_that_do_not_fit_change_nothing(runtime: GPTRuntime, folder: Path) -> None:
    runtime.evaluate([5, 6, 7])
    good = runtime.save_state()
    flipped = bytearray(good)
    flipped[-5] ^= 1
    small = GPTRuntime(folder, context=2, threads=1)
    for target, state in ((runtime, b""), (runtime, good[:-4]), (runtime, bytes(flipped)), (small, good)):
        with pytest.raises(EngineError) as caught:
            target.load_state(state)
        assert caught.value.code == "bad_state"
    runtime.evaluate([5, 6, 7, 8])
    assert runtime.reused == 3
    small.close()


def test_lone_surrogates_become_replacement_characters(runtime: GPTRuntime) -> None:
    assert runtime.tokenize("a\ud800b", False) == runtime.tokenize("a\ufffdb", False)


def test_closing_twice_does_nothing(folder: Path) -> None:
    runtime = GPTRuntime(folder, threads=1)
    runtime.close()
    runtime.close()
    with pytest.raises(RuntimeError, match="closed"):
        runtime.evaluate([5])


def test_a_template_that_is_no_text_has_its_sentence(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    copy.mkdir()
    for file in folder.iterdir():
        if file.name != "chat_template.jinja":
            (copy / file.name).write_bytes(file.read_bytes())
    settings = copy / "tokenizer_config.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"chat_template": 7}))
    with pytest.raises(EngineError, match="chat template"):
        GPTRuntime(copy, threads=1)


def test_devices() -> None:
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device(None).type in ("cuda", "mps", "cpu")
    with pytest.raises(EngineError, match="The option device must be"):
        pick_device("tpu")


# --- the share of memory ---------------------------------------------------------------------------------------------


def as_gguf(folder: Path, out: Path) -> Path:
    write_gguf(GPT.load(folder), Tokenizer.load(folder), out, "f32")
    return out


@pytest.mark.parametrize("backend", ["gpt", "llama"])
def test_a_model_beyond_its_share_of_memory_is_refused_and_told_what_helps(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    path = folder if backend == "gpt" else as_gguf(folder, tmp_path / "m.gguf")
    if backend == "gpt":
        takes = memory_needed(GPT.load(folder).config).total
    else:
        takes = needed(read_header(path), context=4096, cache_type="f32").total
    options = {"threads": 1} | ({"cache_type": "f32"} if backend == "llama" else {"device": "cpu"})

    def open_with(total: int, percent: int | None) -> None:
        monkeypatch.setattr(hardware, "memory", lambda: hardware.Memory(total, total))
        open_runtime(path, memory_percent=percent, **options).close()

    open_with(2 * takes + 2000, 50)
    open_with(1, None)
    with pytest.raises(EngineError) as caught:
        open_with(2 * takes - 4000, 50)
    assert caught.value.code == "memory_share"
    for word in ("smaller model", "smaller context", "settings", "50"):
        assert word in str(caught.value)


@pytest.mark.parametrize("percent", [0, 101, 7.5, "75"])
def test_a_share_that_is_none(folder: Path, percent: object) -> None:
    with pytest.raises(EngineError) as caught:
        GPTRuntime(folder, threads=1, device="cpu", memory_percent=percent)  # type: ignore[arg-type]
    assert caught.value.code == "bad_option"


def test_threads_are_those_asked_for(folder: Path) -> None:
    GPTRuntime(folder, threads=2, device="cpu").close()
    assert torch.get_num_threads() == 2
    GPTRuntime(folder, threads=1, device="cpu").close()
    assert torch.get_num_threads() == 1
