"""Operations that write models: checkpoints, exports in every form, copies."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from random_gpt import english_tokenizer, random_gpt
from random_lora import adapted

from engine import jobs, paths
from engine.errors import EngineError
from engine.events import Failed
from engine.files import sha256_of
from engine.gpt import adapter, gguf, hf, ollama  # noqa: F401 (the packages import it late)
from engine.gpt.lora import LoRAConfig
from engine.jobs import JobContext
from engine.library import copies, models
from engine.training import checkpoint
from engine.training.checkpoint import Checkpoint, State
from faults.operations import Operation
from faults.small_files import visible

SMALL = {"width": 32, "heads": 2, "context": 32}


# --- checkpoints ------------------------------------------------------------------------------------------------------


def point(step: int) -> Checkpoint:
    weights = torch.full((3000,), float(step))
    kept = {"weight.exp_avg": weights, "weight.step": torch.tensor(float(step))}
    return Checkpoint({"weight": weights}, kept, State(step))


def begin_checkpoints(place: Path) -> None:
    checkpoint.save(place, point(3))


def save_checkpoints(place: Path) -> Iterator[None]:
    for step in (6, 9):
        if checkpoint.newest(place).state.step < step:
            checkpoint.save(place, point(step))
        checkpoint.prune(place, checkpoint.newest(place).state.step, best_step=3, keep=1)
        yield


def see_checkpoints(place: Path) -> int:
    """The step of the one that a run would go on from."""
    found = checkpoint.newest(place)
    wanted = point(found.state.step)
    for name in ("model", "optimizer"):
        tensors, same = getattr(found, name), getattr(wanted, name)
        assert all(torch.equal(tensors[key], same[key]) for key in same)
    return found.state.step


# --- exports ----------------------------------------------------------------------------------------------------------


def begin_model(place: Path) -> None:
    hf.save(random_gpt("qwen3", **SMALL), english_tokenizer(), place / "model")


def begin_adapter(place: Path) -> None:
    hf.save(random_gpt("llama"), english_tokenizer(), place / "base")
    base = str(place / "base")
    adapter.save(adapted("llama"), LoRAConfig(rank=4, alpha=6), english_tokenizer(), base, place / "model")


def run_job(job: str, /, **params: Any) -> None:
    *_, last = jobs.run(jobs.find(job), params, JobContext())
    if isinstance(last, Failed):
        raise EngineError(last.code, last.detail, **last.data)


def export(to: str, out: str, **more: Any) -> Callable[[Path], Iterator[None]]:
    def act(place: Path) -> Iterator[None]:
        whole = place / "out" / out
        if to in ("ollama", "vllm") and whole.exists():  # not replaced
            yield
            return
        run_job("export", model=str(place / "model"), out=str(whole), to=to, **more)
        yield

    return act


def with_older(begin: Callable[[Path], None], out: str) -> Callable[[Path], None]:
    """What is exported takes the place of another model."""

    def begun(place: Path) -> None:
        begin(place)
        other = place / "out" / out
        if other.suffix == ".gguf":
            gguf.write_gguf(random_gpt("qwen3", seed=1, **SMALL), english_tokenizer(), other)
        else:
            hf.save(random_gpt("qwen3", seed=1, **SMALL), english_tokenizer(), other)

    return begun


def begin_llamafile(place: Path) -> None:
    begin_model(place)
    (place / "runner").write_bytes(b"#!/bin/sh\nexit 0\n")
    with zipfile.ZipFile(place / "runner", "a") as archive:
        archive.writestr("its-own.txt", "of the runner")


def export_llamafile(place: Path) -> Iterator[None]:
    runner, out = str(place / "runner"), str(place / "out" / "model.llamafile")
    run_job("export", model=str(place / "model"), out=out, to="llamafile", quantize="q8_0", runner=runner)
    yield


def see_llamafile(place: Path) -> Any:
    """The archive notes when it was made, so what is in it is compared."""
    out = place / "out" / "model.llamafile"
    if not out.exists():
        return None
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def see_out(place: Path) -> dict[str, str]:
    out = place / "out"
    return {name: sha256_of(out / name) for name in visible(out)} if out.exists() else {}


def save_in_shards(place: Path) -> Iterator[None]:
    hf.save(random_gpt("qwen3", **SMALL), english_tokenizer(), place / "out" / "model", shard_bytes=40_000)
    yield


def save_adapter(place: Path) -> Iterator[None]:
    adapter.save(adapted("llama"), LoRAConfig(rank=4, alpha=6), english_tokenizer(), "base", place / "out" / "model")
    yield


def begin_other_adapter(place: Path) -> None:
    other = adapted("llama", LoRAConfig(rank=2, alpha=6))
    adapter.save(other, LoRAConfig(rank=2, alpha=6), english_tokenizer(), "base", place / "out" / "model")


# --- copies in our own folder -----------------------------------------------------------------------------------------


def begin_copies(place: Path) -> None:
    gguf.write_gguf(random_gpt("qwen3", **SMALL), english_tokenizer(), place / "mine.gguf")


def copy_model(place: Path) -> Iterator[None]:
    if not any(entry.origin == "copied" for entry in models.entries()):
        run_job("copy_model", path=str(place / "mine.gguf"), name="copy")
    yield


def see_copies(place: Path) -> int:
    """Models that are on the list, each of them whole, and nothing else in our folder."""
    copies.sweep()
    rows = [entry for entry in models.entries() if entry.origin == "copied"]
    assert all(entry.path.read_bytes() == (place / "mine.gguf").read_bytes() for entry in rows)
    there = list(paths.models().iterdir()) if paths.models().exists() else []
    assert sorted(there) == sorted(entry.path.parent for entry in rows)
    return len(rows)


def _exports() -> Iterator[Operation]:
    for to, out, begin, more in (
        ("gguf", "model.gguf", begin_model, {"quantize": "q8_0"}),
        ("gguf", "model.gguf", begin_model, {"quantize": "f16"}),
        ("hf", "model", begin_model, {"quantize": "bf16"}),
        ("litgpt", "model", begin_model, {}),
        ("adapter-gguf", "model.gguf", begin_adapter, {}),
        ("ollama", "model", begin_model, {"quantize": "q8_0"}),
        ("vllm", "model", begin_model, {}),
    ):
        begins = with_older(begin, out) if to in ("gguf", "hf", "adapter-gguf") else begin
        name = " ".join(["export", to, *more.values()])
        yield Operation(name, begins, export(to, out, **more), see_out, told=("quantize_failed",), slow=True)


TABLE = (
    Operation("checkpoints", begin_checkpoints, save_checkpoints, see_checkpoints),
    *_exports(),
    Operation(
        "export llamafile", begin_llamafile, export_llamafile, see_llamafile, told=("quantize_failed",), slow=True
    ),
    Operation("a model in shards", with_older(begin_model, "model"), save_in_shards, see_out, slow=True),
    Operation("an adapter", begin_other_adapter, save_adapter, see_out),
    Operation("a copy of a model", begin_copies, copy_model, see_copies, slow=True),
)
