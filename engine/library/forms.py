"""In which form a model lies at a path: a GGUF file or a set of them, a model folder, an adapter or a classifier.

Judged by content, with a glance: no weights are read. Whether it can be opened is told by `description.trouble`.
"""

from __future__ import annotations

from pathlib import Path

from engine import paths
from engine.errors import EngineError
from engine.library import facts, model_list
from engine.phrases import phrase
from engine.runtime import gguf_parts
from engine.runtime.gguf_header import holds_gguf, read_type, shown

BACKENDS = {"gguf": "llama", "adapter-gguf": "llama", "folder": "gpt", "adapter": "gpt", "classifier": "gpt"}
STARTER = "starter"
ADAPTER_CONFIG = "adapter_config.json"
COPY_NOTE = "copied.json"  # ours, beside what we copied
_SMALL = (".json", ".jinja", ".model", ".txt", ".md", ".yaml")  # what lies in a model folder beside its weights
_PICKLES = (".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_PICKLE_STARTS = (b"\x80", b"PK\x03\x04")  # a pickle, and the archive torch.save puts one in


def form_at(path: Path, backend: str | None = None, kind: str | None = None) -> tuple[Path, str]:
    """(place, kind) of what lies at an existing path, the kind being one of BACKENDS.

    The place is the first file of a split GGUF, and the GGUF file or the folder itself where a folder was named.
    kind: what it was when somebody looked before, which saves reading how a GGUF file calls itself.
    Raises EngineError with a sentence for anything that is no model.
    """
    if path.is_dir():
        path = _in_folder(path, backend)
    if path.is_dir():
        if is_adapter(path):
            return path, "adapter"
        return path, "classifier" if is_classifier(path) else "folder"
    if not holds_gguf(path):
        raise _not_a_model(path)
    gguf_parts.check_there(path)
    path = gguf_parts.first(path)
    return path, kind if kind in ("gguf", "adapter-gguf") else _kind_of_gguf(path)


def exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def name_of(place: Path) -> str:
    """What a model there is called unless somebody says otherwise."""
    return place.resolve().name if place.is_dir() else gguf_parts.stem(place)


def files_of(place: Path, kind: str) -> list[Path]:
    """The files that make a model: those of a GGUF, or weights, settings, tokenizer and card of a folder.

    Files of a split GGUF are named whether they are there or not.
    """
    if kind in ("gguf", "adapter-gguf"):
        return gguf_parts.parts(place)
    small = [path for path in place.glob("*") if path.is_file() and _is_of_a_model(path)]
    return sorted({*facts.weight_files(place), *small})


def disk_bytes(found: list[Path]) -> int:
    """What these files take on the disk, as far as they are there."""
    return sum(path.stat().st_size for path in found if path.is_file())


def _is_of_a_model(path: Path) -> bool:
    named = path.name.upper().startswith(("LICENSE", "LICENCE", "NOTICE"))
    return named or (path.suffix in _SMALL and not path.name.startswith(".") and path.name != COPY_NOTE)


def ggufs_in(folder: Path) -> list[Path]:
    """The models among the GGUF files of a folder: split ones by their first file, image parts left out."""
    found = {gguf_parts.first(path) for path in folder.glob("*.gguf") if not is_image_part(path)}
    return sorted(found)


def image_parts(place: Path) -> list[Path]:
    """The files beside a GGUF model that teach it to see (`mmproj`). Seedling shows models no images."""
    return sorted(path for path in place.parent.glob("*.gguf") if is_image_part(path)) if place.is_file() else []


def is_image_part(path: Path) -> bool:
    return "mmproj" in path.name.lower()  # as llama.cpp and the Hub tell them


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter and no whole model."""
    return (folder / ADAPTER_CONFIG).is_file() and not (folder / "config.json").is_file()


def is_classifier(folder: Path) -> bool:
    """Whether a model folder tells classes of texts apart. What cannot be read is none."""
    try:
        config = folder / "config.json"
        return config.is_file() and facts.is_classifier(facts.read_json(config))
    except EngineError:
        return False


def base_of(folder: Path) -> Path:
    """Where the model lies that an adapter was made for, as adapter_config.json names it: by an absolute path, the
    name of a model in the library, or a repository whose folder is in the library or beside the adapter's.

    Raises EngineError `bad_json`, and `adapter_base` when it is not on this computer.
    """
    name = facts.read_json(folder / ADAPTER_CONFIG).get("base_model_name_or_path")
    if not isinstance(name, str) or not name.strip():
        raise EngineError("adapter_base", place=str(folder), base=phrase("a model it does not name"))
    if name.startswith(("\\\\", "//")):  # opening a share would tell its server who asks
        raise EngineError("network_path", place=shown(name))
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    listed = {name: row.path for name, row in model_list.read().items()} | {STARTER: str(paths.resource("starter"))}
    places = [Path(name)] if Path(name).is_absolute() else []
    places += [Path(listed[known]) for known in (name, last) if known in listed]
    places += [Path(path) for path in listed.values() if Path(path).name == last]
    places += [folder.resolve().parent / last] if last not in ("", ".", "..") else []
    for place in places:
        if exists(place) and is_base(place):
            return place
    raise EngineError("adapter_base", place=str(folder), base=shown(name))


def is_base(place: Path) -> bool:
    """Whether an adapter can lie over what is there: a model folder, one of LitGPT's, or a GGUF file."""
    if place.is_dir():
        return (place / "config.json").is_file() or facts.is_litgpt(place)
    return holds_gguf(place)


def _in_folder(folder: Path, backend: str | None) -> Path:
    """The folder itself when it is a model folder or an adapter, or the one GGUF model in it."""
    ggufs = ggufs_in(folder)
    is_model_folder = (folder / "config.json").is_file() or facts.is_litgpt(folder)
    if len(ggufs) == 1 and (not is_model_folder or backend == "llama"):
        return ggufs[0]
    if is_model_folder:
        return folder
    if ggufs:
        raise EngineError("several_ggufs", place=str(folder), example=shown(ggufs[0].name))
    if is_adapter(folder):
        return folder
    raise EngineError("folder_without_config", place=str(folder))


def _kind_of_gguf(path: Path) -> str:
    try:
        return "adapter-gguf" if read_type(path) == "adapter" else "gguf"
    except EngineError:  # what is wrong with it is said where it is opened
        return "gguf"


def _not_a_model(path: Path) -> EngineError:
    start = facts.first_bytes(path, 9)
    place = str(path)
    if not start:
        return EngineError("empty_file", place=place)
    if path.suffix == ".gguf":
        return EngineError("gguf_not", place=path.name)
    # The length before a safetensors header can look like a pickle; the header itself is JSON.
    safetensors = path.suffix == ".safetensors" and start[8:] == b"{"
    if path.suffix.lower() in _PICKLES or (start.startswith(_PICKLE_STARTS) and not safetensors):
        return EngineError("pickled_weights", place=place)
    if path.suffix == ".safetensors":
        return EngineError("weights_alone", place=place)
    return EngineError("not_a_model", place=place)
