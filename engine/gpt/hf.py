"""Model folders: Hugging Face directories, which are also our own format.

What `save` writes opens unchanged in transformers, vLLM and llama.cpp's converter. What `load` reads may come from
anyone: only JSON and safetensors are opened, every tensor is checked against the configuration before memory is
taken, and nothing a file names is run, fetched, or used as a path outside the folder.
"""

from __future__ import annotations

import math
import re
import shutil
import types
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine import files
from engine.errors import EngineError, from_os_error
from engine.gpt import torch_zip
from engine.gpt.assembly import OnLoad, in_turn, unheard
from engine.gpt.config import GPTConfig
from engine.gpt.hf_names import FAMILIES, config_from_json, tensor_names
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer, read_json
from engine.library.facts import is_classifier
from engine.phrases import phrase
from engine.runtime.base import Sampling

SHARD_BYTES = 5_000_000_000
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")

# --- configuration ---------------------------------------------------------------------------------------------------


def config_to_json(config: GPTConfig, dtype: torch.dtype, end_id: int) -> dict[str, Any]:
    """The config.json of this model."""
    names, values = FAMILIES[config.shape], asdict(config)
    dtype_name = str(dtype).removeprefix("torch.")
    return {
        "architectures": [names.architecture],
        "model_type": config.shape,
        **{theirs: values[ours] for ours, theirs in names.fields.items()},
        **{theirs: values[ours] for theirs, ours in names.copies.items()},
        **{theirs: allowed[0] for theirs, allowed in names.fixed.items()},
        **names.extras(config),
        "bos_token_id": end_id,
        "eos_token_id": end_id,
        "pad_token_id": end_id,
        "dtype": dtype_name,
        "torch_dtype": dtype_name,  # what readers from before transformers 5 look for
        "use_cache": True,
    }


def read_config(path: str | Path) -> GPTConfig:
    """The configuration in one config.json. Raises EngineError `bad_json` and as `config_from_json` does."""
    return config_from_json(read_json(Path(path)), str(path))


# --- saving ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """What a model folder holds in place of an output layer: tensors, and further fields of config.json."""

    tensors: Mapping[str, Tensor]
    fields: Mapping[str, Any]


def save(
    model: GPT,
    tokenizer: Tokenizer,
    folder: str | Path,
    card: str = "",
    dtype: torch.dtype | None = None,
    shard_bytes: int = SHARD_BYTES,
    head: Head | None = None,
) -> None:
    """Write the model folder, whole or not at all; one of ours that stands there is replaced.

    card: the text of README.md. dtype: of the weights in the file, by default the parameters' own. head: one that
    takes the place of the output layer.
    Raises EngineError `folder_in_use`, `bad_tokenizer`, or what the system says (`disk_full`, ...).
    """
    folder, config = Path(folder), model.config
    if tokenizer.vocabulary > config.vocabulary:
        counts = {"tokens": tokenizer.vocabulary, "rows": config.vocabulary}
        reason = phrase("it has {tokens} tokens and the model only {rows}", **counts)
        raise EngineError("bad_tokenizer", place=str(folder), reason=reason)
    refuse_other_files(folder, _OURS)
    dtype = dtype or model.embedding.weight.dtype
    sampling = Sampling()
    try:
        with files.whole_folder(folder) as partial:
            begin = tokenizer.begin_id if tokenizer.begin_id >= 0 else tokenizer.end_id
            fields = config_to_json(config, dtype, tokenizer.end_id) | {"bos_token_id": begin}
            fields |= dict(head.fields if head else {})
            files.write_json(partial / "config.json", fields)
            generation = {
                "bos_token_id": begin,
                "eos_token_id": sorted(tokenizer.end_ids),
                "pad_token_id": tokenizer.end_id,
                "do_sample": True,
                "temperature": sampling.temperature,
                "top_k": sampling.top_k,
                "top_p": sampling.top_p,
                "min_p": sampling.min_p,
            }
            files.write_json(partial / "generation_config.json", generation)
            tokenizer.save(partial, context=config.context)
            files.write_bytes(partial / "README.md", (card or default_card(model, folder.name)).encode())
            _write_weights(model, partial, dtype, shard_bytes, head.tensors if head else {})
    except OSError as error:
        raise from_os_error(error) from error


