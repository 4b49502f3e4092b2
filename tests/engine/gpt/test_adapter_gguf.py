"""Adapters as GGUF: what the file holds, what llama.cpp computes with it, and the job that writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gguf import GGUFReader, GGUFWriter, dequantize
from random_gpt import english_tokenizer, random_gpt
from random_lora import IDS, adapted

from engine import jobs
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Progress
from engine.gpt import adapter, adapter_gguf, check, gguf, hf, lora
from engine.gpt.config import SHAPES
from engine.gpt.lora import LoRAConfig
from engine.jobs import JobContext
from engine.runtime import llama_adapters
from engine.runtime.base import Sampling, open_runtime
from engine.runtime.gguf_header import FLOAT32, read_header
from engine.runtime.llama import LlamaRuntime
from engine.runtime.preflight import check_adapter


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def written(folder: Path, shape: str, config: LoRAConfig, type: str = "f32", **changes: Any) -> tuple[Path, Path]:
    """`base.gguf` and `adapter.gguf` of the model `adapted(shape, config)`."""
    base, path = folder / "base.gguf", folder / "adapter.gguf"
    gguf.write_gguf(random_gpt(shape, **changes), english_tokenizer(), base)
    adapter_gguf.write_adapter(adapted(shape, config, **changes), config, path, type)
    return base, path


def parity(shape: str, config: LoRAConfig, base: Path, path: Path, **changes: Any) -> check.Parity:
    model = adapted(shape, config, **changes)
    lora.merge(model)
    return check.check_parity(model, english_tokenizer(), base, path)


# --- what llama.cpp computes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "changes"),
    [(shape, {}) for shape in SHAPES]
    + [("llama", {"kv_heads": 1}), ("llama", {"heads": 2, "kv_heads": 1, "head_dim": 64}), ("qwen3", {"head_dim": 8})],
    ids=str,
)
@pytest.mark.parametrize("rslora", [False, True])
def test_llama_cpp_computes_the_same(shape: str, changes: dict[str, Any], rslora: bool, tmp_path: Path) -> None:
    config = LoRAConfig(rank=4, alpha=6, rslora=rslora)
    base, path = written(tmp_path, shape, config, **changes)
    found = parity(shape, config, base, path, **changes)
    assert found.limit == max(1e-3, found.rounding)  # of GELU, which llama.cpp looks up in a table of float16
    assert found.max_logit_difference <= found.limit


@pytest.mark.parametrize(("shape", "target"), [("gpt2", "key"), ("gpt2", "attn.c_proj"), ("llama", "q_proj")])
def test_an_adapter_of_few_matrices(shape: str, target: str, tmp_path: Path) -> None:
    config = LoRAConfig(rank=2, targets=(target,))
    base, path = written(tmp_path, shape, config)
    assert parity(shape, config, base, path).max_logit_difference <= 1e-2
    assert len(read_header(path).tensors) == 2 * 2


def test_the_check_sees_an_adapter_that_is_not_the_models(tmp_path: Path) -> None:
    config = LoRAConfig(rank=4, alpha=6)
    base, path = written(tmp_path, "llama", config)
    with pytest.raises(EngineError) as error:
        parity("llama", LoRAConfig(rank=4, alpha=6.1), base, path)
    assert error.value.code == "check_failed"


@pytest.mark.parametrize(("type", "close"), [("f16", 0.05), ("bf16", 0.5)])
def test_rounded_types_stay_close(type: str, close: float, tmp_path: Path) -> None:
    config = LoRAConfig(rank=4, alpha=6)
    base, path = written(tmp_path, "qwen3", config, type)
    assert {tensor.type for tensor in read_header(path).tensors.values()} == {type.upper()}
    ids = IDS[0].tolist()
    runtime = LlamaRuntime(base, threads=1, cache_type="f32", adapters=[(path, 1.0)])
    try:
        with torch.no_grad():
            difference = np.abs(runtime.evaluate(ids, "all") - adapted("qwen3", config)(IDS[:1])[0].numpy())
    finally:
        runtime.close()
    assert difference.max() < close


# --- the file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rslora", "alpha"), [(False, 6.0), (True, 12.0)])
def test_what_the_file_says(rslora: bool, alpha: float, tmp_path: Path) -> None:
    config = LoRAConfig(rank=4, alpha=6, rslora=rslora)
    contents = adapter_gguf.write_adapter(
        adapted("llama", config), config, tmp_path / "a.gguf", general={"name": "Ahorn", "license": "mit"}
    )
    header = read_header(tmp_path / "a.gguf")
    expected = {
        "general.architecture": "llama",
        "general.type": "adapter",
        "general.name": "Ahorn",
        "general.license": "mit",
        "adapter.type": "lora",
        "adapter.lora.alpha": alpha,
    }
    assert {key: header.metadata.get(key) for key in expected} == expected
    assert header.value_types["adapter.lora.alpha"] == FLOAT32  # llama.cpp ends the process over any other
    assert contents.types["F32"]["tensors"] == 2 * 2 * 7


def test_the_tensors_are_those_of_the_folder(tmp_path: Path) -> None:
    model = adapted("gpt2", LoRAConfig(rank=4))
    adapter_gguf.write_adapter(model, LoRAConfig(rank=4), tmp_path / "a.gguf")
    found = {t.name: dequantize(t.data, t.tensor_type) for t in GGUFReader(tmp_path / "a.gguf").tensors}
    theirs = adapter.of_folder(model)
    a, b = theirs["transformer.h.1.attn.c_attn"]
    assert np.array_equal(found["blk.1.attn_qkv.weight.lora_a"], a.numpy())
    assert np.array_equal(found["blk.1.attn_qkv.weight.lora_b"], b.numpy())
    assert len(found) == 2 * len(theirs)


def test_weights_that_are_not_finite_and_types_that_are_not_there(tmp_path: Path) -> None:
    model = adapted("qwen3")
    with pytest.raises(EngineError) as error:
        adapter_gguf.write_adapter(model, LoRAConfig(rank=4), tmp_path / "a.gguf", "q4_k_m")
    assert error.value.code == "unknown_gguf_type"
    with torch.no_grad():
        lora.layers(model)["blocks.0.feed_forward.up"].b[0, 0] = torch.nan
    with pytest.raises(EngineError) as error:
        adapter_gguf.write_adapter(model, LoRAConfig(rank=4), tmp_path / "a.gguf")
    assert error.value.code == "weights_not_finite"
    assert list(tmp_path.iterdir()) == []


# --- the job ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def maple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter folder named maple, with its model beside it."""
    folder, config = tmp_path_factory.mktemp("adapters"), LoRAConfig(rank=4, alpha=6, rslora=True)
    hf.save(random_gpt("llama"), english_tokenizer(), folder / "base", card="---\nlicense: mit\n---\n# Base\n")
    adapter.save(adapted("llama", config), config, english_tokenizer(), "base", folder / "maple")
    return folder / "maple"


