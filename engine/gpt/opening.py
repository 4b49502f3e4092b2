"""Open a model to train it or to write it elsewhere, in whatever form it lies on the disk."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.gpt import adapter, gguf_import, hf, litgpt, lora, textbook, torch_zip
from engine.gpt.assembly import OnLoad, unheard
from engine.gpt.config import GPTConfig
from engine.gpt.lora import LoRAConfig
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.library import facts
from engine.library.forms import base_of, is_adapter
from engine.library.models import resolve
from engine.runtime import gguf_parts
from engine.runtime.gguf_header import MAGIC, read_header


def find(model: str | Path) -> Path:
    """Where the model lies that is meant: a run's, a path, or a name in the library.

    Raises EngineError as `library.models.resolve` does.
    """
    path = Path(model)
    run = path / "model"
    if (run / "config.json").is_file() or is_adapter(run):
        return run
    if is_adapter(path) or facts.is_litgpt(path) or (path.is_file() and torch_zip.is_archive(path)):
        return path
    return resolve(model, "gpt" if str(model) == "starter" else None).path


def name_of(path: Path) -> str:
    """What to call the model there."""
    place = path.resolve()
    if path.is_file():
        return place.stem
    return place.parent.name if place.name == "model" else place.name


def open_model(path: Path, on_load: OnLoad = unheard) -> tuple[GPT, Tokenizer]:
    """The model and its tokenizer: float32, in evaluation mode.

    path: a model folder, an adapter's folder (which is merged into its base), a GGUF file, a folder of LitGPT's, or a
    checkpoint of the textbook. on_load: an exception out of it ends the loading and is raised here. Raises EngineError
    as their modules do, and `adapter_base` where an adapter's base is not on this computer.
    """
    if not is_adapter(path):
        return _form(path).load(path, on_load)
    model, tokenizer, _ = open_adapter(path, on_load)
    lora.merge(model)
    return model, tokenizer


def open_adapter(folder: Path, on_load: OnLoad = unheard) -> tuple[GPT, Tokenizer, LoRAConfig]:
    """The base of an adapter folder with the adapter beside its matrices, the tokenizer, and the adapter's settings.

    Raises EngineError as `open_model` does.
    """
    base = base_of(folder)
    model, tokenizer = _form(base).load(base, on_load)
    config = adapter.attach(model, folder)
    return model, Tokenizer.load(folder) if (folder / "tokenizer.json").is_file() else tokenizer, config


def read_config(path: Path) -> GPTConfig:
    """The configuration of what `open_model` opens, for which no weights are read. Raises EngineError as it does."""
    place = base_of(path) if is_adapter(path) else path
    return _form(place).read_config(place)


@dataclass(frozen=True)
class _Form:
    """How a whole model lies on the disk."""

    load: Callable[[Path, OnLoad], tuple[GPT, Tokenizer]]
    read_config: Callable[[Path], GPTConfig]


_GGUF = _Form(gguf_import.load, gguf_import.read_config)
_TEXTBOOK = _Form(textbook.load, textbook.read_config)
_LITGPT = _Form(litgpt.load, litgpt.read_config)
_FOLDER = _Form(
    lambda path, on_load: (hf.load(path, on_load), Tokenizer.load(path)),
    lambda path: hf.read_config(path / "config.json"),
)


def _form(path: Path) -> _Form:
    if path.is_file():
        return _TEXTBOOK if torch_zip.is_archive(path) else _GGUF
    return _LITGPT if facts.is_litgpt(path) else _FOLDER


def weight_files(path: Path) -> list[Path]:
    """The files that hold the weights. Raises EngineError as `hf.weight_files` does."""
    if path.is_file():
        return gguf_parts.parts(path)
    return [path / litgpt.WEIGHTS] if facts.is_litgpt(path) else hf.weight_files(path)


def licence_of(path: Path) -> str | None:
    """The licence that the model's card names, by its identifier; for an adapter else that of its base."""
    if path.is_dir():
        return facts.licence(path / "README.md") or (licence_of(base_of(path)) if is_adapter(path) else None)
    if facts.first_bytes(path, len(MAGIC)) != MAGIC:
        return None
    text = read_header(path).text("general.license")
    return text if re.fullmatch(r"[\w.+-]{1,100}", text) else None


def card_of(path: Path, model: GPT) -> str:
    """The card to write beside a copy of the model: its own, else one that keeps its licence."""
    own = (base_of(path) if is_adapter(path) else path) / "README.md"
    if own.is_file():
        return own.read_text(encoding="utf-8", errors="replace")
    card, licence = hf.default_card(model, name_of(path)), licence_of(path)
    return card.replace("---\n", f"---\nlicense: {licence}\n", 1) if licence else card