def default_card(model: GPT, name: str) -> str:
    """A model card that says what the numbers say."""
    config, parameters = model.config, sum(p.numel() for p in model.parameters())
    rows = "".join(f"| {key} | {value} |\n" for key, value in asdict(config).items() if value)  # 0: does without
    return (
        "---\nlibrary_name: transformers\npipeline_tag: text-generation\ntags: [seedling]\n---\n\n"
        f"# {name}\n\nA {config.shape} model with {parameters:,} parameters, written by Seedling.\n\n"
        f"| | |\n|---|---|\n{rows}"
    )


def _write_weights(model: GPT, folder: Path, dtype: torch.dtype, shard_bytes: int, head: Mapping[str, Tensor]) -> None:
    shards: list[list[str]] = [[]]
    size = total = 0
    for name, shape in tensor_shapes(model).items():
        nbytes = math.prod(shape) * dtype.itemsize
        if shards[-1] and size + nbytes > shard_bytes:
            shards.append([])
            size = 0
        shards[-1].append(name)
        size, total = size + nbytes, total + nbytes
    if len(shards) == 1:
        _write_shard(model, shards[0], folder / "model.safetensors", dtype, head)
        return
    weight_map: dict[str, str] = {}
    for number, names in enumerate(shards, start=1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        last = head if number == len(shards) else {}
        _write_shard(model, names, folder / file, dtype, last)
        weight_map |= dict.fromkeys([*names, *last], file)
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    files.write_json(folder / "model.safetensors.index.json", index)


def _write_shard(model: GPT, names: list[str], path: Path, dtype: torch.dtype, head: Mapping[str, Tensor]) -> None:
    tensors = {name: tensor_to_hf(model, name, dtype) for name in names}
    tensors |= {name: tensor.detach().cpu().to(dtype).contiguous() for name, tensor in head.items()}
    write_tensors(tensors, path, path.with_name("config.json"))


def write_tensors(tensors: dict[str, Tensor], path: Path, like: Path) -> None:
    """Write a safetensors file that may be read by whom the file `like` may be. Raises OSError."""
    try:
        save_file(tensors, path, metadata={"format": "pt"})
        shutil.copymode(like, path)  # the library leaves it to the owner alone
    except SafetensorError as error:  # the library wraps the system's complaint in its own
        if match := re.search(r"os error (\d+)", str(error)):
            raise OSError(int(match[1]), str(error), str(path)) from error
        raise


def tensor_to_hf(model: GPT, name: str, dtype: torch.dtype) -> Tensor:
    """The tensor of that Hugging Face name, in its layout. Biases that this model does without are zeros."""
    parameters = dict(model.named_parameters())
    parts = [parameters[ours].detach().cpu() for ours in tensor_names(model.config)[name] if ours in parameters]
    if not parts:
        return torch.zeros(tensor_shapes(model)[name], dtype=dtype)
    tensor = stack(parts, name, model.config)
    return (tensor.T if FAMILIES[model.config.shape].transposed.search(name) else tensor).to(dtype).contiguous()


def stack(parts: Sequence[Tensor], name: str, config: GPTConfig) -> Tensor:
    """The rows of ours in the order of the tensor of theirs that has this name."""
    if FAMILIES[config.shape].interleaved.search(name):
        return torch.cat([_by_head(part, config) for part in parts], dim=1).flatten(0, 1)
    return torch.cat(list(parts))


def unstack(tensor: Tensor, rows: list[int], name: str, config: GPTConfig) -> tuple[Tensor, ...]:
    """What `stack` put together, with so many rows each."""
    if FAMILIES[config.shape].interleaved.search(name):
        parts = torch.split(_by_head(tensor, config), [each // config.heads for each in rows], dim=1)
        return tuple(part.flatten(0, 1) for part in parts)
    return torch.split(tensor, rows)


def _by_head(tensor: Tensor, config: GPTConfig) -> Tensor:
    """(heads * rows, ...) -> (heads, rows, ...)"""
    return tensor.reshape(config.heads, -1, *tensor.shape[1:])


def tensor_shapes(model: GPT) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of the folder, under its Hugging Face name."""
    names, parameters = FAMILIES[model.config.shape], dict(model.named_parameters())
    shapes = {}
    for theirs, ours in tensor_names(model.config).items():
        parts = [tuple(parameters[name].shape) if name in parameters else (model.config.width,) for name in ours]
        shape = (sum(part[0] for part in parts), *parts[0][1:])
        shapes[theirs] = shape[::-1] if names.transposed.search(theirs) else shape
    return shapes


def refuse_other_files(folder: Path, ours: re.Pattern[str]) -> None:
    """A folder that holds anything we would not have written is not ours to replace. ours: names of our files.

    Raises EngineError `folder_in_use`, `not_a_model_folder`.
    """
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.is_dir() or not ours.fullmatch(path.name):
                raise EngineError("folder_in_use", place=str(folder), file=path.name)
    elif folder.exists():
        raise EngineError("not_a_model_folder", place=str(folder), reason=phrase("it is a file"))


_OURS = re.compile(
    r"(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|model\.safetensors\.index)\.json"
    r"|model(-\d{5}-of-\d{5})?\.safetensors|chat_template\.jinja|README\.md"
)

# --- loading ---------------------------------------------------------------------------------------------------------


def load(folder: str | Path, on_load: OnLoad = unheard) -> GPT:
    """The model in a folder: float32, in evaluation mode.

    Raises EngineError `not_found`, `not_a_model_folder`, `missing_file`, `bad_json`, `bad_config`, `unknown_family`,
    `unsupported_config`, `pickled_weights`, `bad_weights`, `missing_tensor`, `tensor_mismatch`, `unknown_tensor`, and
    `classifier_writes_nothing` for a model whose head tells classes apart.
    """
    folder = Path(folder)
    fields = read_fields(folder)
    if is_classifier(fields):
        raise EngineError("classifier_writes_nothing", place=str(folder))
    return _load(folder, config_from_json(fields, str(folder / "config.json")), on_load=on_load)[0]


def read_fields(folder: Path) -> dict[str, Any]:
    """The config.json of a model folder. Raises EngineError `not_found`, `not_a_model_folder`, `missing_file`, ..."""
    _require_folder(folder)
    if not (folder / "config.json").exists():
        raise EngineError("missing_file", place=str(folder), file="config.json")
    return read_json(folder / "config.json")


def load_with_head(
    folder: Path, config: GPTConfig, head: Mapping[str, tuple[int, ...]]
) -> tuple[GPT, dict[str, Tensor]]:
    """A model without output layer, and the tensors of these names and shapes that stand in its place."""
    return _load(folder, replace(config, tied=True), head)


def _load(
    folder: Path,
    config: GPTConfig,
    head: Mapping[str, tuple[int, ...]] = types.MappingProxyType({}),
    on_load: OnLoad = unheard,
) -> tuple[GPT, dict[str, Tensor]]:
    with ExitStack() as stack:
        stored = _stored_tensors([(path, stack.enter_context(_open(path))) for path in weight_files(folder)], config)
        if _trained_qkv_bias(stored, config):
            config = replace(config, qkv_bias=True)
        model = GPT.shapes(config)  # no memory is taken before everything fits
        _check_tensors(stored, model, folder, head)
        state: dict[str, Tensor] = {}
        extra = {name: stored[name].read() for name in head}
        names = tensor_names(config)
        for theirs in in_turn(names, stored, on_load):
            state |= _parameters(stored[theirs].read(), theirs, names[theirs], model)
    model.load_state_dict(state, assign=True)
    return model.eval(), extra


def _parameters(tensor: Tensor, theirs: str, ours: tuple[str, ...], model: GPT) -> dict[str, Tensor]:
    """The parameters stacked in a tensor of theirs; none where the model does without them."""
    expected = dict(model.named_parameters())
    if ours[0] not in expected:
        return {}
    tensor = tensor.T if FAMILIES[model.config.shape].transposed.search(theirs) else tensor
    parts = unstack(tensor, [expected[name].size(0) for name in ours], theirs, model.config)
    return {name: part.clone(memory_format=torch.contiguous_format) for name, part in zip(ours, parts, strict=True)}


@dataclass(frozen=True)
class _Stored:
    """A tensor in a file, not yet read. `file` is the library's open handle."""

    path: Path
    name: str
    file: Any

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.file.get_slice(self.name).get_shape())

    def read(self) -> Tensor:
        """Float32, in memory of its own. Raises EngineError `bad_weights` for what is not a finite number."""
        tensor: Tensor = self.file.get_tensor(self.name)
        if not tensor.is_floating_point() or tensor.element_size() < 2:
            reason = phrase("the tensor {tensor} holds {type} numbers", tensor=self.name, type=str(tensor.dtype))
            raise _bad_weights(self.path, reason)
        tensor = tensor.to(torch.float32, copy=True)
        if not tensor.isfinite().all():
            reason = phrase("the tensor {tensor} holds values that are not finite numbers", tensor=self.name)
            raise _bad_weights(self.path, reason)
        return tensor


def weight_files(folder: str | Path) -> list[Path]:
    """The files with the weights of a model folder: safetensors, else archives of torch.save (`torch_zip`).

    Raises EngineError `missing_file`, `bad_weights`, `pickled_weights`.
    """
    folder = Path(folder)
    for name in ("model.safetensors", "pytorch_model.bin"):
        single, index = folder / name, folder / f"{name}.index.json"
        if single.exists():
            return [single]
        if not index.exists():
            continue
        weight_map = read_json(index).get("weight_map")
        if not isinstance(weight_map, dict) or not weight_map:
            raise _bad_weights(index, phrase("it names no files"))
        paths = []
        for file in dict.fromkeys(map(str, weight_map.values())):
            if not re.fullmatch(rf"[\w.-]+{re.escape(single.suffix)}", file):
                names = {"found": repr(file[:80]), "ending": single.suffix[1:]}
                reason = phrase("{found} is not the name of a {ending} file in this folder", **names)
                raise _bad_weights(index, reason)
            paths.append(folder / file)
        for path in paths:
            if not path.exists():
                raise EngineError("missing_file", place=str(folder), file=path.name)
        return paths
    if any(path.suffix.lower() in PICKLES for path in folder.iterdir()):
        raise EngineError("pickled_weights", place=str(folder))
    raise EngineError("missing_file", place=str(folder), file="model.safetensors")


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """Every tensor of one file, float32. Raises EngineError `not_found`, `pickled_weights`, `bad_weights`."""
    with _open(Path(path)) as file:
        return {name: _Stored(Path(path), name, file).read() for name in file.keys()}  # noqa: SIM118


def _open(path: Path) -> Any:
    """The library's handle, a context manager; it checks the header against the file."""
    if not path.exists():
        raise EngineError("not_found", place=str(path))
    if path.suffix == ".bin":
        return torch_zip.Archive(path)
    if path.suffix.lower() in PICKLES:
        raise EngineError("pickled_weights", place=str(path))
    try:
        return safe_open(path, framework="pt")
    except (SafetensorError, OSError) as error:
        raise _bad_weights(path, str(error)[:200]) from error


def _require_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    if not folder.exists():
        raise EngineError("not_found", place=str(folder))
    if folder.suffix.lower() in PICKLES:
        raise EngineError("pickled_weights", place=str(folder))
    reason = phrase("it is a file; choose the folder it is in")
    if folder.suffix.lower() == ".gguf":
        reason = phrase("it is a GGUF file, which the llama backend opens")
    raise EngineError("not_a_model_folder", place=str(folder), reason=reason)


def _stored_tensors(handles: list[tuple[Path, Any]], config: GPTConfig) -> dict[str, _Stored]:
    """All tensors under their full Hugging Face names, without those that say nothing."""
    names = FAMILIES[config.shape]
    stored = [_Stored(path, name, file) for path, file in handles for name in file.keys()]  # noqa: SIM118
    bare = not any(tensor.name.startswith(names.prefix) for tensor in stored)
    table = {}
    for tensor in stored:
        name = names.prefix + tensor.name if bare and tensor.name != names.head else tensor.name
        if not names.ignored.search(name) and not (config.tied and name == names.head):
            table[name] = tensor
    return table


def _trained_qkv_bias(stored: dict[str, _Stored], config: GPTConfig) -> bool:
    """Whether a model saved without these biases came back with some: other programs train the zeros too."""
    if config.shape != "gpt2" or config.qkv_bias:
        return False
    return any(bool(tensor.read().any()) for name, tensor in stored.items() if name.endswith("attn.c_attn.bias"))


def _check_tensors(stored: dict[str, _Stored], model: GPT, folder: Path, head: Mapping[str, tuple[int, ...]]) -> None:
    """The first tensor that is missing, of another shape, or not part of the model, named."""
    expected = tensor_shapes(model) | dict(head)
    for name, shape in expected.items():
        if name not in stored:
            raise EngineError("missing_tensor", place=str(folder), tensor=name)
        tensor = stored[name]
        if tensor.shape != shape:
            place, found = str(tensor.path), list(tensor.shape)
            raise EngineError("tensor_mismatch", place=place, tensor=tensor.name, found=found, expected=list(shape))
    for name, tensor in stored.items():
        if name not in expected:
            place, family = str(tensor.path), model.config.shape
            raise EngineError("unknown_tensor", place=place, tensor=tensor.name[:200], family=family)


def _bad_weights(path: Path, reason: str) -> EngineError:
    return EngineError("bad_weights", place=str(path), reason=reason)