def run(model: Path | str, out: Path, **params: Any) -> list[Event]:
    params = {"model": str(model), "out": str(out), **params}
    return list(jobs.run(jobs.find("export"), params, JobContext()))


def finished(model: Path, out: Path, **params: Any) -> dict[str, Any]:
    last = run(model, out, **params)[-1]
    assert isinstance(last, Finished), last
    return last.stats


def test_an_adapter_is_exported_and_proven(maple: Path, tmp_path: Path) -> None:
    events = run(maple, tmp_path / "a.gguf", to="adapter-gguf", check=True)
    assert [event.message for event in events if isinstance(event, Progress)] == [
        "Reading the model",
        "Writing f32",
        "Writing the model under it",
        "Checking both with llama.cpp",
    ]
    last = events[-1]
    assert isinstance(last, Finished), last
    assert last.stats["check"]["parity"]["max_logit_difference"] < 1e-3
    assert last.stats["size_bytes"] == (tmp_path / "a.gguf").stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["a.gguf"]
    metadata = read_header(tmp_path / "a.gguf").metadata
    assert (metadata["general.name"], metadata["general.license"]) == ("maple", "mit")


@pytest.mark.parametrize("type", ["f32", "q8_0"])
def test_an_adapter_over_a_gguf_file_is_proven_over_that_very_file(type: str, tmp_path: Path) -> None:
    base, config = tmp_path / "base.gguf", LoRAConfig(rank=4, alpha=6)
    gguf.write_gguf(random_gpt("llama"), english_tokenizer(), tmp_path / "f32.gguf")
    if type == "f32":
        (tmp_path / "f32.gguf").rename(base)
    else:
        gguf.quantize_gguf(tmp_path / "f32.gguf", base, type)
    adapter.save(adapted("llama", config), config, english_tokenizer(), str(base), tmp_path / "maple")
    proof = finished(tmp_path / "maple", tmp_path / "a.gguf", to="adapter-gguf", check=True)["check"]
    assert proof["parity"]["max_logit_difference"] < 1e-3
    assert proof["likeness"]["mean_kl"] < (1e-6 if type == "f32" else 5e-3)
    gguf.write_gguf(random_gpt("llama", seed=9), english_tokenizer(), base)
    model, tokenizer = random_gpt("llama"), english_tokenizer()
    with pytest.raises(EngineError, match="KL"):  # over another file the adapter is another model
        check.check_likeness(model, tokenizer, base, check.SAME_WEIGHTS, tmp_path / "a.gguf")


