"""The job that says what a model will take here, and whether that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from engine import hardware
from engine.events import Event, Finished
from engine.jobs import JobContext
from engine.library import learned, models
from engine.library.memory_fit import Need, Verdict, largest_fitting, needed, suggested_gpu_layers, verdict
from engine.library.model_sizes import ModelSizes
from engine.runtime.base import DEFAULT_CONTEXT, check_option
from engine.runtime.gguf_header import read_header
from engine.runtime.gguf_parts import read_model


@dataclass(frozen=True)
class Fit:
    """What a model takes with some options, and what would fit.

    available: bytes free for it, with what unloading gives back. gpu_layers: suggested for each graphics processor,
    as if it were the only one; gpu_verdicts: "fits" where all of the model does, "slow" where the rest stays in main
    memory, "too_large" where no layer has room.
    """

    need: Need
    verdict: str
    available: int
    context: int
    largest_context: int
    gpu_layers: dict[str, int]
    gpu_verdicts: dict[str, Verdict]

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"need": asdict(self.need) | {"total": self.need.total}}


def memory(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: `model` (a name or path), or `path` of a file; `options` as in `open_runtime`; `freed`, the bytes that
    unloading what is loaded now would give back. Ends with the fields of `Fit`.

    Where this worker holds a model itself, that is what would be unloaded.
    """
    freed = params.get("freed")
    if freed is None:
        freed = hardware.resident() if "backend" in context.state else 0
    options = params.get("options") or {}
    yield Finished("done", fit(params.get("model") or params["path"], options, freed).to_json())


def fit(model: str | Path, options: dict[str, Any], freed: int = 0) -> Fit:
    """Raises EngineError as opening the model does, as far as its header tells."""
    entry = models.resolve(model)
    if entry.backend == "gpt":
        return _of_folder(entry.path, options, freed)
    from engine.runtime.llama_library import gpus
    from engine.runtime.llama_options import LlamaOptions

    header = read_model(entry.path)
    known = {field.name for field in fields(LlamaOptions)}
    chosen = LlamaOptions(**{name: value for name, value in options.items() if name in known})
    usual = chosen.of_memory(chosen.layers_on_gpu())
    if chosen.speculation == "draft":
        usual["draft"] = read_model(Path(chosen.draft_model or ""))
    usual["adapters"] = [read_header(Path(adapter)) for adapter, _ in chosen.adapters or ()]

    def need_of(context: int) -> Need:
        return learned.corrected(needed(header, **{**usual, "context": context}))

    layers = {gpu.name: suggested_gpu_layers(header, gpu.memory.available, **usual) for gpu in gpus()}
    sizes = ModelSizes(header)
    return _fit(need_of, usual["context"], sizes.context, freed, layers, sizes.blocks + 1)


def _of_folder(folder: Path, options: dict[str, Any], freed: int) -> Fit:
    from engine.gpt.opening import read_config
    from engine.runtime.gpt import memory_needed

    check_option("context", options.get("context"), least=1, whole=True)
    config = read_config(folder)
    asked = options.get("context") or DEFAULT_CONTEXT
    return _fit(lambda context: memory_needed(config, context), asked, config.context, freed, {}, 0)


def _fit(
    need_of: Callable[[int], Need], asked: int, trained: int, freed: int, gpu_layers: dict[str, int], all_layers: int
) -> Fit:
    free = hardware.memory()
    need, available = need_of(asked), min(free.available + freed, free.total)
    largest = largest_fitting(need_of, trained, free, freed)
    on_gpus = {name: _gpu_verdict(layers, all_layers) for name, layers in gpu_layers.items()}
    return Fit(need, verdict(need, free, freed), available, min(asked, trained), largest, gpu_layers, on_gpus)


def _gpu_verdict(layers: int, all_layers: int) -> Verdict:
    if layers == all_layers:
        return "fits"
    return "slow" if layers else "too_large"
