"""The export job: a model becomes a GGUF file, checked if asked for, or a folder of Hugging Face's or LitGPT's form.

An adapter folder is exported as the model that it makes of its base, or with `adapter-gguf` as an adapter alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch

from engine import files
from engine.errors import EngineError
from engine.events import Event, Finished, Log, Progress, Started
from engine.gpt import adapter_gguf, check, gguf, hf, litgpt, lora, opening
from engine.gpt.hf_names import tensor_names
from engine.jobs import JobContext
from engine.library import lineage
from engine.library.forms import base_of, is_adapter
from engine.phrases import Phrase, one_or_many, phrase
from engine.runtime.gguf_header import MAGIC

PACKAGES = ("ollama", "llamafile", "vllm")
FORMATS = ("gguf", "hf", "litgpt", "adapter-gguf", *PACKAGES)
FOLDER_TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}


def export(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """Write `params["model"]` (what `opening.open_model` opens, a run, or a name in the library) to `params["out"]`.

    to: one of `FORMATS`, by default gguf. quantize: a type of `gguf.TYPES`, by default f32, also in what holds a GGUF
    (ollama, llamafile); for the others one of `FOLDER_TYPES`. check: for GGUF files, prove the file before it takes its
    name. runner: for llamafile, the program that the GGUF goes into. cards: for vllm, how many graphics cards the
    recipe is for, by default 2. An `out` that does not end in .gguf is a folder, but for a llamafile.
    Ends with Finished("done", {"out", "to", "type", "types", "bits_per_weight", "size_bytes", "check", ...}), or with
    Finished("cancelled"), looked at between the phases: then nothing was written. Raises EngineError.
    """
    place = opening.find(params["model"])
    name = opening.name_of(place)
    to, type, checked = params.get("to") or "gguf", params.get("quantize") or "f32", bool(params.get("check"))
    if to not in FORMATS:
        raise EngineError("unknown_export", to=to, known=", ".join(FORMATS))
    out = Path(params["out"]).expanduser()
    phases = _Phases(context)
    try:
        if to in ("hf", "litgpt"):
            yield from _to_folder(place, out, to, type, checked, phases)
        elif to in PACKAGES:
            yield from _to_package(place, out, to, type, params, phases)
        elif to == "adapter-gguf":
            yield from _to_adapter(place, name, _file(out, name, type), type, checked, phases)
        else:
            yield from _to_gguf(place, name, _file(out, name, type), type, checked, phases)
    except CancelledError:
        yield Finished("cancelled")


# --- GGUF ------------------------------------------------------------------------------------------------------------


def _to_gguf(place: Path, name: str, out: Path, type: str, checked: bool, phases: _Phases) -> Iterator[Event]:
    if type not in gguf.TYPES:
        raise EngineError("unknown_gguf_type", type=type, known=", ".join(gguf.TYPES))
    _refuse_other_file(out)
    yield Started("export", {"model": str(place), "out": str(out), "to": "gguf", "type": type})
    quantized = type in gguf.QUANTIZED
    exact = type == "f32" or quantized or checked  # whether the float32 form is written
    phases.total = 1 + exact + (type != "f32") + checked * (1 + (type != "f32"))

    yield phases.next(phrase("Reading the model"))
    model, tokenizer = opening.open_model(place)
    general = _general(place, name)
    with ExitStack() as stack:
        partial = stack.enter_context(files.whole_file(out))
        f32 = partial
        if type != "f32":
            f32 = stack.enter_context(files.scratch(out)) / "f32.gguf"
        if exact:
            yield phases.next(phrase("Writing {type}", type="f32"))
            gguf.write_gguf(model, tokenizer, f32, "f32", general)
        if quantized:
            yield phases.next(phrase("Writing {type}", type=type))
            gguf.quantize_gguf(f32, partial, type)
        elif type != "f32":
            yield phases.next(phrase("Writing {type}", type=type))
            gguf.write_gguf(model, tokenizer, partial, type, general)
        contents = gguf.read_contents(partial, type)
        if contents.fallbacks:
            yield Log("warning", _fallback_sentence(contents))
        if (context := gguf.context_of(model.config)) < model.config.context:
            yield Log("warning", _window_sentence(context, model.config.context))
        parity = likeness = None
        if checked:
            yield phases.next(phrase("Checking {type} with llama.cpp", type="f32"))
            parity = check.check_parity(model, tokenizer, f32)
            if type != "f32":
                yield phases.next(phrase("Checking {type} with llama.cpp", type=type))
                likeness = check.check_likeness(model, tokenizer, partial, type)
        phases.look()
    proof = None if parity is None else check.to_json(parity, likeness)
    yield Finished("done", {"out": str(out), "to": "gguf", **contents.to_json(), "check": proof})


def _general(place: Path, name: str) -> dict[str, str]:
    """The texts for the card in a file. Where things lie on this machine is nobody else's business."""
    licence, origin = opening.licence_of(place), lineage.of(place)
    texts = {"name": name} | ({"license": licence} if licence else {})
    if parent := origin["parent"]:
        texts["base_model.0.name"] = Path(parent).name if Path(parent).is_absolute() else parent
    return texts | {f"dataset.{number}.name": file for number, file in enumerate(origin["data"])}


