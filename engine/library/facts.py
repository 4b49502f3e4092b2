"""What a model file or folder says about itself, read with bounds and without loading it."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

from engine.errors import EngineError, from_os_error
from engine.gpt.config import SHAPES
from engine.library import quantization
from engine.phrases import phrase
from engine.runtime import gguf_parts
from engine.runtime.gguf_header import GGUFArray, GGUFHeader, shown

CLASSIFIER = "ForSequenceClassification"  # what transformers calls a model with a head for classes
_LARGEST_JSON_BYTES = 64 << 20  # an index of a model in thousands of shards stays below
_LARGEST_TEMPLATE_BYTES = 4 << 20
_LARGEST_HEADER_BYTES = 100_000_000  # the limit of the safetensors format
_LICENCE = re.compile(r"""^license:[ \t]*["']?([\w.+-]{1,100})["']?[ \t]*$""", re.MULTILINE)
_NEEDED = ("config.json", "tokenizer.json")
_LITGPT = ("lit_model.pth", "model_config.yaml")
_WEIGHTS = ("*.safetensors", _LITGPT[0], "pytorch_model*.bin")  # the first of these that is there counts


def is_litgpt(folder: Path) -> bool:
    """Whether a folder is one of LitGPT's and has its weights in no other form."""
    return all((folder / name).is_file() for name in _LITGPT) and not any(folder.glob("*.safetensors"))


def of_gguf(header: GGUFHeader) -> dict[str, Any]:
    """What the header of a GGUF model, in one file or several, or of an adapter says."""
    tokens = header.metadata.get("tokenizer.ggml.tokens")
    weight_bytes = sum(tensor.size for tensor in header.tensors.values())
    return {
        "architecture": shown(header.architecture),
        "parameters": header.parameters,
        "size_bytes": header.file_size,
        "bits_per_weight": round(8 * weight_bytes / header.parameters, 2) if header.parameters else None,
        "quantization": quantization.of_gguf(header),
        "types": header.tensor_types(),
        "context": header.model_value("context_length"),
        "vocabulary": len(tokens) if isinstance(tokens, GGUFArray) else None,
        "template": bool(header.text("tokenizer.chat_template")),
        "licence": shown(header.text("general.license")) or None,
    }


def of_folder(folder: Path) -> dict[str, Any]:
    """What a model folder says. Raises EngineError when a JSON file or the header of a weight file cannot be read."""
    config = config_of(folder)
    weights = sorted(folder.glob("*.safetensors"))
    tensors = [tensor for file in weights for tensor in _safetensors_header(file)]
    elements: Counter[str] = Counter()
    for kind, count, _ in tensors:
        elements[kind] += count
    parameters = elements.total()
    tensor_bytes = sum(size for _, _, size in tensors)
    return {
        "architecture": shown(config.get("model_type", "")),
        "parameters": parameters or None,  # only headers of safetensors tell
        "size_bytes": weight_bytes(folder),
        "bits_per_weight": round(8 * tensor_bytes / parameters, 2) if parameters else None,
        "quantization": quantization.of_folder(config, elements),
        "types": dict(Counter(kind for kind, _, _ in tensors).most_common()),
        "context": _number(config, "max_position_embeddings", "n_positions", "n_ctx"),
        "vocabulary": _number(config, "vocab_size"),
        "template": bool(template_of(folder)),
        "licence": licence(folder / "README.md"),
    }


def config_of(folder: Path) -> dict[str, Any]:
    """Its config.json; {} where there is none."""
    return read_json(folder / "config.json") if (folder / "config.json").is_file() else {}


def check_folder(folder: Path) -> None:
    """Raises EngineError when a file that a model folder needs is missing or plainly unusable."""
    litgpt = is_litgpt(folder)
    for name in _NEEDED[litgpt:]:
        if not (folder / name).is_file():
            raise EngineError("missing_file", place=str(folder), file=name)
    if litgpt:
        return
    if not any(folder.glob("*.safetensors")):
        if any(folder.glob("pytorch_model*.bin")) or any(folder.glob("*.pt*")):
            raise EngineError("pickled_weights", place=str(folder))
        raise EngineError("missing_file", place=str(folder), file="model.safetensors")
    family = read_json(folder / "config.json").get("model_type")
    if family not in SHAPES:
        raise EngineError("unknown_family", place=str(folder), family=shown(family), known=", ".join(SHAPES))
    for name in _shards(folder):
        if not (folder / name).is_file():
            raise EngineError("missing_file", place=str(folder), file=shown(name))


def is_classifier(config: dict[str, Any]) -> bool:
    """Whether a config.json is that of a model for classes of texts."""
    names = config.get("architectures")
    return isinstance(names, list) and any(isinstance(name, str) and name.endswith(CLASSIFIER) for name in names)


def first_bytes(path: Path, count: int) -> bytes:
    """Raises EngineError with the system's complaint."""
    try:
        with open(path, "rb") as file:
            return file.read(count)
    except OSError as error:
        raise from_os_error(error) from None


def weight_bytes(place: Path) -> int:
    """The size of a GGUF model, or of the weight files in a folder. Raises OSError."""
    return sum(file.stat().st_size for file in (gguf_parts.parts(place) if place.is_file() else weight_files(place)))


def weight_files(folder: Path) -> list[Path]:
    """The weight files in a folder, by their names."""
    return next((found for pattern in _WEIGHTS if (found := sorted(folder.glob(pattern)))), [])


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file of bounded size. Raises EngineError `bad_json`, or the system's."""
    raw = first_bytes(path, _LARGEST_JSON_BYTES)
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise EngineError("bad_json", place=str(path), reason=str(error)[:200]) from None
    if not isinstance(data, dict):
        raise EngineError("bad_json", place=str(path), reason=phrase("it is not an object"))
    return data


def _shards(folder: Path) -> list[str]:
    """The files that an index names; only their plain names count, so none can lie elsewhere."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return []
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict):
        raise EngineError("bad_json", place=str(index), reason=phrase("it has no weight_map"))
    return sorted({Path(str(name)).name for name in names.values()})


def _safetensors_header(path: Path) -> list[tuple[str, int, int]]:
    """(type, elements, bytes) of every tensor. Format: huggingface.co/docs/safetensors."""
    length = int.from_bytes(first_bytes(path, 8), "little")
    if not 2 <= length <= min(_LARGEST_HEADER_BYTES, path.stat().st_size - 8):
        raise EngineError("bad_weights", place=str(path), reason=phrase("its header does not fit in the file"))
    try:
        header = json.loads(first_bytes(path, 8 + length)[8:])
        return [_tensor(tensor) for name, tensor in header.items() if name != "__metadata__"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        reason = phrase("its header is not what safetensors writes")
        raise EngineError("bad_weights", place=str(path), reason=reason) from None


def _tensor(tensor: dict[str, Any]) -> tuple[str, int, int]:
    shape, (start, end) = tensor["shape"], tensor["data_offsets"]
    if len(shape) > 16 or not all(isinstance(size, int) and 0 <= size < 1 << 62 for size in (*shape, start, end)):
        raise ValueError("no shape or place of a tensor")
    return shown(tensor["dtype"], 12), math.prod(shape), end - start


def _number(config: dict[str, Any], *keys: str) -> int | None:
    return next((config[key] for key in keys if isinstance(config.get(key), int)), None)


def template_of(folder: Path) -> str:
    """All chat templates of a model folder, one after the other; empty where there is none. Raises EngineError."""
    texts = [
        first_bytes(file, _LARGEST_TEMPLATE_BYTES).decode("utf-8", "replace")
        for file in (folder / "chat_template.jinja", *sorted(folder.glob("additional_chat_templates/*.jinja")))
        if file.is_file()
    ]
    settings = folder / "tokenizer_config.json"
    found = read_json(settings).get("chat_template") if settings.is_file() else None
    named = [each.get("template") for each in found if isinstance(each, dict)] if isinstance(found, list) else [found]
    return "\n".join([*texts, *(text for text in named if isinstance(text, str))])


def licence(card: Path) -> str | None:
    """The licence that the front matter of a model card names, by its identifier."""
    if not card.is_file():
        return None
    text = first_bytes(card, 4096).decode("utf-8", "replace")
    found = _LICENCE.search(text.split("\n---", 1)[0]) if text.startswith("---") else None
    return found[1] if found else None
