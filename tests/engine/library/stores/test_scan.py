"""Stores of other programs: every model is found once and opened in place, and nothing in them changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import llama_child
import model_stores as stores
import pytest
from gguf_files import GGUF, value

from engine import jobs
from engine.events import Finished, Model
from engine.jobs import JobContext
from engine.library import models
from engine.library.stores.scan import Found, scan
from engine.library.stores.system import System

Make = Callable[[str], bytes]
Folder = dict[str, bytes | Path]


def found(home: Path, *folders: Path, **environment: str) -> list[Found]:
    return list(scan(folders, stores.system(home, **environment)))


def names(rows: list[Found]) -> list[tuple[str, str]]:
    assert [row.problem for row in rows] == [None] * len(rows)
    return [(row.store, row.name) for row in rows]


def all_seven(home: Path, gguf: Make, folder: Folder) -> None:
    """One home in which all programs have models, also the same ones, and files that are none."""
    ollama = home / ".ollama/models"
    blob = stores.ollama(ollama, "llama3.2:3b", gguf("llama"), projector=gguf("projector"))
    stores.ollama(ollama, "llama3.2:latest", gguf("llama"))
    stores.ollama(ollama, "someone/mine:v1", gguf("mine"))
    stores.ollama(ollama, "hf.co/org/repo:Q8_0", gguf("of the hub"))
    stores.file(ollama / "blobs" / ("sha256-" + "0" * 64 + "-partial"), b"GGUF")

    lmstudio = home / ".lmstudio/models"
    stores.file(lmstudio / "publisher/One-GGUF/One-Q4_K_M.gguf", gguf("one"))
    stores.file(lmstudio / "publisher/One-GGUF/mmproj-One-f16.gguf", gguf("eyes"))
    stores.file(lmstudio / "publisher/Two-GGUF/Two-Q4_K_M.gguf", gguf("two q4"))
    stores.file(lmstudio / "publisher/Two-GGUF/Two-Q8_0.gguf", gguf("two q8"))
    stores.file(lmstudio / "publisher/Two-GGUF/downloading_Two-f16.gguf.part", b"GGUF")
    (lmstudio / "linked").mkdir()
    (lmstudio / "linked/from-ollama.gguf").symlink_to(blob)

    elsewhere = stores.file(home / "elsewhere/linked.gguf", gguf("linked"))
    stores.jan(home / ".local/share/Jan/data", "org/inside", gguf("inside"))
    stores.jan(home / ".local/share/Jan/data", "linked", elsewhere)

    gpt4all = home / ".local/share/nomic.ai/GPT4All"
    stores.file(gpt4all / "Meta-Llama-3-8B-Instruct.Q4_0.gguf", gguf("gpt4all"))
    stores.file(gpt4all / "incomplete-Phi-3-mini.gguf", gguf("incomplete")[:500])
    stores.file(gpt4all / "gpt4all-chat.rmodel", b"{}")

    hub = home / ".cache/huggingface/hub"
    stores.hub(hub, "org/gguf", {"one-q4.gguf": gguf("hub"), "README.md": b"---\nlicense: mit\n---"})
    stores.hub(hub, "org/several", {"q4.gguf": gguf("hub 4"), "sub/q8.gguf": gguf("hub 8")})
    stores.hub(hub, "org/folder", folder)
    stores.hub(hub, "org/moved-on", {"m.gguf": gguf("old")}, commit="a" * 40)
    stores.hub(hub, "org/moved-on", {"m.gguf": gguf("new")}, commit="b" * 40)
    stores.file(hub / "datasets--org--data/snapshots/1/data.gguf", b"no model")

    cache = home / ".cache/llama.cpp"
    stores.file(cache / "ggml-org_tiny-GGUF_tiny-Q8_0.gguf", gguf("llama.cpp"))
    stores.file(cache / "ggml-org_tiny-GGUF_tiny-Q8_0.gguf.json", b"{}")
    manifest = {"ggufFile": {"rfilename": "tiny-Q8_0.gguf"}}
    stores.file(cache / "manifest=ggml-org=tiny-GGUF=latest.json", json.dumps(manifest).encode())
    stores.file(cache / "other.gguf", gguf("other"))

    (home / "Downloads").mkdir()
    stores.llamafile(home / "Downloads/chat.llamafile", {"chat.gguf": gguf("chat")})
    stores.file(home / "Downloads/not-looked-at.gguf", gguf("download"))


ALL = [
    ("ollama", "hf.co/org/repo:Q8_0"),
    ("ollama", "llama3.2:3b"),
    ("ollama", "someone/mine:v1"),
    ("lmstudio", "publisher/One-GGUF"),
    ("lmstudio", "publisher/Two-GGUF/Two-Q4_K_M"),
    ("lmstudio", "publisher/Two-GGUF/Two-Q8_0"),
    ("jan", "linked"),
    ("jan", "org/inside"),
    ("gpt4all", "Meta-Llama-3-8B-Instruct.Q4_0"),
    ("hub", "org/folder"),
    ("hub", "org/gguf"),
    ("hub", "org/moved-on"),
    ("hub", "org/moved-on@aaaaaaa"),
    ("hub", "org/several/q4"),
    ("hub", "org/several/sub/q8"),
    ("llama.cpp", "ggml-org/tiny-GGUF:latest"),
    ("llama.cpp", "other"),
    ("llamafile", "chat"),
]


def test_every_model_of_all_stores_once_in_place_and_unchanged(tmp_path: Path, gguf: Make, folder: Folder) -> None:
    all_seven(tmp_path, gguf, folder)
    before = stores.state(tmp_path)
    rows = found(tmp_path)
    assert names(rows) == ALL
    files = [row for row in rows if row.kind == "gguf"]
    assert set(llama_child.outcomes([row.path for row in files]).values()) == {"wrote 5"}
    for row in rows:
        added = models.add(row.path, row.name, row.store)
        assert (added.name, added.kind, added.origin) == (row.name, row.kind, row.store)
    assert {entry.problem for entry in models.entries() if not entry.bundled} == {None}
    assert stores.state(tmp_path) == before


def test_what_is_said_of_a_model(tmp_path: Path, gguf: Make) -> None:
    blob = stores.ollama(tmp_path / ".ollama/models", "llama3.2:text", gguf("llama"))
    stores.ollama(tmp_path / ".ollama/models", "llama3.2:latest", gguf("llama"))
    assert found(tmp_path) == [Found("llama3.2:text", blob, "gguf", "ollama", len(gguf("llama")))]


@pytest.mark.parametrize("kind", ["mmproj", "imatrix"])
def test_files_that_lie_beside_models_are_told_by_what_they_say(tmp_path: Path, gguf: Make, kind: str) -> None:
    part = GGUF.read(stores.file(tmp_path / "eyes.gguf", gguf("eyes")))
    part.metadata.insert(0, ("general.type", value("text", kind)))
    part.write(tmp_path / "eyes.gguf")
    assert found(tmp_path, tmp_path) == []


def test_an_adapter_of_ollama_stands_beside_its_model(tmp_path: Path, gguf: Make, data: Callable[[str], Path]) -> None:
    adapter = GGUF.read(data("malformed-models/gguf/valid-mini.gguf"))
    adapter.metadata.insert(0, ("general.type", value("text", "adapter")))
    adapter.set("adapter.type", "text", "lora").set("adapter.lora.alpha", "f32", 8.0)
    stores.ollama(tmp_path / ".ollama/models", "mine:latest", gguf("base"), adapter=adapter.bytes())
    assert [(row.name, row.kind) for row in found(tmp_path)] == [
        ("mine:latest", "gguf"),
        ("mine:latest (adapter)", "adapter-gguf"),
    ]


def test_what_runs_on_servers_of_ollama_is_no_model_here(tmp_path: Path) -> None:
    stores.ollama(tmp_path / ".ollama/models", "gpt-oss:120b-cloud", None)
    assert found(tmp_path) == []


def test_a_folder_that_a_person_names(tmp_path: Path, gguf: Make, folder: Folder) -> None:
    named = tmp_path / "named"
    stores.file(named / "top.gguf", gguf("top"))
    for number in (1, 2, 3):
        stores.file(named / f"deep/er/split-0000{number}-of-00003.gguf", gguf(f"part {number}"))
    for name, content in folder.items():
        stores.file(named / "a folder" / name, content)
    stores.llamafile(named / "chat.llamafile", {"chat.gguf": gguf("chat")})
    stores.file(named / ".hidden/h.gguf", gguf("hidden"))
    stores.file(named / "notes.txt", b"GGUF")
    rows = found(tmp_path, named, named)
    assert [(row.store, row.name, row.kind) for row in rows] == [
        ("llamafile", "chat", "gguf"),
        ("folder", "top", "gguf"),
        ("folder", "a folder", "folder"),
        ("folder", "deep/er/split", "gguf"),
    ]
    assert rows[-1].size_bytes == sum(len(gguf(f"part {number}")) for number in (1, 2, 3))


def test_a_store_that_was_moved_is_known_by_its_layout(tmp_path: Path, gguf: Make) -> None:
    stores.ollama(tmp_path / "disk/ollama/models", "llama3.2:3b", gguf("llama"))
    stores.hub(tmp_path / "disk/hub", "org/one", {"one.gguf": gguf("one")})
    rows = found(tmp_path, tmp_path / "disk/ollama", tmp_path / "disk/hub")
    assert names(rows) == [("ollama", "llama3.2:3b"), ("hub", "org/one")]


def test_a_file_may_be_named_too(tmp_path: Path, gguf: Make) -> None:
    assert names(found(tmp_path, stores.file(tmp_path / "a.gguf", gguf("a")))) == [("folder", "a")]


def test_a_llamafile_that_will_be_copied_says_so(tmp_path: Path, gguf: Make) -> None:
    stores.llamafile(tmp_path / "packed.llamafile", {"m.gguf": gguf("m")}, aligned=False)
    (row,) = found(tmp_path, tmp_path)
    assert "opening it makes a copy of 21.3 kB in the cache" in row.note


def test_the_job(tmp_path: Path, gguf: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(System, "here", lambda: stores.system(tmp_path / "nobody"))
    stores.file(tmp_path / "a.gguf", gguf("a"))
    stores.file(tmp_path / "b.gguf", b"none")
    good, bad, ending = jobs.run(jobs.find("scan"), {"folders": [str(tmp_path)]}, JobContext())
    assert isinstance(good, Model)
    assert isinstance(bad, Model)
    assert (good.name, good.kind, good.backend, good.problem) == ("a", "gguf", "llama", None)
    assert good.details == {"store": "folder", "size_bytes": len(gguf("a"))}
    assert bad.problem == "b.gguf is not a GGUF file. Choose a GGUF file or a model folder."
    assert ending == Finished("done", {"models": 1})
    models.add(tmp_path / "a.gguf", "mine")
    again, *_ = jobs.run(jobs.find("scan"), {"folders": [str(tmp_path)]}, JobContext())
    assert isinstance(again, Model)
    assert again.details["listed"] == "mine"
    context = JobContext()
    context.cancelled.set()
    assert list(jobs.run(jobs.find("scan"), {"folders": [str(tmp_path)]}, context)) == [
        Finished("cancelled", {"models": 0})
    ]