def _file(out: Path, name: str, type: str) -> Path:
    """Where the GGUF goes: `out` itself, or inside it under the model's name."""
    return out if out.suffix == ".gguf" and not out.is_dir() else out / f"{name}-{type}.gguf"


def _refuse_other_file(path: Path) -> None:
    """A GGUF of the same name is replaced, whole or not at all; anything else is not ours to replace."""
    if path.is_dir():
        raise EngineError("export_name_taken", place=str(path))
    if path.exists():
        with open(path, "rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise EngineError("export_name_taken", place=str(path))


def _fallback_sentence(contents: gguf.Contents) -> Phrase:
    example, instead = next(iter(contents.fallbacks.items()))
    return one_or_many(
        len(contents.fallbacks),
        "{count:,} matrix did not take the type {type}, because its rows do not divide into its blocks: "
        "{example} is {instead}.",
        "{count:,} matrices did not take the type {type}, because their rows do not divide into its blocks: "
        "{example} is {instead}.",
        type=contents.type,
        example=example,
        instead=instead,
    )


def _window_sentence(context: int, whole: int) -> Phrase:
    return phrase(
        "The file offers {context:,} positions instead of {whole:,}: llama.cpp lets this kind of model see beyond its "
        "window of {context:,}, where it would no longer be the same model.",
        context=context,
        whole=whole,
    )


# --- adapter alone ---------------------------------------------------------------------------------------------------


def _to_adapter(folder: Path, name: str, out: Path, type: str, checked: bool, phases: _Phases) -> Iterator[Event]:
    if not is_adapter(folder):
        raise EngineError("adapter_wanted", place=str(folder), to="adapter-gguf")
    if type not in FOLDER_TYPES:
        raise EngineError("unknown_gguf_type", type=type, known=", ".join(FOLDER_TYPES))
    if checked and type != "f32":
        raise EngineError("usage", reason="--check compares an adapter in f32 with its model; leave out --quantize")
    _refuse_other_file(out)
    yield Started("export", {"model": str(folder), "out": str(out), "to": "adapter-gguf", "type": type})
    base = base_of(folder)
    phases.total = 2 + (2 + base.is_file()) * checked
    yield phases.next(phrase("Reading the model"))
    model, tokenizer, config = opening.open_adapter(folder)
    parity = likeness = None
    with ExitStack() as stack:
        partial = stack.enter_context(files.whole_file(out))
        yield phases.next(phrase("Writing {type}", type=type))
        contents = adapter_gguf.write_adapter(model, config, partial, type, _general(folder, name))
        if checked:
            f32 = stack.enter_context(files.scratch(out)) / "f32.gguf"
            yield phases.next(phrase("Writing the model under it"))
            gguf.write_gguf(opening.open_model(base)[0], tokenizer, f32)
            yield phases.next(phrase("Checking both with llama.cpp"))
            lora.merge(model)
            parity = check.check_parity(model, tokenizer, f32, partial)
            if base.is_file():
                yield phases.next(phrase("Checking it over {base} with llama.cpp", base=base.name))
                likeness = check.check_likeness(model, tokenizer, base, check.SAME_WEIGHTS, partial)
        phases.look()
    proof = None if parity is None else check.to_json(parity, likeness)
    yield Finished("done", {"out": str(out), "to": "adapter-gguf", **contents.to_json(), "check": proof})


# --- model folder ----------------------------------------------------------------------------------------------------


def _to_folder(place: Path, out: Path, to: str, type: str, checked: bool, phases: _Phases) -> Iterator[Event]:
    if type not in FOLDER_TYPES:
        raise EngineError("unknown_folder_type", type=type, known=", ".join(FOLDER_TYPES))
    if checked:
        raise EngineError("usage", reason="--check compares a GGUF file with its model; a model folder needs none")
    if out.resolve() == place.resolve():
        raise EngineError("usage", reason=f"{out} is the model itself; choose another folder")
    yield Started("export", {"model": str(place), "out": str(out), "to": to, "type": type})
    phases.total = 2
    yield phases.next(phrase("Reading the model"))
    model, tokenizer = opening.open_model(place)
    yield phases.next(phrase("Writing {type}", type=type))
    card, dtype = opening.card_of(place, model), FOLDER_TYPES[type]
    if to == "litgpt":
        litgpt.save(model, tokenizer, out, opening.name_of(place), dtype, card)
        names = litgpt.tensor_names(model.config)
    else:
        hf.save(model, tokenizer, out, card, dtype)
        names = tensor_names(model.config)
    weights, size = sum(parameter.numel() for parameter in model.parameters()), FOLDER_TYPES[type].itemsize
    types = {type.upper(): {"tensors": len(names), "bytes": weights * size}}
    yield Finished(
        "done",
        {
            "out": str(out),
            "to": to,
            "type": type,
            "types": types,
            "bits_per_weight": 8.0 * size,
            "size_bytes": sum(path.stat().st_size for path in out.iterdir()),
            "check": None,
        },
    )


# --- packed for other programs ---------------------------------------------------------------------------------------


def _to_package(
    place: Path, out: Path, to: str, type: str, params: dict[str, Any], phases: _Phases
) -> Iterator[Event]:  # fmt: skip
    from engine.gpt import packages

    known = tuple(FOLDER_TYPES) if to == "vllm" else gguf.TYPES
    if type not in known:
        raise EngineError("unknown_gguf_type", type=type, known=", ".join(known))
    if params.get("check"):
        raise EngineError("usage", reason="--check compares a GGUF file alone; write that first with --to gguf")
    if to == "llamafile" and not params.get("runner"):
        raise EngineError("usage", reason="Name llamafile's program, which the model goes into: --runner FILE")
    yield Started("export", {"model": str(place), "out": str(out), "to": to, "type": type})
    phases.total = 2
    yield phases.next(phrase("Reading the model"))
    model, tokenizer = opening.open_model(place)
    yield phases.next(phrase("Writing {type}", type=type))
    name = opening.name_of(place)
    if to == "vllm":
        packages.to_server(model, tokenizer, place, out, FOLDER_TYPES[type], int(params.get("cards") or 2))
        size = sum(path.stat().st_size for path in (out / "model").iterdir())
        written = {"type": type, "types": {}, "bits_per_weight": 8.0 * FOLDER_TYPES[type].itemsize, "size_bytes": size}
    else:
        general = _general(place, name)
        if to == "ollama":
            contents = packages.to_ollama(model, tokenizer, name, general, out, type)
        else:
            runner = Path(params["runner"]).expanduser()
            contents = packages.to_llamafile(model, tokenizer, name, general, out, type, runner)
        written = contents.to_json()
    yield Finished("done", {"out": str(out), "to": to, **written, "check": None})


# --- phases ----------------------------------------------------------------------------------------------------------


class _Phases:
    """Counts the phases of an export. Between two of them, `CancelledError` leaves the work through every `with`
    when the person pressed Stop, so that nothing takes its final name.
    """

    def __init__(self, context: JobContext) -> None:
        self._context, self._done, self.total = context, 0, 0

    def next(self, message: Phrase) -> Progress:
        self.look()
        self._done += 1
        return Progress(self._done - 1, self.total, "phases", message)

    def look(self) -> None:
        if self._context.cancelled.is_set():
            raise CancelledError
