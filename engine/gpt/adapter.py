"""Adapter folders as the peft library writes and reads them: adapter_config.json and adapter_model.safetensors.

What `save` writes, peft loads over the transformers model of the base's folder. What `attach` reads may come from
anyone and is checked as a model folder is: every tensor must be one of an adapter of this base, and a setting that
would change what it computes in a way ours do not have is refused by its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine import files
from engine.errors import EngineError, from_os_error
from engine.gpt import hf, lora
from engine.gpt.hf_names import FAMILIES
from engine.gpt.lora import LoRAConfig
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer, read_json
from engine.library import facts
from engine.library.forms import ADAPTER_CONFIG
from engine.phrases import Phrase, phrase

WEIGHTS = "adapter_model.safetensors"
_PREFIX = "base_model.model."  # what peft wraps a model in
_OURS = re.compile(
    r"(adapter_config|tokenizer|tokenizer_config|special_tokens_map)\.json"
    r"|adapter_model\.safetensors|chat_template\.jinja|README\.md"
)

# Settings of peft that say nothing about what a finished adapter computes.
_HARMLESS = {
    "task_type", "peft_type", "auto_mapping", "peft_version", "base_model_name_or_path", "revision", "inference_mode",
    "r", "target_modules", "exclude_modules", "lora_alpha", "lora_dropout", "fan_in_fan_out", "use_rslora",
    "layers_to_transform", "layers_pattern", "megatron_config", "megatron_core", "loftq_config", "eva_config",
    "corda_config", "lora_ga_config", "qalora_group_size", "runtime_config", "enable_lora", "merge_weights",
}  # fmt: skip
_UNCHANGED_BASE = (True, False, "gaussian", "orthogonal", "eva")  # ways to begin that leave the base as it was


# --- saving ----------------------------------------------------------------------------------------------------------


def save(model: GPT, config: LoRAConfig, tokenizer: Tokenizer, base: str, folder: str | Path, card: str = "") -> None:
    """Write the adapter attached to `model`, whole or not at all; an adapter that stands there is replaced.

    base: where the frozen model lies, or its repository, as adapter_config.json will name it. card: README.md.
    Raises EngineError `folder_in_use`, or what the system says.
    """
    folder, tensors = Path(folder), of_folder(model)
    hf.refuse_other_files(folder, _OURS)
    transposed = FAMILIES[model.config.shape].transposed
    settings: dict[str, Any] = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "revision": None,
        "inference_mode": True,
        "r": config.rank,
        "lora_alpha": int(config.alpha) if config.alpha == int(config.alpha) else config.alpha,
        "lora_dropout": config.dropout,
        "use_rslora": config.rslora,
        "target_modules": _shortest(list(tensors), list(lora.matrices(model.config))),
        "fan_in_fan_out": any(transposed.search(f"{name}.weight") for name in tensors),
        "bias": "none",
        "init_lora_weights": True,
        "modules_to_save": None,
        "rank_pattern": {},
        "alpha_pattern": {},
    }
    named = {}
    for name, (a, b) in tensors.items():
        named[f"{_PREFIX}{name}.lora_A.weight"], named[f"{_PREFIX}{name}.lora_B.weight"] = a, b
    try:
        with files.whole_folder(folder) as partial:
            files.write_json(partial / ADAPTER_CONFIG, settings)
            tokenizer.save(partial, context=model.config.context)
            card = (card or default_card(config, base, folder.name)) + _base_note(Path(base))
            files.write_bytes(partial / "README.md", card.encode())
            hf.write_tensors(named, partial / WEIGHTS, partial / ADAPTER_CONFIG)
    except OSError as error:
        raise from_os_error(error) from error


def stacked(
    model: GPT,
    table: Mapping[str, tuple[str, ...]],
    stack: Callable[[list[Tensor], str], Tensor] = lambda parts, name: torch.cat(parts),
) -> dict[str, tuple[Tensor, Tensor]]:
    """A (rank, in) and B (out, rank), float32, for each tensor of the table that holds an adapted matrix.

    table: tensor of a format -> our parameters stacked in it, by `stack`. Rows of B that belong to a matrix without an
    adapter are zeros.
    """
    adapted = lora.layers(model)
    found = {}
    for theirs, parameters in table.items():
        ours = [name.removesuffix(".weight") for name in parameters]
        here = [adapted[name] for name in ours if name in adapted]
        if here:
            a = here[0].a
            if any(layer.a is not a for layer in here):
                raise AssertionError(f"{theirs} stacks matrices that the Hugging Face folder does not")
            modules: list[Any] = [model.get_submodule(name) for name in ours]
            b = [m.b if m in here else torch.zeros(m.out_features, a.size(0), device=a.device) for m in modules]
            found[theirs] = (a.detach().float().cpu(), stack(b, theirs).detach().float().cpu())
    return found


def of_folder(model: GPT) -> dict[str, tuple[Tensor, Tensor]]:
    """`stacked` as the tensors of the Hugging Face folder, by their modules."""
    config = model.config
    return stacked(model, lora.matrices(config), lambda parts, name: hf.stack(parts, f"{name}.weight", config))


def _shortest(chosen: list[str], everything: list[str]) -> list[str]:
    """The ends of names that mean exactly the chosen modules, as peft reads them; whole names where no end does."""
    targets: dict[str, None] = {}
    for name in chosen:
        parts = name.split(".")
        ends = [".".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)]
        exact = (end for end in ends if all(other in chosen for other in everything if f".{other}".endswith(f".{end}")))
        targets[next(exact)] = None
    return list(targets)


def default_card(config: LoRAConfig, base: str, name: str) -> str:
    """A card that says what the numbers say."""
    return (
        f"---\nlibrary_name: peft\nbase_model: {base}\npipeline_tag: text-generation\ntags: [lora, seedling]\n---\n\n"
        f"# {name}\n\nAn adapter of rank {config.rank} for {base}, written by Seedling.\n"
    )


def _base_note(base: Path) -> str:
    """What to know of a base that only some programs open."""
    if base.is_file():
        kind, openers = "GGUF file", "Seedling opens, and llama.cpp with this adapter as GGUF (`--to adapter-gguf`)"
    elif facts.is_litgpt(base):
        kind, openers = "LitGPT folder", "Seedling opens"
    else:
        return ""
    return (
        f"\n## Base\n\nThis adapter lies over the {kind} `{base.name}`, which {openers}; the peft library does not. "
        "For peft, transformers or vLLM write the whole model: `seedling export ADAPTER FOLDER --to hf`, "
        "or train with `lora.merge = true`, which leaves it in `merged/`.\n"
    )


# --- loading ---------------------------------------------------------------------------------------------------------


def read_config(folder: str | Path) -> LoRAConfig:
    """The settings of the adapter in a folder. Raises EngineError `bad_json`, `bad_config`, `adapter_unsupported`."""
    path = Path(folder) / ADAPTER_CONFIG
    data = read_json(path)
    if data.get("peft_type") != "LORA":
        raise _unsupported(path, "peft_type", data.get("peft_type"))
    if data.get("init_lora_weights", True) not in _UNCHANGED_BASE:
        raise _unsupported(path, "init_lora_weights", data["init_lora_weights"])
    if data.get("bias", "none") != "none":
        raise _unsupported(path, "bias", data["bias"])
    for field, value in data.items():
        if value and field not in _HARMLESS and field not in ("init_lora_weights", "bias"):
            raise _unsupported(path, field, value)
    names = {"rank": "r", "alpha": "lora_alpha", "dropout": "lora_dropout", "rslora": "use_rslora"}
    values = {ours: data[theirs] for ours, theirs in names.items() if data.get(theirs) is not None}
    try:
        return LoRAConfig(**({"rank": 8, "alpha": 8} | values))  # what peft takes where nothing is said
    except EngineError as error:
        place = {"place": str(path), "field": names[error.data["field"]]}
        raise EngineError("bad_config", **(error.data | place)) from error


def attach(model: GPT, folder: str | Path) -> LoRAConfig:
    """Freeze the model and put the adapter of a folder beside its matrices; returns its settings.

    Raises EngineError as `read_config` does, and `missing_file`, `pickled_weights`, `bad_weights`, `adapter_tensor`.
    """
    folder = Path(folder)
    config, path = read_config(folder), folder / WEIGHTS
    if not path.exists():
        pickled = any(file.suffix.lower() in hf.PICKLES for file in folder.iterdir())
        raise EngineError("pickled_weights" if pickled else "missing_file", place=str(folder), file=WEIGHTS)
    pairs = _pairs(hf.read_weights(path), path)
    known = lora.matrices(model.config)
    for name, pair in pairs.items():
        if name not in known:
            raise _misfit(path, name, phrase("{family} has no matrix of this name", family=model.config.shape))
        bases: list[Any] = [model.get_submodule(ours) for ours in known[name]]
        shapes = [(config.rank, bases[0].in_features), (sum(base.out_features for base in bases), config.rank)]
        if (found := [tuple(tensor.shape) for tensor in pair]) != shapes:
            reason = phrase("its matrices are {found}, where {fitting} fit", found=str(found), fitting=str(shapes))
            raise _misfit(path, name, reason)
    config = replace(config, targets=tuple(_shortest(list(pairs), list(known))))
    lora.attach(model, config, chosen={name: known[name] for name in known if name in pairs})
    layers = lora.layers(model)
    with torch.no_grad():
        for name, (a, b) in pairs.items():
            here = [layers[ours] for ours in known[name]]
            here[0].a.copy_(a)
            for layer, rows in zip(here, _rows(b, here, name, model), strict=True):
                layer.b.copy_(rows)
    return config


def _rows(b: Tensor, layers: list[lora.LoRALinear], name: str, model: GPT) -> tuple[Tensor, ...]:
    """The rows of each layer in a B of theirs."""
    return hf.unstack(b, [layer.b.size(0) for layer in layers], f"{name}.weight", model.config)


def _pairs(tensors: dict[str, Tensor], path: Path) -> dict[str, tuple[Tensor, Tensor]]:
    """A and B by the module they stand beside. Raises EngineError `adapter_tensor` for any other tensor."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        module, mark, kind = name.removeprefix(_PREFIX).rpartition(".lora_")
        if not name.startswith(_PREFIX) or not mark or kind not in ("A.weight", "B.weight"):
            raise _misfit(path, name, phrase("it is not part of a LoRA adapter"))
        found.setdefault(module, {})[kind[0]] = tensor
    for module, halves in found.items():
        if len(halves) < 2:
            raise _misfit(path, module, phrase("only its {half} is there", half=next(iter(halves))))
    if not found:
        raise EngineError("bad_weights", place=str(path), reason=phrase("it holds no tensors"))
    return {module: (halves["A"], halves["B"]) for module, halves in found.items()}


def _misfit(path: Path, tensor: str, reason: Phrase) -> EngineError:
    return EngineError("adapter_tensor", place=str(path), tensor=tensor[:200], reason=reason)


def _unsupported(path: Path, field: str, value: Any) -> EngineError:
    return EngineError("adapter_unsupported", place=str(path), field=field[:80], value=str(value)[:80])
