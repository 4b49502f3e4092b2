"""What was downloaded is ours to delete, and to verify; what other programs put into the same cache is not."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_hub import FakeHub
from huggingface_hub import hf_hub_download

from engine.commands import models as commands
from engine.errors import EngineError
from engine.events import Failed, Finished
from engine.jobs import JobContext, find, run
from engine.library import models, owned
from engine.library.download import journal
from engine.library.models import ModelEntry

Data = Callable[[str], Path]
Fetch = Callable[..., Finished | Failed]


@pytest.fixture
def served(hub: FakeHub, data: Data) -> FakeHub:
    mini, weights = (
        data(f"malformed-models/{name}") for name in ("gguf/valid-mini.gguf", "safetensors/valid.safetensors")
    )
    files = {"config.json": b'{"model_type": "qwen3"}', "tokenizer.json": b"{}", "assets/a.txt": b"a"}
    hub.add(
        "org/little",
        {
            "model.safetensors": weights.read_bytes(),
            "mini.gguf": mini.read_bytes(),
            "mmproj-x.gguf": b"GGUF x",
            **files,
        },
    )
    return hub


def downloaded(fetch: Fetch, *names: str) -> ModelEntry:
    ended = fetch("org/little", *names)
    assert isinstance(ended, Finished), ended
    return models.find(ended.stats["model"])


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_symlink() or path.is_file())


FOLDER = ("model.safetensors", "config.json", "tokenizer.json", "assets/a.txt")


def test_a_gguf(served: FakeHub, fetch: Fetch, home: Path) -> None:
    entry = downloaded(fetch, "mini.gguf")
    size = entry.path.stat().st_size
    assert entry.origin == "downloaded"
    assert owned.freed_by_deleting(entry) == size
    *_, last = run(find("verify"), {"model": entry.name}, JobContext())
    assert isinstance(last, Finished)
    assert last.stats["verdict"] == "good"
    assert owned.delete(entry) == size
    assert files_in(home / "hub" / "models--org--little") == []
    assert len(models.entries()) == 2
    assert owned.freed_by_deleting(entry) is None


def test_image_parts_go_with_the_last_model(served: FakeHub, fetch: Fetch, home: Path) -> None:
    fetch("org/little", "mmproj-x.gguf")
    entry = downloaded(fetch, "mini.gguf")
    assert owned.freed_by_deleting(entry) == owned.delete(entry) == served_size(served, "mini.gguf", "mmproj-x.gguf")
    assert files_in(home / "hub" / "models--org--little") == []


def served_size(hub: FakeHub, *names: str) -> int:
    return sum(hub.repos[("model", "org/little")].files("main")[name].size for name in names)


def test_a_folder_leaves_the_gguf_beside_it(served: FakeHub, fetch: Fetch) -> None:
    gguf = downloaded(fetch, "mini.gguf")
    folder = downloaded(fetch, *FOLDER)
    assert folder.kind == "folder"
    assert owned.freed_by_deleting(folder) == owned.delete(folder) == served_size(served, *FOLDER)
    assert files_in(folder.path) == ["mini.gguf"]
    assert models.trouble(gguf) is None
    assert [entry.name for entry in models.entries()[2:]] == [gguf.name]


def test_what_another_program_fetched_is_not_ours(served: FakeHub, home: Path) -> None:
    place = hf_hub_download("org/little", "mini.gguf", cache_dir=home / "hub", endpoint=served.url, token=False)
    entry = models.add(place)
    assert owned.freed_by_deleting(entry) is None
    with pytest.raises(EngineError, match="was not put on this computer by Seedling"):
        owned.delete(entry)
    assert Path(place).exists()


def test_content_that_another_snapshot_shows_stays(served: FakeHub, fetch: Fetch, home: Path) -> None:
    entry = downloaded(fetch, "mini.gguf")
    served.repos[("model", "org/little")].change({"README.md": b"new"})
    theirs = hf_hub_download("org/little", "mini.gguf", cache_dir=home / "hub", endpoint=served.url, token=False)
    assert Path(theirs).resolve() == entry.path.resolve()
    assert owned.freed_by_deleting(entry) == owned.delete(entry) == 0
    assert Path(theirs).exists()
    assert not entry.path.exists()


def test_one_part_that_is_not_ours(served: FakeHub, fetch: Fetch, home: Path) -> None:
    entry = downloaded(fetch, *FOLDER)
    extra = entry.path / "model-2.safetensors"
    extra.write_bytes((entry.path / "model.safetensors").read_bytes())
    assert owned.freed_by_deleting(entry) is None


@pytest.mark.parametrize("damage", ["wrong bytes", "cut short", "missing"])
def test_a_broken_file_is_fetched_anew_and_nothing_else(served: FakeHub, fetch: Fetch, damage: str) -> None:
    entry, other = downloaded(fetch, "mini.gguf"), fetch("org/little", "mmproj-x.gguf")
    blob, good = entry.path.resolve(), entry.path.read_bytes()
    bad = {"wrong bytes": bytes([good[0], good[1] ^ 1]) + good[2:], "cut short": good[:50]}.get(damage)
    blob.unlink() if bad is None else blob.write_bytes(bad)
    source = journal.source_of(entry.path)
    assert source is not None
    served.fault("flip", at=5, times=3)
    failed = fetch(source["repo"], *source["files"], revision=source["revision"], again=True)
    assert isinstance(failed, Failed)
    assert not blob.exists() if bad is None else blob.read_bytes() == bad, "the old one stays until the new is right"
    ended = fetch(source["repo"], *source["files"], revision=source["revision"])  # goes on, and still knows
    assert isinstance(ended, Finished)
    assert entry.path.read_bytes() == good
    assert isinstance(other, Finished)
    assert Path(other.stats["paths"][0]).read_bytes() == b"GGUF x"
    assert models.find(entry.name).problem is None
    sent = served.all_sent("mini.gguf")
    assert isinstance(fetch(source["repo"], *source["files"], revision=source["revision"], again=True), Finished)
    assert served.all_sent("mini.gguf") == sent, "what is right is not fetched"


def test_what_no_download_brought_has_no_source(served: FakeHub, fetch: Fetch, tmp_path: Path) -> None:
    entry = downloaded(fetch, "mini.gguf")
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(entry.path.read_bytes())
    assert journal.source_of(copy) is None
    assert journal.source_of(entry.path)["files"] == ["mini.gguf"]


def test_verify_names_the_command_that_fetches_it_again(served: FakeHub, fetch: Fetch) -> None:
    entry = downloaded(fetch, "mini.gguf")
    raw = bytearray(entry.path.read_bytes())
    raw[-1] ^= 1
    entry.path.resolve().write_bytes(raw)
    arguments = argparse.Namespace(action="verify", model=entry.name, context=JobContext())
    with pytest.raises(EngineError, match=r"download org/little:mini.gguf --revision [0-9a-f]{40} --again"):
        list(commands.run(arguments))
