"""What there is to know about a model without loading it, and whether it can be opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.errors import EngineError, remedy
from engine.library import capabilities, facts, forms, lineage
from engine.runtime import gguf_parts
from engine.runtime.gguf_header import GGUFHeader, read_header
from engine.runtime.preflight import check_adapter, check_header, check_model

Description = dict[str, Any]


def of(place: Path, kind: str) -> Description:
    """kind: as of `ModelEntry`.

    architecture, parameters, size_bytes (with its base, for an adapter), disk_bytes (its own files), bits_per_weight,
    quantization, types (tensors of each), context, vocabulary, template (whether it has one), licence,
    badges (of `capabilities.BADGES`), lineage (see `lineage.of`), problem (a sentence or None), and error: the code,
    data and remedy of that sentence. Raises EngineError when not even a header can be read.
    """
    known, error = _of_gguf(place, kind) if place.is_file() else _of_folder(place, kind)
    return known | {"problem": None if error is None else str(error), "error": told(error)}


def told(error: EngineError | None) -> dict[str, Any] | None:
    """An error as the details of a row have it."""
    if error is None:
        return None
    return {"code": error.code, "data": error.data, "remedy": remedy(error.code, error.data)}


def trouble(place: Path, kind: str) -> EngineError | None:
    """Why what lies there cannot be opened, as far as headers and settings tell."""
    checks: dict[str, Callable[[Path], object]] = {
        "gguf": check_model,
        "adapter-gguf": check_adapter,
        "adapter": _check_adapter_folder,
    }
    return _complaint(lambda: checks.get(kind, facts.check_folder)(place))


def _of_gguf(place: Path, kind: str) -> tuple[Description, EngineError | None]:
    error: EngineError | None = None
    try:
        header = gguf_parts.read_model(place)
    except EngineError as problem:  # of another of its files, perhaps
        header, error = read_header(place), problem
    if error is None:
        error = trouble(place, kind) if kind == "adapter-gguf" else _complaint(lambda: check_header(header))
    own = facts.of_gguf(header)
    return own | _more(capabilities.of_gguf(header), place, kind, header), error


def _of_folder(folder: Path, kind: str) -> tuple[Description, EngineError | None]:
    error = trouble(folder, kind)
    known = facts.of_folder(folder)
    if kind != "adapter":
        badges = capabilities.of_folder(folder, facts.config_of(folder), facts.template_of(folder))
        return known | _more(badges, folder, kind), error
    badges = ["adapter"]
    if error is None:
        base = forms.base_of(folder)
        beneath, _ = _of_gguf(base, "gguf") if base.is_file() else _of_folder(base, "folder")
        badges += [badge for badge in beneath["badges"] if badge != "vision"]
        size, licence = beneath["size_bytes"] + known["size_bytes"], known["licence"] or beneath["licence"]
        known = beneath | {"size_bytes": size, "licence": licence}
    return known | _more(badges, folder, kind), error


def _more(badges: list[str], place: Path, kind: str, header: GGUFHeader | None = None) -> Description:
    disk = forms.disk_bytes(forms.files_of(place, kind))
    return {"disk_bytes": disk, "badges": badges, "lineage": lineage.of(place, header)}


def _check_adapter_folder(folder: Path) -> None:
    base = forms.base_of(folder)
    if not facts.weight_files(folder):
        raise EngineError("missing_file", place=str(folder), file="adapter_model.safetensors")
    if base.is_file():
        check_model(base)
    else:
        facts.check_folder(base)


def _complaint(check: Callable[[], object]) -> EngineError | None:
    try:
        check()
    except EngineError as error:
        return error
    return None
