"""Each broken thing in a store is one row with one sentence, and the rest is still listed."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import model_stores as stores
import pytest
from gguf_files import GGUF

from engine.library.stores import looking
from engine.library.stores.scan import Found, scan
from engine.library.stores.system import Mount, System
from engine.phrases import Phrase

Make = Callable[[str], bytes]
Folder = dict[str, bytes | Path]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes as POSIX has them")

MODEL = "application/vnd.ollama.image.model"


def problems(home: Path, *folders: Path, **environment: str) -> dict[str, str]:
    """The rows that are broken, by name, beside a good one in each program, which must be there."""
    rows = list(scan(folders, stores.system(home, **environment)))
    broken = {row.name: row.problem for row in rows if row.problem is not None}
    assert len(rows) == len({(row.name, row.path) for row in rows})
    for problem in broken.values():
        assert problem.endswith(".")
        assert "\n" not in problem
    assert [row.name for row in rows if row.problem is None] == ["good:1"]
    return broken


@pytest.fixture
def home(tmp_path: Path, gguf: Make) -> Path:
    stores.ollama(tmp_path / ".ollama/models", "good:1", gguf("good"))
    return tmp_path


# --- Ollama ----------------------------------------------------------------------------------------------------------


def tag(home: Path, name: str, content: Any) -> Path:
    """The manifest `bad:NAME`."""
    return stores.manifest(home / ".ollama/models", "registry.ollama.ai", "library", "bad", name, content)


def layer(digest: Any, kind: str = MODEL) -> dict[str, Any]:
    return {"layers": [{"mediaType": kind, "digest": digest, "size": 1}]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"no json", "is not valid JSON"),
        (b"\xff\xfe\0\0", "is not valid JSON"),
        (b"[" * 100_000, "is not valid JSON"),
        (b"[]", "it is not an object"),
        (b"{}", "it lists no layers"),
        (b'{"layers": 7}', "it lists no layers"),
        (b'{"layers": [7]}', "it lists no layers"),
        (b" " * (1 << 20) + b"{}", "is larger than 1,048,576 bytes"),
        (layer("sha256:../../../../etc/passwd"), "sha256:../../../../etc/passwd is no digest"),
        (layer("sha256:" + "0" * 63 + "/"), "is no digest"),
        (layer("sha256:" + "A" * 64), "is no digest"),
        (layer("sha256:" + "0" * 64 + "\n"), "is no digest"),
        (layer("md5:" + "0" * 32), "is no digest"),
        (layer(["sha256:" + "0" * 64]), "is no digest"),
        (layer(None), "None is no digest"),
        (layer("sha256:" + "0" * 64), "lacks its file sha256-000000000000… in Ollama's store"),
        (
            layer("sha256:" + "0" * 64, "application/vnd.ollama.image.tensor; a=b"),
            "in a form only Ollama opens",
        ),
    ],
)
def test_manifests(home: Path, content: Any, said: str) -> None:
    tag(home, "x", content)
    (row,) = problems(home).items()
    assert row[0] == "bad:x"
    assert said in row[1]
    assert isinstance(row[1], Phrase)


def test_a_digest_never_leads_out_of_the_store(home: Path, gguf: Make) -> None:
    """Though there is a model where it points."""
    outside = stores.file(home / "outside.gguf", gguf("outside"))
    for number, path in enumerate((f"../../../{outside.name}", str(outside), "sha256-../../../outside.gguf")):
        tag(home, str(number), layer(path))
        tag(home, f"s{number}", layer(f"sha256:{path}"))
    assert len(problems(home)) == 6


def test_blobs(home: Path, gguf: Make) -> None:
    blobs = home / ".ollama/models/blobs"

    def blob(number: int) -> Path:
        digest = f"{number:064x}"
        tag(home, str(number), layer(f"sha256:{digest}"))
        return blobs / f"sha256-{digest}"

    stores.file(blob(1), gguf("cut")[:-500])
    stores.file(blob(2), gguf("cut")[:300])
    stores.file(blob(3), b"")
    stores.file(blob(4), b"no model at all")
    blob(5).symlink_to(home / "nowhere")
    circle = blob(6)
    circle.symlink_to(circle)
    os.mkfifo(blob(7))
    blob(8).mkdir()
    blob(9).symlink_to("//server/share/model")
    blob(10).symlink_to(r"\\server\share\model")
    blob(11).symlink_to("/dev/zero")
    said = problems(home)
    assert "bytes too early, inside tensor" in said["bad:1"]
    assert "is not a usable GGUF file" in said["bad:2"]
    assert "is empty" in said["bad:3"]
    assert "is not a GGUF file" in said["bad:4"]
    assert "is a link to something that does not exist" in said["bad:5"]
    assert "is a link that leads back to itself" in said["bad:6"]
    assert "is not an ordinary file" in said["bad:7"]
    assert "is not an ordinary file" in said["bad:8"]
    assert "lies on a network share" in said["bad:9"]
    assert "lies on a network share" in said["bad:10"]
    assert "is not an ordinary file" in said["bad:11"]
    assert len(said) == 11


def test_manifests_that_are_no_files(home: Path) -> None:
    folder = home / ".ollama/models/manifests/registry.ollama.ai/library/bad"
    folder.mkdir()
    (folder / "nowhere").symlink_to("gone")
    (folder / "circle").symlink_to("circle")
    (folder / "up").symlink_to("..")  # would go on for ever
    os.mkfifo(folder / "pipe")
    said = problems(home)
    assert {name: text.rpartition(folder.name)[2].split(" ", 1)[1] for name, text in said.items()} == {
        "bad:circle": "is a link that leads back to itself.",
        "bad:nowhere": "is a link to something that does not exist.",
        "bad:pipe": "is not an ordinary file.",
    }


# --- the hub's cache -------------------------------------------------------------------------------------------------


def test_repositories(home: Path, gguf: Make, folder: Folder) -> None:
    cache = home / ".cache/huggingface/hub"
    stores.hub(cache, "org/readme-alone", {"README.md": b"hello", "config.json": b"{}"})
    stores.hub(cache, "org/cut", {"m.gguf": gguf("cut")[:-500]})
    stores.hub(cache, "org/pickled", {"config.json": b"{}", "tokenizer.json": b"{}", "pytorch_model.bin": b"\x80"})
    stores.hub(cache, "org/no-json", folder | {"config.json": b"no json"})
    stores.hub(cache, "org/no-tokenizer", {name: folder[name] for name in folder if name != "tokenizer.json"})
    gone = stores.hub(cache, "org/gone", {"m.gguf": gguf("gone")})
    (gone / "m.gguf").resolve().unlink()
    weights = stores.hub(cache, "org/weights-gone", folder)
    (weights / "model.safetensors").resolve().unlink()
    piped = stores.hub(cache, "org/pipe", folder)
    (piped / "config.json").unlink()
    os.mkfifo(piped / "config.json")
    (cache / "models--org--empty").mkdir()
    said = problems(home)
    assert "has no weights in its folder" in said["org/readme-alone"]
    assert "bytes too early" in said["org/cut"]
    assert "holds pickled weights" in said["org/pickled"]
    assert "is not valid JSON" in said["org/no-json"]
    assert "lacks the file tokenizer.json" in said["org/no-tokenizer"]
    assert "is a link to something that does not exist" in said["org/gone"]
    assert "is a link to something that does not exist" in said["org/weights-gone"]
    assert "is not an ordinary file" in said["org/pipe"]
    assert "does not exist" in said["org/empty"]
    assert len(said) == 9


# --- Jan -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"just text", "it is no YAML with keys"),
        (b"a: [1", "it is no YAML with keys"),
        (b"[" * 2000 + b"]" * 2000, "it is no YAML with keys"),
        (b"model_path: !!python/object/apply:os.getcwd []", "it is no YAML with keys"),
        (b"size_bytes: 1\n", "it names no model_path"),
        (b"model_path: 7\n", "it names no model_path"),
        (b"model_path: ../../../outside.gguf\n", "leads out of Jan's folder"),
        (b"model_path: C:outside.gguf\n", "leads out of Jan's folder"),
        (b"model_path: //server/share/model.gguf\n", "lies on a network share"),
        (b"model_path: '\\\\server\\share\\model.gguf'\n", "lies on a network share"),
        (b"model_path: llamacpp/models/bad/gone.gguf\n", "gone.gguf does not exist"),
        (b"model_path: /nowhere/gone.gguf\n", "/nowhere/gone.gguf does not exist"),
        (b"model_path: /dev/zero\n", "is not an ordinary file"),
        (b'model_path: "a\\0b"\n', "does not exist"),
    ],
)
def test_models_of_jan(home: Path, gguf: Make, content: bytes, said: str) -> None:
    stores.file(home / ".local/share/outside.gguf", gguf("outside"))
    stores.file(home / ".local/share/Jan/data/llamacpp/models/bad/model.yml", content)
    assert said in problems(home)["bad"]


# --- folders, and places themselves ----------------------------------------------------------------------------------


def test_what_a_named_folder_may_hold(home: Path, gguf: Make) -> None:
    named = home / "named"
    stores.file(named / "text.gguf", b"just text")
    stores.file(named / "zero.gguf", b"")
    stores.file(named / "cut.gguf", gguf("cut")[:-500])
    split = (
        GGUF.read(stores.file(home / "part.gguf", gguf("part"))).set("split.no", "u32", 0).set("split.count", "u32", 2)
    )
    stores.file(named / "part-00001-of-00002.gguf", split.bytes())
    stores.file(named / "later-00002-of-00002.gguf", gguf("part"))
    stores.file(named / "program.llamafile", b"MZ" + bytes(100))
    stores.file(named / "deep" / "/".join("abcdefghij") / "too-deep.gguf", gguf("deep"))
    (named / "nowhere.gguf").symlink_to("gone")
    (named / "circle.gguf").symlink_to("circle.gguf")
    (named / "back").symlink_to(named)
    (named / "share").symlink_to("//server/share")
    os.mkfifo(named / "pipe.gguf")
    said = problems(home, named)
    assert "is not a GGUF file" in said.pop("text")
    assert "is empty" in said.pop("zero")
    assert "bytes too early" in said.pop("cut")
    assert "part-00002-of-00002.gguf" in said.pop("part")
    assert "later-00001-of-00002.gguf does not exist" in said.pop("later")
    assert "is not a GGUF file" in said.pop("program")
    assert "is a link to something" in said.pop("nowhere")
    assert "leads back to itself" in said.pop("circle")
    assert "lies on a network share" in said.pop("share")
    assert "is not an ordinary file" in said.pop("pipe")
    assert said == {}


def test_folders_that_are_none(home: Path) -> None:
    pipe = home / "pipe"
    os.mkfifo(pipe)
    said = problems(home, home / "gone", Path("//server/share"), pipe)
    assert "does not exist" in said["gone"]
    assert "lies on a network share" in said["share"]
    assert "is not an ordinary file" in said["pipe"]


def test_too_many_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "MOST_ENTRIES", 20)
    for number in range(30):
        stores.file(home / "named" / f"{number}.gguf", b"")
    said = problems(home, home / "named")
    assert "holds more than 20 files, and the rest was not looked at" in said.pop("named")
    assert len(said) == 20


@pytest.mark.parametrize(
    "environment",
    [
        {"OLLAMA_MODELS": "//server/share/models"},
        {"HF_HOME": r"\\server\share"},
        {"LLAMA_CACHE": r"\\?\UNC\server\share"},
        {"JAN_DATA_FOLDER": "//server/jan"},
    ],
)
def test_no_store_is_looked_at_on_a_share(home: Path, environment: dict[str, str]) -> None:
    said = set(problems(home, **environment).values())
    assert len(said) == 1
    assert "lies on a network share" in said.pop()


def test_settings_that_lead_to_a_share(home: Path) -> None:
    stores.file(home / ".lmstudio/settings.json", json.dumps({"downloadsFolder": r"\\server\models"}).encode())
    assert "lies on a network share" in problems(home)["lmstudio"]


def test_a_mount_of_another_computer_is_not_even_asked(home: Path, gguf: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    far = home / "far"
    stores.file(far / "publisher/repo/m.gguf", gguf("far"))
    stores.file(home / ".lmstudio/settings.json", json.dumps({"downloadsFolder": str(far)}).encode())
    system = System({}, "linux", home, home / "machine", (Mount(Path("/"), False), Mount(far, True)))
    asked: list[str] = []
    for name in ("stat", "lstat", "scandir"):
        monkeypatch.setattr(os, name, watched(getattr(os, name), asked))
    rows = {row.name: row.problem for row in scan((), system)}
    assert "lies on a network share" in (rows["lmstudio"] or "")
    assert not [path for path in asked if path.startswith(str(far))]
    monkeypatch.undo()
    assert "publisher/repo/m" in {row.name for row in scan([far], system)}, "what a person names is looked at"


def watched(function: Callable[..., Any], asked: list[str]) -> Callable[..., Any]:
    def call(path: Any, *more: Any, **named: Any) -> Any:
        asked.append(str(path))
        return function(path, *more, **named)

    return call


def test_a_store_that_is_a_file(home: Path) -> None:
    place = stores.file(home / "file", b"x")
    (said,) = problems(home, HF_HUB_CACHE=str(place)).values()
    assert str(place) in said


def test_names_that_would_write_on_a_terminal(home: Path) -> None:
    stores.file(home / "named" / "a\x1b[2Jb.gguf", b"")
    ((name, said),) = problems(home, home / "named").items()
    assert "\x1b" not in name + said


# --- rights ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def nobody(gguf: Make) -> Iterator[Path]:
    """A home in which the tests, too, may only read what they have a right to."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)
        stores.ollama(home / ".ollama/models", "good:1", gguf("good"))
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield home
        finally:
            if root:
                os.seteuid(0)
            for path in home.rglob("*"):
                path.chmod(0o755)


