"""Stores of other programs, built in a home as those programs lay them out, around tiny models."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from engine.library.stores.system import System

_LAYER = "application/vnd.ollama.image."


def system(home: Path, platform: str = "linux", **environment: str) -> System:
    """The system of a person with this home, and nothing of the machine that the tests run on."""
    return System(environment, platform, home, home / "machine")


def ollama(models: Path, name: str, gguf: bytes | None, **layers: bytes) -> Path:
    """A model of the registry, `llama3.2:3b`, or of another host, `hf.co/org/repo:tag`; its blob. layers: by type."""
    path, _, tag = name.partition(":")
    parts = path.split("/")
    host = parts[0] if len(parts) == 3 else "registry.ollama.ai"
    namespace = parts[-2] if len(parts) > 1 else "library"
    contents = {"model": gguf, "template": b"{{ .Prompt }}", "license": b"MIT", "params": b"{}", **layers}
    listed, blobs = [], {}
    for kind, content in contents.items():
        if content is not None:
            digest = hashlib.sha256(content).hexdigest()
            blobs[kind] = models / "blobs" / f"sha256-{digest}"
            blobs[kind].parent.mkdir(parents=True, exist_ok=True)
            blobs[kind].write_bytes(content)
            listed.append({"mediaType": _LAYER + kind, "digest": f"sha256:{digest}", "size": len(content)})
    manifest(models, host, namespace, parts[-1], tag or "latest", {"schemaVersion": 2, "layers": listed})
    return blobs.get("model", models)


def manifest(models: Path, host: str, namespace: str, model: str, tag: str, content: Any) -> Path:
    path = models / "manifests" / host / namespace / model / tag
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def hub(
    cache: Path, repo: str, files: dict[str, bytes | Path], commit: str = "0" * 39 + "1", main: bool = True
) -> Path:
    """A repository in the Hugging Face cache: blobs by their hash, snapshots as links to them; the snapshot."""
    folder = cache / f"models--{repo.replace('/', '--')}"
    snapshot = folder / "snapshots" / commit
    for name, content in files.items():
        raw = content.read_bytes() if isinstance(content, Path) else content
        blob = folder / "blobs" / hashlib.sha256(raw).hexdigest()
        link = snapshot / name
        for parent in (blob.parent, link.parent):
            parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(raw)
        link.symlink_to(Path(*[".."] * (2 + name.count("/")), "blobs", blob.name))
    if main:
        (folder / "refs").mkdir(exist_ok=True)
        (folder / "refs" / "main").write_text(commit)
    return snapshot


def jan(data: Path, name: str, gguf: bytes | Path) -> Path:
    """A model of Jan's: in its folder, or linked from where it lies; its model.yml."""
    folder = data / "llamacpp/models" / name
    place = str(gguf) if isinstance(gguf, Path) else f"llamacpp/models/{name}/model.gguf"
    if isinstance(gguf, bytes):
        file(folder / "model.gguf", gguf)
    about = f"model_path: {place}\nname: {name}\nsize_bytes: 1\nembedding: false\n"
    return file(folder / "model.yml", about.encode())


def llamafile(path: Path, files: dict[str, bytes | Path], aligned: bool = True) -> Path:
    """A program with files in the ZIP at its end, as llamafile's zipalign puts them there, or as zip alone does."""
    from engine.gpt import packages  # with torch, which not every test of a store needs

    path.write_bytes(b"MZqFpD='\n#!/bin/sh\n")
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in files.items():
            source = content if isinstance(content, Path) else file(path.with_name("stored"), content)
            if aligned:
                packages._store_aligned(archive, source, name)
            else:
                archive.write(source, name)
        archive.writestr(".args", "-m\nmodel.gguf\n...\n")
    path.with_name("stored").unlink(missing_ok=True)
    path.chmod(0o755)
    return path


def model_folder(source: Path) -> dict[str, bytes | Path]:
    """The files of a model folder, to be put into the cache."""
    return {path.name: path for path in sorted(source.iterdir()) if path.is_file() and path.suffix != ".gguf"}


def state(*roots: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below these folders: when it changed and what it holds; names of links and folders count too."""
    found = {}
    for root in roots:
        for path in sorted(root.rglob("*")):
            status = path.lstat()
            held = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
            found[str(path)] = (status.st_mtime_ns, held)
    return found


def file(path: Path, content: bytes | Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        shutil.copyfile(content, path)
    else:
        path.write_bytes(content)
    return path
