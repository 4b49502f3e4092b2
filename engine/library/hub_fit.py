"""Whether what a repository offers would fit this computer, and which of its quantizations to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine import hardware
from engine.library import catalogue, learned, memory_fit
from engine.library.hub_files import Choice
from engine.library.memory_fit import Need
from engine.library.quantization_names import BITS
from engine.runtime.gguf_header import GGUFHeader

CONTEXT = 4096  # positions that verdicts are for, as `memory_fit.rough` has them
_USUAL = "q4_k_m"  # what a list assumes of a repository whose files nobody has asked for
# The best of the middle first: below, answers get noticeably worse, and above they hardly get better, only slower.
_PREFERRED = ("q4_k_m", "ud-q4_k_xl", "mxfp4", "q4_k_s", "iq4_xs", "q4_0", "q5_k_m", "q6_k", "q8_0", "q3_k_m", "iq3_m")


@dataclass(frozen=True)
class Room:
    """Memory to be judged by. freed: bytes that unloading would give back. gpus: free bytes of each."""

    memory: hardware.Memory
    freed: int = 0
    gpus: Mapping[str, int] = field(default_factory=dict)

    def verdict(self, need: Need | None) -> str | None:
        return memory_fit.verdict(need, self.memory, self.freed) if need else None


def of_list(details: Mapping[str, Any], room: Room) -> str | None:
    """A guess from the number of parameters alone: of the usual quantization, or of our own model in float32."""
    parameters = details["parameters"]
    if not parameters:
        return None
    if "gguf" in details["formats"]:
        usual = memory_fit.rough(int(parameters * BITS[_USUAL] / 8), parameters, CONTEXT)
        return room.verdict(learned.corrected(usual))
    return room.verdict(memory_fit.rough_folder(parameters, CONTEXT))


def of_choices(
    choices: Sequence[Choice], parameters: int | None, room: Room, header: tuple[str, GGUFHeader] | None = None
) -> list[dict[str, Any]]:
    """For each choice `memory` (bytes), `fit` (a verdict) and `exact`; None where it is not for memory. `gpu_fits`: a
    verdict for each graphics processor, where the header is known.

    header: of one of the GGUF files, with its name. What it says holds for the others but for their weights.
    """
    found = []
    for choice in choices:
        need = _need(choice, parameters, header[1] if header else None)
        exact = header is not None and choice.name == header[0]
        memory, fit = need.total if need else None, room.verdict(need)
        found.append({"memory": memory, "fit": fit, "exact": exact, "gpu_fits": _on_gpus(choice, room, header)})
    return found


def recommended(repo: str, choices: Sequence[Choice], fits: Sequence[Mapping[str, Any]], room: Room) -> str | None:
    """The file to begin with: the catalogue's for this memory, else the best quantization that fits; else None."""
    usable = {choice.name: fit["fit"] for choice, fit in zip(choices, fits, strict=True) if _is_whole(choice)}
    known = catalogue.find(repo)
    wanted = [] if known is None else [choice.quantization for choice in catalogue.suggested(room.memory.total)
                                       if choice.model is known]  # fmt: skip
    by_quantization = {choice.quantization: choice.name for choice in reversed(choices) if choice.name in usable}
    for verdict in ("fits", "slow"):
        for quantization in (*wanted, *_PREFERRED):
            name = by_quantization.get(quantization)
            if name is not None and usable[name] == verdict:
                return name
        if verdict in usable.values():  # of other names; choices come with the smallest first
            return [name for name, fit in usable.items() if fit == verdict][-1 if verdict == "fits" else 0]
    return None


def _is_whole(choice: Choice) -> bool:
    return choice.kind == "gguf" and choice.problem is None


def _need(choice: Choice, parameters: int | None, header: GGUFHeader | None) -> Need | None:
    if choice.kind == "folder":
        return memory_fit.rough_folder(parameters or choice.size // 2, CONTEXT)
    if choice.kind != "gguf":
        return None
    if header is None:
        return learned.corrected(memory_fit.rough(choice.size, parameters, CONTEXT))
    return replace(
        learned.corrected(memory_fit.needed(header, context=CONTEXT)),
        weights=choice.size,
        mapped=0 if _is_rearranged(choice.quantization or "") else choice.size,
    )


def _on_gpus(choice: Choice, room: Room, header: tuple[str, GGUFHeader] | None) -> dict[str, str]:
    if header is None or choice.kind != "gguf":
        return {}
    return {
        name: memory_fit.gpu_verdict(header[1], choice.size, free, context=CONTEXT) for name, free in room.gpus.items()
    }


def _is_rearranged(quantization: str) -> bool:
    """Whether llama.cpp would copy most matrices of such a file; see `memory_fit.rearranged_types`."""
    plain = quantization.removeprefix("ud-")
    return any(plain.startswith(kind.lower()) for kind in memory_fit.rearranged_types())