def forbidden(path: Path) -> None:
    """Nobody may read it, whoever the tests run as."""
    user = os.geteuid()
    os.seteuid(os.getuid())
    path.chmod(0)
    os.seteuid(user)


def test_without_rights_to_read(nobody: Path, gguf: Make) -> None:
    user = os.geteuid()
    os.seteuid(os.getuid())
    blob = stores.ollama(nobody / ".ollama/models", "bad:1", gguf("bad"))
    hub = nobody / ".cache/huggingface/hub"
    repo = stores.hub(hub, "org/closed", {"m.gguf": gguf("closed")}).parent
    closed = nobody / "named/closed"
    closed.mkdir(parents=True)
    os.seteuid(user)
    for path in (blob, repo, closed, stores_of_service(nobody)):
        forbidden(path)
    said = problems(nobody, nobody / "named")
    assert said["bad:1"].startswith("No permission to open")
    assert said["org/closed"].startswith("No permission to open")
    assert said["closed"].startswith("No permission to open")
    assert said["ollama"].startswith("No permission to open"), "the store of the service"


def stores_of_service(home: Path) -> Path:
    user = os.geteuid()
    os.seteuid(os.getuid())
    place = home / "machine/usr/share/ollama/.ollama"
    (place / "models/manifests").mkdir(parents=True)
    os.seteuid(user)
    return place


def test_a_row_is_what_it_says(home: Path) -> None:
    tag(home, "zero", b"")
    (row,) = (row for row in scan((), stores.system(home)) if row.problem)
    path = home / ".ollama/models/manifests/registry.ollama.ai/library/bad/zero"
    problem = f"{path} is empty. Download or export it again."
    assert row == Found("bad:zero", path, "gguf", "ollama", 0, problem)
