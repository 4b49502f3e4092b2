"""The GGUF in a llamafile: found, opened in place by llama.cpp and ours, copied only where it must be."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import llama_child
import model_stores as stores
import pytest
from gguf_files import GGUF

from engine import paths
from engine.errors import EngineError
from engine.gpt import gguf_import
from engine.library import models
from engine.runtime import llamafile
from engine.runtime.fingerprint import gguf_fingerprint, model_fingerprint
from engine.runtime.gguf_header import holds_gguf, read_header, read_type
from engine.runtime.llama import LlamaRuntime

Data = Callable[[str], Path]


@pytest.fixture
def gguf(data: Data) -> Path:
    return data("malformed-models/gguf/valid-mini.gguf")


def outcome(path: Path) -> str:
    return llama_child.outcomes([path])[path]


def test_the_header_is_that_of_the_gguf_inside(gguf: Path, tmp_path: Path) -> None:
    path = stores.llamafile(tmp_path / "mini.llamafile", {"mini.gguf": gguf})
    inside, alone = read_header(path), read_header(gguf)
    assert (inside.metadata, inside.tensors, inside.file_size) == (alone.metadata, alone.tensors, alone.file_size)
    assert inside.start > 0
    assert inside.start % 65_536 == 0
    assert inside.data_start == inside.start + alone.data_start
    assert read_type(path) == read_type(gguf)


def test_it_opens_in_place(gguf: Path, tmp_path: Path) -> None:
    path = stores.llamafile(tmp_path / "mini.llamafile", {"mini.gguf": gguf})
    before = stores.state(tmp_path)
    assert outcome(path) == "wrote 5"
    assert stores.state(tmp_path) == before
    assert not paths.cache().exists()


def test_it_computes_what_the_gguf_computes(gguf: Path, tmp_path: Path) -> None:
    path = stores.llamafile(tmp_path / "mini.llamafile", {"mini.gguf": gguf})
    one, other = (LlamaRuntime(each, threads=1, context=64) for each in (path, gguf))
    assert (one.evaluate([1, 2, 3]) == other.evaluate([1, 2, 3])).all()
    assert one.info.size_bytes == gguf.stat().st_size
    one.close()
    other.close()
    assert gguf_import.load(path)[0].state_dict().keys() == gguf_import.load(gguf)[0].state_dict().keys()


def test_one_that_cannot_be_mapped_is_copied_once(gguf: Path, tmp_path: Path) -> None:
    path = stores.llamafile(tmp_path / "packed.llamafile", {"mini.gguf": gguf}, aligned=False)
    assert read_header(path).start % llamafile.ALIGNMENT
    before = stores.state(tmp_path)
    LlamaRuntime(path, threads=1, context=64).close()
    (copy,) = (paths.cache() / "llamafiles").iterdir()
    assert copy.read_bytes() == gguf.read_bytes()
    made = copy.stat().st_mtime_ns
    LlamaRuntime(path, threads=1, context=64).close()
    assert copy.stat().st_mtime_ns == made
    assert stores.state(tmp_path) == before


def test_a_copy_is_whole_or_not_made(gguf: Path, tmp_path: Path) -> None:
    path = stores.llamafile(tmp_path / "packed.llamafile", {"mini.gguf": gguf}, aligned=False)

    def stop(_share: float) -> None:
        raise InterruptedError

    with pytest.raises(EngineError):
        LlamaRuntime(path, threads=1, context=64, on_load=stop)
    assert list((paths.cache() / "llamafiles").iterdir()) == []


def test_a_changed_llamafile_gets_another_copy(gguf: Path, tmp_path: Path) -> None:
    path = stores.llamafile(tmp_path / "packed.llamafile", {"mini.gguf": gguf}, aligned=False)
    header = read_header(path)
    first = llamafile.unpacked(path, header.start, header.file_size)
    changed = bytearray(path.read_bytes())
    changed[header.data_start] ^= 1
    path.write_bytes(changed)
    assert llamafile.unpacked(path, header.start, header.file_size) != first


def test_a_copy_that_was_cut_is_made_again(gguf: Path, tmp_path: Path) -> None:
    path = stores.llamafile(tmp_path / "packed.llamafile", {"mini.gguf": gguf}, aligned=False)
    header = read_header(path)
    copy = llamafile.unpacked(path, header.start, header.file_size)
    copy.write_bytes(copy.read_bytes()[:100])
    assert llamafile.unpacked(path, header.start, header.file_size).read_bytes() == gguf.read_bytes()


def test_no_copy_is_begun_that_has_no_room(gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stores.llamafile(tmp_path / "packed.llamafile", {"mini.gguf": gguf}, aligned=False)
    header = read_header(path)
    monkeypatch.setattr(llamafile.shutil, "disk_usage", lambda _: SimpleNamespace(free=header.file_size - 1))
    with pytest.raises(EngineError) as caught:
        llamafile.unpacked(path, header.start, header.file_size)
    assert caught.value.code == "disk_full"
    assert list((paths.cache() / "llamafiles").iterdir()) == []


def test_the_model_is_taken_not_what_sees_images(gguf: Path, data: Data, tmp_path: Path) -> None:
    larger = data("gguf-tiny-random/llama-2-tiny-random.gguf")
    files = {"llava-mmproj-Q8_0.gguf": larger, "llava.gguf": gguf, "draft.gguf": b"GGUF"}
    path = stores.llamafile(tmp_path / "llava.llamafile", files)
    assert read_header(path).file_size == gguf.stat().st_size


def test_it_is_added_and_named(gguf: Path, tmp_path: Path) -> None:
    path = stores.llamafile(tmp_path / "Little Model.llamafile", {"mini.gguf": gguf})
    entry = models.add(path, origin="llamafile")
    assert (entry.name, entry.path, entry.kind, entry.backend) == ("Little Model", path, "gguf", "llama")
    assert models.describe(entry)["size_bytes"] == gguf.stat().st_size
    assert models.resolve("Little Model").problem is None


def test_compressed_it_is_refused_in_a_sentence(gguf: Path, tmp_path: Path) -> None:
    path = tmp_path / "deflated.llamafile"
    path.write_bytes(b"MZ program")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.write(gguf, "mini.gguf")
    with pytest.raises(EngineError, match="holds its GGUF compressed") as caught:
        read_header(path)
    assert caught.value.code == "llamafile_packed"


def larger_by(whole: bytes, size: int, more: int) -> bytes:
    """The directory says another size than the file has; both of its numbers, packed and unpacked."""
    place = whole.rindex(struct.pack("<II", size, size))
    return whole[:place] + struct.pack("<II", size + more, size + more) + whole[place + 8 :]


def test_what_is_no_llamafile_is_no_gguf(data: Data, gguf: Path, tmp_path: Path) -> None:
    whole = stores.llamafile(tmp_path / "whole.llamafile", {"mini.gguf": gguf}).read_bytes()
    header = read_header(tmp_path / "whole.llamafile")
    files = {
        "program alone": b"MZ" + bytes(1000),
        "cut in its directory": whole[:-30],
        "cut before its directory": whole[: len(whole) // 2],
        "with another file": stores.llamafile(tmp_path / "x", {"notes.txt": b"GGUF"}).read_bytes(),
        "with a gguf that is none": stores.llamafile(tmp_path / "x", {"mini.gguf": b"none"}).read_bytes(),
        "with a lying directory": whole.replace(b"PK\x03\x04", b"PK\x03\x05"),
        "its gguf is said to be larger": larger_by(whole, header.file_size, 1 << 20),
        "its gguf is gone": whole[: header.start] + whole[header.start + header.file_size :],
    }
    for name, content in files.items():
        path = stores.file(tmp_path / name, content)
        assert not holds_gguf(path), name
        with pytest.raises(EngineError):
            read_header(path)


def test_a_directory_of_any_size_is_not_read(gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stores.llamafile(tmp_path / "mini.llamafile", {"mini.gguf": gguf})
    monkeypatch.setattr(llamafile, "_LARGEST_DIRECTORY", 20)
    assert not holds_gguf(path)


def test_fingerprints_begin_where_the_gguf_does(gguf: Path, tmp_path: Path) -> None:
    """So that models differ though all that differs lies far from both ends of the file."""
    start, data_start = 3 << 20, read_header(gguf).data_start
    marks = set()
    for name in ("one", "two"):
        model = GGUF.read(gguf).set("general.name", "text", name).bytes()
        path = stores.file(tmp_path / name, bytes(start) + model + bytes(2 << 20))
        marks.add(gguf_fingerprint(path, start + data_start, start))
    assert len(marks) == 2
    one, other = (stores.llamafile(tmp_path / name, {"m.gguf": gguf}) for name in ("a", "b"))
    assert model_fingerprint(one) == model_fingerprint(other)
