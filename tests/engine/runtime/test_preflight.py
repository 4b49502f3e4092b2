from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import llama_child
import pytest
from gguf_files import GGUF, mutant, settings_mutant

from engine.errors import EngineError
from engine.runtime.preflight import check_model

Data = Callable[[str], Path]

# What each file of the manifest that is refused must be told about.
REFUSED = {
    "empty": "it is empty",
    "magic-only": "its first bytes",
    "six-bytes": "its first bytes",
    "bad-magic": "not a GGUF file",
    "old-ggjt": "not a GGUF file",
    "real-pre-gguf-vocab": "not a GGUF file",
    "version-0": "version 0",
    "zero-tensors": "a vocabulary without a model",
    "key-length-2e62": "metadata entry 19",
    "string-past-end": "general.description",
    "array-of-strings-2e31": "strings in x.list",
    "n-dims-200": "token_embd.weight has 200 dimensions",
    "dim-negative": "blk.0.attn_q.weight",
    "offset-wraps": "blk.0.attn_k.weight",
    "offset-unaligned": "blk.0.attn_k.weight",
    "unknown-tensor-type": "unknown type 255",
    "truncated-data": "too early, inside tensor output.weight",
    "truncated-header": "tokenizer.ggml.tokens",
    "header-only": "it ends inside",
    "duplicate-key": "llama.block_count twice",
    "duplicate-tensor": "two tensors named",
    "alignment-0": "general.alignment is 0",
    "alignment-3": "general.alignment is 3",
    "no-architecture": "general.architecture",
    "architecture-wrong-type": "general.architecture",
    "blocks-2": "the tensor blk.1.attn_norm.weight is missing",
    "blocks-0": "llama.block_count is 0",
    "heads-3": "llama.attention.head_count is 3",
    "kv-heads-more": "llama.attention.head_count_kv is 4",
    "context-0": "llama.context_length is 0",
    "eps-nan": "epsilon is nan",
    "missing-attn-q": "the tensor blk.0.attn_q.weight is missing",
    "eos-out-of-range": "tokenizer.ggml.eos_token_id is 999999",
    "no-tokenizer": "no tokenizer",
    "real-unknown-value-type-13": "unknown value type 13",
}
# Those that open, and what becomes of them.
OPENED = {
    "valid-mini": "wrote 5",
    "trailing-garbage": "wrote 5",
    "tied-output": "wrote 5",
    "token-invalid-utf8": "wrote 5",
    "template-endless-loop": "wrote 5",
    "template-sandbox-escape": "wrote 5",
    "template-syntax-error": "wrote 5",
    "template-big-string": "wrote 5",
    "name-path-traversal": "wrote 5",
    "name-html": "wrote 5",
    "nan-weight": "not_a_number",
    "inf-output": "not_a_number",
}


@pytest.fixture
def mini(data: Data) -> GGUF:
    """The valid model that the malformed ones were made of."""
    return GGUF.read(data("malformed-models/gguf/valid-mini.gguf"))


def sentence(model: GGUF, tmp_path: Path) -> str:
    """What a person is told about a model that is refused."""
    with pytest.raises(EngineError) as caught:
        check_model(model.write(tmp_path / "model.gguf"))
    return str(caught.value)


# --- the malformed models --------------------------------------------------------------------------------------------


def test_every_gguf_of_the_manifest_has_its_verdict_here(data: Data) -> None:
    rows = [json.loads(line) for line in data("malformed-models/manifest.jsonl").read_text().splitlines()]
    verdicts = {Path(row["file"]).stem: row["verdict"] for row in rows if row["file"].startswith("gguf/")}
    assert verdicts.keys() == REFUSED.keys() | OPENED.keys()
    for name in REFUSED:
        assert verdicts[name].startswith("reject"), name
    for name in OPENED:  # templates are refused when a chat renders them
        assert not verdicts[name].startswith("reject with"), name


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_place(data: Data, name: str) -> None:
    path = next(data("malformed-models/gguf").glob(f"{name}.*"))
    with pytest.raises(EngineError, match=r"[.]$") as caught:
        check_model(path)
    assert REFUSED[name] in str(caught.value)
    assert path.name in str(caught.value)


def test_accepted_ones_run_in_llama_cpp(data: Data) -> None:
    paths = {name: data(f"malformed-models/gguf/{name}.gguf") for name in OPENED}
    found = llama_child.outcomes(list(paths.values()))
    assert {name: found[path] for name, path in paths.items()} == OPENED