def test_it_is_exported_merged_as_gguf_and_as_a_folder(maple: Path, tmp_path: Path) -> None:
    assert finished(maple, tmp_path / "m.gguf", to="gguf", check=True)["check"]
    assert read_header(tmp_path / "m.gguf").metadata["general.license"] == "mit"
    finished(maple, tmp_path / "merged", to="hf")
    merged = hf.load(tmp_path / "merged")
    with torch.no_grad():
        expected = adapted("llama", LoRAConfig(rank=4, alpha=6, rslora=True))(IDS)
        assert (merged(IDS) - expected).abs().max() < 1e-4
    assert (tmp_path / "merged" / "README.md").read_text().startswith("---\nlicense: mit")


def test_our_own_backend_opens_it_as_its_merged_model(maple: Path) -> None:
    runtime = open_runtime(maple, "gpt", threads=1)
    base = open_runtime(maple.parent / "base", "gpt", threads=1)
    try:
        found = runtime.evaluate(IDS[0].tolist(), "all")
        with torch.no_grad():
            expected = adapted("llama", LoRAConfig(rank=4, alpha=6, rslora=True))(IDS[:1])[0].numpy()
        assert np.abs(found - expected).max() < 1e-4
        assert runtime.info.fingerprint != base.info.fingerprint
        assert runtime.info.size_bytes == base.info.size_bytes
    finally:
        runtime.close()
        base.close()


@pytest.mark.parametrize(
    ("model", "params", "code"),
    [
        ("base", {}, "adapter_wanted"),
        ("maple", {"quantize": "q8_0"}, "unknown_gguf_type"),
        ("maple", {"quantize": "f16", "check": True}, "usage"),
    ],
)
def test_wishes_that_cannot_be_met(model: str, params: dict[str, Any], code: str, maple: Path, tmp_path: Path) -> None:
    last = run(maple.parent / model, tmp_path / "out" / "a.gguf", to="adapter-gguf", **params)[-1]
    assert isinstance(last, Failed)
    assert last.code == code
    assert not (tmp_path / "out").exists()


def test_a_failed_check_leaves_no_file(maple: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf, "pair", lambda array, head_dim: array)  # rows of queries and keys in a wrong order
    last = run(maple, tmp_path / "out" / "a.gguf", to="adapter-gguf", check=True)[-1]
    assert isinstance(last, Failed)
    assert last.code == "check_failed"
    assert list((tmp_path / "out").iterdir()) == []


# --- the runtime -----------------------------------------------------------------------------------------------------


def logits(base: Path, adapters: list[tuple[Path, float]]) -> np.ndarray:
    runtime = open_runtime(base, threads=1, cache_type="f32", adapters=adapters)
    try:
        return runtime.evaluate(IDS[0].tolist(), "all")
    finally:
        runtime.close()


def test_strength_and_several_adapters(tmp_path: Path) -> None:
    base, path = written(tmp_path, "qwen3", LoRAConfig(rank=4, alpha=6))
    plain, half, whole = (logits(base, adapters) for adapters in ([], [(path, 0.5)], [(path, 1.0)]))
    assert np.abs(logits(base, [(path, 0.0)]) - plain).max() < 1e-4
    assert np.abs(logits(base, [(path, 0.5), (path, 0.5)]) - whole).max() < 1e-3
    assert 0.1 < np.abs(half - plain).max() < np.abs(whole - plain).max()


def test_adapters_come_and_go_without_loading_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base, path = written(tmp_path, "qwen3", LoRAConfig(rank=4, alpha=6))
    ids = IDS[0].tolist()
    pairs: list[list[tuple[Path | str, float]]] = [
        [],
        [(path, 1.0)],
        [(path, 0.5)],
        [(str(path), 0.25), (path, 0.25)],
        [],
    ]
    expected = [logits(base, []), logits(base, [(path, 1.0)]), *[logits(base, [(path, 0.5)])] * 2, logits(base, [])]
    loaded: list[Path] = []
    init = llama_adapters.c.llama_adapter_lora_init
    monkeypatch.setattr(
        llama_adapters.c, "llama_adapter_lora_init", lambda model, path: (loaded.append(path), init(model, path))[1]
    )
    runtime = LlamaRuntime(base, threads=1, cache_type="f32")
    try:
        for wanted, logits_of in zip(pairs, expected, strict=True):
            runtime.set_adapters(wanted)
            runtime.evaluate(ids[:-1])
            np.testing.assert_allclose(runtime.evaluate(ids)[0], logits_of[-1], atol=0.02)
            assert runtime.reused == len(ids) - 1
        assert len(loaded) == 1
    finally:
        runtime.close()


