"""Ollama: manifests name blobs by their digest, `manifests/HOST/NAMESPACE/MODEL/TAG` and `blobs/sha256-...`.

Of a manifest only digests are taken, and only those that are nothing but a digest, so it can lead to no other file.
Its Go template is ignored: the one in the GGUF counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import apsw

from engine.errors import EngineError
from engine.library.stores import looking
from engine.library.stores.candidate import Candidate, broken
from engine.library.stores.system import System
from engine.phrases import phrase
from engine.runtime.gguf_header import shown

NAME = "ollama"
_MODEL, _ADAPTER, _TENSOR = (f"application/vnd.ollama.image.{layer}" for layer in ("model", "adapter", "tensor"))
_DIGEST = re.compile(r"sha256[:-]([0-9a-f]{64})")
_HOST, _NAMESPACE, _HUGGING_FACE = "registry.ollama.ai", "library", ("hf.co", "huggingface.co")
_LARGEST_FILE = 1 << 20  # manifests have a few hundred bytes
_SERVICE = "etc/systemd/system/ollama.service"
_IN_SERVICE_FILE = re.compile(r"""^[ \t]*Environment=.*?\bOLLAMA_MODELS=([^"'\s]+)""", re.MULTILINE)
_HOMES_OF_SERVICE = ("usr/share/ollama", "var/lib/ollama")


def places(system: System) -> list[Path]:
    """The folders that models lie in: where a person moved them, and where they are otherwise."""
    moved = [system.variable("OLLAMA_MODELS"), _of_app(system), *_of_service(system)]
    usual = [system.home / ".ollama" / "models"]
    if system.platform.startswith("linux"):
        usual += [system.root / home / ".ollama" / "models" for home in _HOMES_OF_SERVICE]
    return [place for place in moved if place is not None] + usual


def is_store(folder: Path) -> bool:
    return looking.is_folder(folder / "manifests") and looking.is_folder(folder / "blobs")


def candidates(place: Path) -> Iterator[Candidate]:
    """A model for each manifest, and the adapters that it lays over it."""
    root = place / "manifests"
    for folder in looking.folders(root, deepest=4):
        if folder.error is not None:
            yield broken(folder)
        for name in sorted(folder.files, key=lambda tag: (tag == "latest", tag)):  # a tag that says more comes first
            if not name.startswith("."):
                yield from _of_manifest(place, folder.path / name, root)


def _of_manifest(place: Path, manifest: Path, root: Path) -> Iterator[Candidate]:
    name = _name(manifest.relative_to(root).parts)
    try:
        layers = looking.small_json(manifest, _LARGEST_FILE).get("layers")
        if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
            raise EngineError("ollama_manifest", place=looking.place(manifest), reason=phrase("it lists no layers"))
        kinds = [str(layer.get("mediaType")).partition(";")[0] for layer in layers]
        if _MODEL not in kinds and _TENSOR in kinds:
            raise EngineError("ollama_form", name=shown(name))
        of_kind = {
            kind: layer for layer, kind in zip(reversed(layers), reversed(kinds), strict=True)
        }  # the first counts
        for kind, called in ((_MODEL, name), (_ADAPTER, f"{name} (adapter)")):
            if kind in of_kind:  # without either it runs on Ollama's servers
                yield _blob(place, manifest, of_kind[kind].get("digest"), called)
    except EngineError as error:
        yield Candidate(name, manifest, error)


def _blob(place: Path, manifest: Path, digest: object, name: str) -> Candidate:
    found = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
    if found is None:
        reason = phrase("{digest} is no digest", digest=shown(digest))
        raise EngineError("ollama_manifest", place=looking.place(manifest), reason=reason)
    blob = place / "blobs" / f"sha256-{found[1]}"
    try:
        looking.file_status(blob)
    except EngineError as error:
        if error.code == "not_found":
            raise EngineError("ollama_blob", name=shown(name), file=blob.name[:19] + "…") from None
        return Candidate(name, blob, error)
    return Candidate(name, blob)


def _name(parts: tuple[str, ...]) -> str:
    """As `ollama list` has it: without the usual host and namespace."""
    if len(parts) != 4:
        return "/".join(parts)
    host, namespace, model, tag = parts
    if host in _HUGGING_FACE or host != _HOST:
        return f"{host}/{namespace}/{model}:{tag}"
    return f"{model}:{tag}" if namespace == _NAMESPACE else f"{namespace}/{model}:{tag}"


def _of_service(system: System) -> list[Path]:
    """Where the service of Linux was told to keep its models."""
    if not system.platform.startswith("linux"):
        return []
    unit = system.root / _SERVICE
    found = []
    for file in (unit, unit.with_name(f"{unit.name}.d") / "override.conf"):
        try:
            text = looking.small_file(file, _LARGEST_FILE).decode("utf-8", "replace")
        except EngineError:  # not there, or not for us
            continue
        found += [Path(path) for path in _IN_SERVICE_FILE.findall(text)]
    return found


def _of_app(system: System) -> Path | None:
    """Where the settings of Ollama's window say that models lie; read without a lock and without a journal."""
    folder = system.home / ".ollama" if system.platform.startswith("linux") else system.data() / "Ollama"
    database = folder / "db.sqlite"
    try:
        looking.file_status(database)
        address = f"{database.absolute().as_uri()}?immutable=1"
        connection = apsw.Connection(address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
        try:
            row = next(iter(connection.execute("SELECT models FROM settings")), None)
        finally:
            connection.close()
    except (EngineError, apsw.Error):  # not there, or of another version
        return None
    return Path(row[0]) if row and isinstance(row[0], str) and row[0].strip() else None