def test_the_real_model_is_accepted(data: Data) -> None:
    assert check_model(data("gguf-tiny-random/llama-2-tiny-random.gguf")).architecture == "llama"


@pytest.mark.parametrize("name", ["gpt-2", "llama-spm", "phi-3", "starcoder"])
def test_vocabularies_alone(data: Data, name: str) -> None:
    with pytest.raises(EngineError, match="a vocabulary without a model"):
        check_model(data(f"gguf-vocab/ggml-vocab-{name}.gguf"))


def test_embedding_model(data: Data) -> None:
    with pytest.raises(EngineError, match=r"an embedding model \(bert\), which cannot write a reply"):
        check_model(data("gguf-vocab/ggml-vocab-bert-bge.gguf"))


# --- what would end the process in llama.cpp -------------------------------------------------------------------------


ABORTS: dict[str, tuple[Callable[[GGUF], GGUF], str]] = {
    "token twice": (lambda g: g.set("tokenizer.ggml.tokens", "texts", ["a"] * 64), "the same token twice"),
    "2^31 positions": (lambda g: g.set("llama.context_length", "u32", 2**31), "context_length is 2147483648"),
    "600 blocks": (lambda g: g.set("llama.block_count", "u32", 600), "block_count is 600"),
    "100,000 experts": (lambda g: g.set("llama.expert_count", "u32", 100_000), "expert_count is 100000"),
    "9 of 8 experts": (
        lambda g: g.set("llama.expert_count", "u32", 8).set("llama.expert_used_count", "u32", 9),
        "uses 9 experts of 8",
    ),
    "tokenizer of bert": (lambda g: g.set("tokenizer.ggml.model", "text", "bert"), "one for embedding models"),
}


@pytest.mark.parametrize("name", ABORTS)
def test_what_would_abort_is_refused(mini: GGUF, tmp_path: Path, name: str) -> None:
    change, expected = ABORTS[name]
    assert expected in sentence(change(mini), tmp_path)


