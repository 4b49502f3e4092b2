"""`seedling export`: write a model as GGUF, as a model folder or as LitGPT's, and check what was written."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from engine import jobs
from engine.events import Event, Finished, Log, Progress

HELP = "write a model as GGUF, as a model folder or as LitGPT's"
_MODEL = (
    "a run, a model folder, an adapter folder, a GGUF file, a LitGPT folder, a checkpoint (.pth) of the textbook, or a "
    "name from `seedling models list`"
)
_TO = (
    "gguf: one file; hf: a model folder; litgpt: lit_model.pth and model_config.yaml; adapter-gguf: an adapter alone, "
    "as llama.cpp lays it over its model; ollama: a folder with a Modelfile; llamafile: one program; vllm: a folder "
    "for servers, with a recipe for several graphics cards"
)


_FORMATS = ("gguf", "hf", "litgpt", "adapter-gguf", "ollama", "llamafile", "vllm")  # those of gpt/export.py, no torch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=_MODEL)
    parser.add_argument("out", metavar="OUT", help="the file (gguf) or folder (hf, litgpt) to write")
    parser.add_argument("--to", choices=_FORMATS, required=True, help=_TO)
    parser.add_argument("--quantize", metavar="TYPE", help="f32, f16, bf16, q8_0, q4_k_m, ...; without it, f32")
    parser.add_argument(
        "--check", action="store_true", help="compare the GGUF with the model before it is put in place"
    )
    parser.add_argument(
        "--runner", metavar="FILE", help="llamafile: the program from github.com/Mozilla-Ocho/llamafile"
    )
    parser.add_argument(
        "--cards", metavar="N", type=int, default=2, help="vllm: graphics cards to train on (default 2)"
    )


def run(args: argparse.Namespace) -> Iterator[Event]:
    """The events of the job `export`."""
    params = {name: getattr(args, name) for name in ("model", "out", "to", "quantize", "check", "runner", "cards")}
    return jobs.find("export")(params, args.context)


def show(event: Event) -> None:
    match event:
        case Log():
            print(event.text, flush=True)
        case Progress():
            print(f"{event.message} ...", flush=True)
        case Finished(reason="done", stats=stats):
            for name, text in _rows(stats):
                print(f"{name:8}{text}")
            proven = "proven to answer like the model" if stats["check"] else "not checked"
            print(f"{stats['out']} is written, {proven}.")


def _rows(stats: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A table of what was written and what the check found: (name of the row, or nothing; text)."""
    yield "size", f"{stats['size_bytes']:,} bytes, {stats['bits_per_weight']:.2f} bits per weight"
    for number, (name, found) in enumerate(stats["types"].items()):
        yield "" if number else "types", f"{name:6} {found['tensors']:5} tensors {found['bytes']:15,} bytes"
    if not stats["check"]:
        return
    parity, likeness = stats["check"]["parity"], stats["check"]["likeness"]
    difference = f"logits differ by {parity['max_logit_difference']:.1e} at most (limit {parity['limit']:.1e})"
    ties = f", {len(parity['ties'])} of them ties" if parity["ties"] else ""
    yield "check", f"f32: {difference}, over {parity['positions']} positions"
    yield "", f"f32: the same {parity['greedy_tokens']} greedy tokens{ties}"
    if likeness:
        divergence = (
            f"KL divergence {likeness['mean_kl']:.1e} on average, {likeness['kl_99']:.1e} at the 99th percentile"
        )
        yield "", f"{stats['type']}: {divergence}, over {likeness['positions']} positions"
        perplexity = f"perplexity {likeness['file_perplexity']:.2f} instead of {likeness['perplexity']:.2f}"
        yield "", f"{stats['type']}: {likeness['same_argmax']:.1%} the same likeliest token, {perplexity}"
