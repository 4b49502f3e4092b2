"""Models packed for other programs: for Ollama, as a llamafile, and as a folder for servers and several graphics cards.

Each is written beside and takes its name when it is whole. What cannot be made here is said: a llamafile needs the
program that runs it, which the person names.
"""

from __future__ import annotations

import shutil
import stat
import zipfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from engine import files
from engine.errors import EngineError
from engine.gpt import gguf, hf, ollama, opening
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.training import recipe as recipes
from engine.training.run import Run

_ALIGNMENT = 65536  # llamafile maps weights into memory from such a place: its zipalign's default
_ZIP_HEADER = 30  # bytes before a name in a ZIP

_OLLAMA = """# {name} for Ollama

    ollama create {tag} -f Modelfile
    ollama run {tag}

Both in this folder. {template}
"""
_TEMPLATE = "The Modelfile holds the model's chat template."
_NO_TEMPLATE = (
    "The model's chat template does more than a Modelfile can say, so it was left out: Ollama takes the one it "
    "recognises in the GGUF. Compare a reply with Seedling's."
)

_SERVER = """# {name}

`model/` is a model folder as transformers and vLLM open it.

Serve it, with an interface like OpenAI's at port 8000:

    vllm serve ./model --served-model-name {tag}
"""
_SEVERAL = """
Train it again on {cards} graphics cards of one machine, with Seedling installed there:

    torchrun --nproc-per-node {cards} -m engine train recipe.toml --out run

`recipe.toml` is that of this model; its data and what it began from lie beside it. For more cards, raise
`accumulation`, which must be at least as many, and lower `batch_size`, so that both multiply to the same. Hold the
losses against those here before a long run.
"""


def to_ollama(
    model: GPT, tokenizer: Tokenizer, name: str, general: dict[str, str], out: Path, type: str
) -> gguf.Contents:
    """A folder with the GGUF, its Modelfile, and how to import it. Raises EngineError."""
    turns, tag = ollama.turns_of(tokenizer), tag_of(name)
    with _new_folder(out) as partial:
        file = partial / f"{tag}-{type}.gguf"
        contents = gguf.write_gguf(model, tokenizer, file, type, general)
        context = gguf.context_of(model.config)
        (partial / "Modelfile").write_text(ollama.modelfile(file.name, tokenizer, turns, context), "utf-8")
        template = _TEMPLATE if turns is not None else _NO_TEMPLATE
        (partial / "README.md").write_text(_OLLAMA.format(name=name, tag=tag, template=template), "utf-8")
    return contents


def to_server(model: GPT, tokenizer: Tokenizer, place: Path, out: Path, dtype: Any, cards: int) -> None:
    """A folder with the model, how to serve it and, of a run, a recipe that trains it on several graphics cards."""
    name = opening.name_of(place)
    with _new_folder(out) as partial:
        hf.save(model, tokenizer, partial / "model", opening.card_of(place, model), dtype)
        text = _SERVER.format(name=name, tag=tag_of(name))
        if (place.parent / "run.json").is_file():
            _write_recipe(Run.open(place.parent), partial, cards)
            text += _SEVERAL.format(cards=cards)
        (partial / "README.md").write_text(text, "utf-8")


def to_llamafile(
    model: GPT, tokenizer: Tokenizer, name: str, general: dict[str, str], out: Path, type: str, runner: Path
) -> gguf.Contents:
    """One program: the runner with the GGUF inside, where llamafile looks for it. Raises EngineError `no_runner`.

    What llamafile's own zipalign does (github.com/Mozilla-Ocho/llamafile, "Creating llamafiles"): the GGUF goes, not
    compressed, into the ZIP at the end of the program, at a multiple of 65,536 bytes, beside `.args`, its arguments.
    """
    if not runner.is_file() or not zipfile.is_zipfile(runner):
        raise EngineError("no_runner", place=str(runner))
    if out.exists() and not zipfile.is_zipfile(out):
        raise EngineError("export_name_taken", place=str(out))
    tag = tag_of(name)
    with files.whole_file(out) as partial, files.scratch(out) as folder:
        file = folder / "model.gguf"
        contents = gguf.write_gguf(model, tokenizer, file, type, general)
        shutil.copyfile(runner, partial)
        with zipfile.ZipFile(partial, "a") as archive:
            _store_aligned(archive, file, f"{tag}-{type}.gguf")
            archive.writestr(".args", f"-m\n{tag}-{type}.gguf\n...\n")
        partial.chmod(runner.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return contents


def tag_of(name: str) -> str:
    """A name as Ollama and servers take it: lower case, of letters, digits, dots, dashes."""
    kept = "".join(each if each.isascii() and (each.isalnum() or each in "-.") else "-" for each in name.lower())
    return kept.strip("-.") or "model"


def _store_aligned(archive: zipfile.ZipFile, file: Path, name: str) -> None:
    """Put a file into the archive, uncompressed, so that its first byte is at a multiple of _ALIGNMENT."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_STORED
    info.file_size = file.stat().st_size
    large = info.file_size > zipfile.ZIP64_LIMIT
    header = _ZIP_HEADER + len(name.encode()) + (20 if large else 0)
    start = archive.start_dir  # the directory that stands there is written again behind it all
    gap = -(start + header) % _ALIGNMENT
    assert archive.fp is not None
    archive.fp.seek(start)
    archive.fp.write(bytes(gap))
    archive.start_dir = start + gap
    with open(file, "rb") as source, archive.open(info, "w", force_zip64=large) as target:
        shutil.copyfileobj(source, target, 2**20)


def _write_recipe(run: Run, folder: Path, cards: int) -> None:
    """What was asked of the run, for as many cards, with its data and its parent beside it."""
    asked = dict(run.info["asked"])
    for name in ("out", "threads"):  # of this machine
        asked.pop(name, None)
    asked |= {"data": _copied(run.recipe.data, folder / "data"), "name": run.recipe.name}
    if run.recipe.replay:
        asked["replay"] = _copied(run.recipe.replay, folder / "replay")
    if run.recipe.model is not None:
        parent = opening.find(run.info["parent"])
        model, tokenizer = opening.open_model(parent)
        hf.save(model, tokenizer, folder / "parent", opening.card_of(parent, model))
        asked["model"] = "parent"
    together = run.recipe.batch_size * run.recipe.accumulation
    if run.recipe.accumulation < cards:
        asked |= {"accumulation": cards, "batch_size": -(-together // cards)}
    (folder / "recipe.toml").write_text(recipes.to_toml(recipes.make(asked)), "utf-8")


def _copied(paths: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """Files or folders copied into the folder; what they are called from beside it. Raises EngineError `not_found`."""
    folder.mkdir()
    for number, path in enumerate(map(Path, paths)):
        target = folder / (path.name if len(paths) == 1 else f"{number + 1}-{path.name}")
        shutil.copytree(path, target) if path.is_dir() else shutil.copyfile(path, target)
    return tuple(f"{folder.name}/{each.name}" for each in sorted(folder.iterdir()))


def _new_folder(out: Path) -> AbstractContextManager[Path]:
    """`files.whole_folder`, where nothing is lost by it. Raises EngineError `folder_not_empty`."""
    held = (next(out.iterdir(), None) if out.is_dir() else out) if out.exists() else None
    if held is not None:
        raise EngineError("folder_not_empty", place=str(out), file=held.name)
    return files.whole_folder(out)