def test_only_a_change_of_adapters_gives_up_the_cache(tmp_path: Path) -> None:
    base, path = written(tmp_path, "qwen3", LoRAConfig(rank=4, alpha=6))
    runtime = LlamaRuntime(base, threads=1, adapters=[(path, 1.0)])
    try:
        for pairs, reused in (([(path, 1.0)], 3), ([(path, 0.9)], 0), ([(path, 0.9)], 3), ([], 0)):
            runtime.evaluate([1, 2, 3])
            tokens = runtime.generate([1, 2, 3, 4], Sampling(temperature=0))
            next(iter(tokens))
            runtime.set_adapters(pairs)
            if not reused:
                with pytest.raises(RuntimeError):  # it was begun with other weights
                    next(tokens)
            runtime.evaluate([1, 2, 3, 4])
            assert (runtime.reused, runtime.cache_reason) == (reused, None if reused else "adapters")
    finally:
        runtime.close()


def test_an_adapter_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    base, path = written(tmp_path, "qwen3", LoRAConfig(rank=4, alpha=6))
    (tmp_path / "other").mkdir()
    _, other = written(tmp_path / "other", "qwen3", LoRAConfig(rank=4), width=128)
    runtime = LlamaRuntime(base, threads=1, adapters=[(path, 1.0)])
    try:
        before = runtime.evaluate([1, 2, 3, 4])
        for pairs in ([(other, 1.0)], [(path, 0.5), (other, 1.0)], [(base, 1.0)], [(path, float("nan"))]):
            with pytest.raises(EngineError):
                runtime.set_adapters(pairs)
            np.testing.assert_allclose(runtime.evaluate([1, 2, 3, 4]), before, atol=1e-4)
            assert runtime.reused == 3
    finally:
        runtime.close()


def test_a_saved_state_belongs_to_its_adapter(tmp_path: Path) -> None:
    base, path = written(tmp_path, "qwen3", LoRAConfig(rank=4, alpha=6))
    one, other = LlamaRuntime(base, threads=1, adapters=[(path, 1.0)]), LlamaRuntime(base, threads=1)
    try:
        one.evaluate([1, 2, 3])
        with pytest.raises(EngineError) as error:
            other.load_state(one.save_state())
        assert error.value.code == "bad_state"
    finally:
        one.close()
        other.close()


def refused(base: Path, path: Path, strength: float = 1.0) -> EngineError:
    with pytest.raises(EngineError) as error:
        LlamaRuntime(base, threads=1, adapters=[(path, strength)])
    return error.value


def test_what_is_no_adapter_of_this_model_is_refused(tmp_path: Path) -> None:
    base, path = written(tmp_path, "qwen3", LoRAConfig(rank=4))
    assert refused(base, base).code == "adapter_not_loaded"
    assert refused(base, path, float("nan")).code == "bad_option"
    (tmp_path / "text.gguf").write_text("Dear diary")
    assert refused(base, tmp_path / "text.gguf").code == "gguf_not"
    (tmp_path / "other").mkdir()
    _, other = written(tmp_path / "other", "llama", LoRAConfig(rank=4))
    assert refused(base, other).code == "adapter_not_loaded"
    _, other = written(tmp_path / "other", "qwen3", LoRAConfig(rank=4), width=32)
    assert refused(base, other).code == "adapter_not_loaded"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"adapter.lora.alpha": "4"}, "gguf_broken"),
        ({"adapter.lora.alpha": 4}, "gguf_broken"),
        ({"adapter.lora.alpha": np.float64(4)}, "gguf_broken"),
        ({"adapter.lora.alpha": float("nan")}, "gguf_broken"),
        ({"adapter.lora.alpha": None}, "gguf_broken"),
        ({"adapter.type": "ia3"}, "adapter_not_loaded"),
        ({"general.type": "model"}, "adapter_not_loaded"),
        ({"adapter.alora.invocation_tokens": 3}, "adapter_not_loaded"),
    ],
)
def test_a_header_that_would_end_the_process_or_means_something_else(
    fields: dict[str, Any], code: str, tmp_path: Path
) -> None:
    metadata = {"general.type": "adapter", "adapter.type": "lora", "adapter.lora.alpha": 4.0} | fields
    writer = GGUFWriter(tmp_path / "a.gguf", "qwen3")
    add = {str: writer.add_string, float: writer.add_float32, int: writer.add_uint32, np.float64: writer.add_float64}
    for key, value in metadata.items():
        if value is not None:
            add[type(value)](key, value)
    writer.add_tensor("blk.0.attn_q.weight.lora_a", np.zeros((4, 64), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(EngineError) as error:
        check_adapter(tmp_path / "a.gguf")
    assert error.value.code == code


def test_a_file_that_ends_too_early(tmp_path: Path) -> None:
    base, path = written(tmp_path, "qwen3", LoRAConfig(rank=4))
    path.write_bytes(path.read_bytes()[:-100])
    assert refused(base, path).code == "gguf_broken"