REFUSALS: dict[str, tuple[Callable[[GGUF], GGUF], str]] = {
    "part of several": (
        lambda g: g.set("split.count", "u32", 3),
        "part of a model in 3 files, but its name does not say which",
    ),
    "adapter": (lambda g: g.set("general.type", "text", "adapter"), "an adapter, which changes another model"),
    "image part": (lambda g: g.rename_architecture("clip"), "the image part of a vision model"),
    "diffusion": (lambda g: g.rename_architecture("llada"), "a diffusion model"),
    "pooled": (lambda g: g.set("llama.pooling_type", "u32", 3), "an embedding model"),
    "not causal": (lambda g: g.set("llama.attention.causal", "bool", False), "an embedding model"),
    "no blocks key": (lambda g: g.remove("llama.block_count"), "llama.block_count is missing"),
    "width as text": (lambda g: g.set("llama.embedding_length", "text", "16"), "llama.embedding_length is 16"),
    "no heads": (lambda g: g.remove("llama.attention.head_count"), "head_count is missing"),
    "kv heads uneven": (
        lambda g: g.set("llama.attention.head_count", "u32", 4).set("llama.attention.head_count_kv", "u32", 3),
        "does not fit 4 heads",
    ),
    "infinite rope": (lambda g: g.set("llama.rope.freq_base", "f32", float("inf")), "rope.freq_base is inf"),
    "negative epsilon": (
        lambda g: g.set("llama.attention.layer_norm_rms_epsilon", "f32", -1.0),
        "epsilon is -1",
    ),
    "scores too few": (lambda g: g.set("tokenizer.ggml.scores", "f32s", [1.0]), "tokenizer.ggml.scores"),
    "scores of another type": (lambda g: g.set("tokenizer.ggml.scores", "bools", [True] * 64), "tokenizer.ggml.scores"),
    "types too few": (lambda g: g.set("tokenizer.ggml.token_type", "i32s", [1]), "tokenizer.ggml.token_type"),
    "tokens as numbers": (lambda g: g.set("tokenizer.ggml.tokens", "i32s", [1] * 64), "not a list of texts"),
    "bos out of range": (lambda g: g.set("tokenizer.ggml.bos_token_id", "u32", 64), "bos_token_id is 64"),
    "end as text": (lambda g: g.set("tokenizer.ggml.eos_token_id", "text", "2"), "eos_token_id is 2"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused(mini: GGUF, tmp_path: Path, name: str) -> None:
    change, expected = REFUSALS[name]
    assert expected in sentence(change(mini), tmp_path)


@pytest.mark.parametrize("missing", ["token_embd.weight", "output_norm.weight", "blk.0.ffn_gate.weight"])
def test_missing_tensor_is_named(mini: GGUF, tmp_path: Path, missing: str) -> None:
    mini.tensors = [tensor for tensor in mini.tensors if tensor[0] != missing]
    assert f"the tensor {missing} is missing" in sentence(mini, tmp_path)


def test_families_of_ours_need_their_tensors(mini: GGUF, tmp_path: Path) -> None:
    assert "the tensor blk.0.attn_q_norm.weight is missing" in sentence(mini.rename_architecture("qwen3"), tmp_path)
    assert "the tensor position_embd.weight is missing" in sentence(mini.rename_architecture("gpt2", "qwen3"), tmp_path)


def test_queries_keys_and_values_may_be_one_tensor(mini: GGUF, tmp_path: Path) -> None:
    mini.tensors = [
        tensor for tensor in mini.tensors if tensor[0] not in ("blk.0.attn_k.weight", "blk.0.attn_v.weight")
    ]
    names = {name: name.replace("attn_q.", "attn_qkv.") for name, *_ in mini.tensors}
    mini.tensors = [(names[name], *rest) for name, *rest in mini.tensors]  # type: ignore[misc]
    check_model(mini.write(tmp_path / "model.gguf"))


def test_key_length_frees_the_width(mini: GGUF, tmp_path: Path) -> None:
    mini.set("llama.attention.head_count", "u32", 3).set("llama.attention.head_count_kv", "u32", 3)
    mini.set("llama.attention.key_length", "u32", 8)
    check_model(mini.write(tmp_path / "model.gguf"))


# --- mutants ---------------------------------------------------------------------------------------------------------


def bases(data: Data) -> list[tuple[Path, bytes, int]]:
    names = ("malformed-models/gguf/valid-mini.gguf", "gguf-tiny-random/llama-2-tiny-random.gguf")
    return [(data(name), data(name).read_bytes(), check_model(data(name)).data_start) for name in names]


@pytest.mark.trial(sample=300, full=10_000)
def test_mutants_are_accepted_or_named(trials: range, data: Data, tmp_path: Path) -> None:
    originals = bases(data)
    path = tmp_path / "mutant.gguf"
    for seed in trials:
        source, original, header_size = originals[0 if seed % 8 else 1]
        path.write_bytes(settings_mutant(source, seed) if seed % 3 == 0 else mutant(original, header_size, seed))
        began = time.perf_counter()
        with suppress(EngineError):  # nothing else may come out
            check_model(path)
        assert time.perf_counter() - began < 20, seed  # it ends


@pytest.mark.trial(sample=60, full=2_000)
def test_mutants_take_no_memory(trials: range, data: Data, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Never more than a few times the file, whatever its counts claim."""
    _, original, header_size = bases(data)[0]
    path = tmp_path / "mutant.gguf"
    tracemalloc.start()
    request.addfinalizer(tracemalloc.stop)
    for seed in trials:
        path.write_bytes(mutant(original, header_size, seed))
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        with suppress(EngineError):
            check_model(path)
        peak = tracemalloc.get_traced_memory()[1] - before
        assert peak < 2_000_000 + 10 * len(original), seed


@pytest.mark.trial(sample=120, full=4_000)
def test_what_llama_cpp_makes_of_accepted_mutants(trials: range, data: Data, tmp_path: Path) -> None:
    """It writes, refuses, or dies; the parent always learns which, and for every file."""
    originals = bases(data)
    accepted = []
    for seed in trials:
        source, original, header_size = originals[0]
        path = tmp_path / f"{seed}.gguf"
        path.write_bytes(settings_mutant(source, seed) if seed % 2 else mutant(original, header_size, seed))
        try:
            check_model(path)
            accepted.append(path)
        except EngineError:
            path.unlink()
    found = llama_child.outcomes(accepted, timeout_s=300)
    assert found.keys() == set(accepted)
    deaths = [f"finding: mutant {path.stem} {outcome}" for path, outcome in found.items() if "died" in outcome]
    print(*deaths, sep="\n")
