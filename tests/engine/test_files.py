"""Whole files or none: every operation fails in turn, and one of the two always stands. Killed: tests/faults."""

from __future__ import annotations

import ctypes
import errno
import io
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import files

OLD, NEW = b"old" * 1000, b"new" * 100_000


def left_over(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.name.startswith("."))


# --- plain use -------------------------------------------------------------------------------------------------------


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.bin"
    files.write_bytes(path, NEW)
    assert path.read_bytes() == NEW
    assert left_over(path.parent) == []


def test_json_is_readable_and_keeps_its_characters(tmp_path: Path) -> None:
    files.write_json(tmp_path / "x.json", {"name": "Grüße 🌱"})
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == '{\n  "name": "Grüße 🌱"\n}\n'


def test_what_cannot_be_json_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    files.write_json(path, [1])
    with pytest.raises(TypeError):
        files.write_json(path, object())
    assert path.read_text() == "[\n  1\n]\n"


@pytest.mark.parametrize("name", ["plain", "with space", ".hidden", "[*?]", "ünï 🌱", "a.b-c.partial"])
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    for text in ("one", "two"):
        files.write_bytes(tmp_path / name, text.encode())
        with files.whole_folder(tmp_path / f"{name} folder") as folder:
            (folder / "x").write_text(text)
    assert (tmp_path / name).read_text() == (tmp_path / f"{name} folder" / "x").read_text() == "two"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_takes_its_name_only_when_complete(tmp_path: Path) -> None:
    with files.whole_folder(tmp_path / "x") as folder:
        (folder / "deep" / "er").mkdir(parents=True)
        (folder / "deep" / "er" / "file").write_bytes(NEW)
        assert not (tmp_path / "x").exists()
    assert (tmp_path / "x" / "deep" / "er" / "file").read_bytes() == NEW
    assert left_over(tmp_path) == []


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    for name in ("first", "second"):
        with files.whole_folder(tmp_path / "x") as folder:
            (folder / name).touch()
    assert [p.name for p in (tmp_path / "x").iterdir()] == ["second"]
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("kind", [files.whole_file, files.whole_folder])
def test_an_error_while_writing_leaves_the_old_one(tmp_path: Path, kind: Callable[..., Any]) -> None:
    path = tmp_path / "x"
    path.mkdir() if kind is files.whole_folder else path.touch()

    def write() -> None:
        with kind(path) as partial:
            (partial / "half" if kind is files.whole_folder else partial).write_bytes(NEW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert path.is_dir() == (kind is files.whole_folder)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.trial(sample=20, full=2_000)
def test_threads_that_write_the_same_name_do_not_mix(tmp_path: Path, trials: range) -> None:
    path = tmp_path / "x"
    for _ in trials:
        contents = [bytes([letter]) * 50_000 for letter in b"abcd"]
        threads = [threading.Thread(target=files.write_bytes, args=(path, data)) for data in contents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert path.read_bytes() in contents
    assert left_over(tmp_path) == []


# --- every operation fails in turn -----------------------------------------------------------------------------------


class Faults:
    """Counts what is asked of the system, and lets the n-th request end as told."""

    def __init__(self, n: int, number: int) -> None:
        self.n, self.number, self.count = n, number, 0

    def tick(self, what: str) -> None:
        self.count += 1
        if self.count == self.n:
            raise OSError(self.number, os.strerror(self.number), what)

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def asked(path: Path, *arguments: Any, **options: Any) -> Any:
            if function.__name__ != "mkdir" or not os.path.exists(path):  # what is there need not be made
                self.tick(function.__name__)
            return function(path, *arguments, **options)

        return asked

    def open(self, path: Path, mode: str) -> Any:
        self.tick("open")
        faults = self

        class File(io.FileIO):
            def write(self, data: Any) -> int:
                half = super().write(memoryview(data)[: len(data) // 2])
                faults.tick("write")  # fails with half of it written
                return half + super().write(memoryview(data)[half:])

        return File(path, mode.replace("b", ""))


def outcomes(
    prepare: Callable[[], None], write: Callable[[], None], number: int, exchanges: bool = True
) -> Iterator[tuple[int, bool]]:
    """Run `write` with its first, second, third ... operation failing, until none does: (n, whether it failed)."""
    for n in range(1, 100):
        prepare()
        faults, raised = Faults(n, number), None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(files, "open", faults.open, raising=False)
            patch.setattr(files, "_exchange", faults.wrap(files._exchange) if exchanges else lambda *_: False)
            for name in ("fsync", "replace", "mkdir"):
                patch.setattr(os, name, faults.wrap(getattr(os, name)))
            try:
                write()
            except OSError as error:
                raised = error.errno
        assert raised == (number if faults.count >= n else None), "an operation failed and nobody was told"
        yield n, raised is not None
        if raised is None:
            return


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("exists", [True, False])
def test_a_file_survives_every_failing_operation(tmp_path: Path, number: int, exists: bool) -> None:
    path = tmp_path / "x"

    def prepare() -> None:
        path.unlink(missing_ok=True)
        if exists:
            path.write_bytes(OLD)

    n = 0
    for n, failed in outcomes(prepare, lambda: files.write_bytes(path, NEW), number):
        stands = path.read_bytes() if path.exists() else None
        assert stands in ((OLD if exists else None), NEW), n
        assert failed or stands == NEW
        assert left_over(tmp_path) == [], n
    assert n == 7  # open, write, open, flush, rename, flush the folder; and then none


def write_folder(path: Path) -> None:
    with files.whole_folder(path) as folder:
        os.mkdir(folder / "deep")
        for name in ("a", "deep/b"):
            with files.open(folder / name, "wb") as file:  # type: ignore[attr-defined]
                file.write(NEW)


def folder_stands(path: Path) -> str | None:
    if not path.exists():
        return None
    found = {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}
    if found == {"old": OLD}:
        return "old"
    assert found == {"a": NEW, str(Path("deep", "b")): NEW}
    return "new"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("exchanges", [True, False])
@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_survives_every_failing_operation(tmp_path: Path, number: int, exists: bool, exchanges: bool) -> None:
    path = tmp_path / "x"

    def prepare() -> None:
        files._remove(path)
        if exists:
            path.mkdir()
            (path / "old").write_bytes(OLD)

    n = 0
    for n, failed in outcomes(prepare, lambda: write_folder(path), number, exchanges):
        stands = folder_stands(path)
        assert stands in (("old" if exists else None), "new"), n
        assert failed or stands == "new"
        assert left_over(tmp_path) == [], n
    # two folders, twice open and write; twice open and flush, flush two folders; rename; flush the parent
    assert n == 2 + 4 + 4 + 2 + (2 if exists and not exchanges else 1) + 1 + 1


def test_a_disk_that_is_really_full_leaves_the_old_file(tmp_path: Path) -> None:
    """A limit on file sizes is the kernel's own refusal, in the middle of a write."""
    pytest.importorskip("resource")
    files.write_bytes(tmp_path / "x", OLD)
    code = f"""
        import resource, sys
        from pathlib import Path
        from engine import files
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            files.write_bytes(Path({str(tmp_path)!r}, "x"), b"n" * 1_000_000)
        except OSError as error:
            sys.exit(3)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False).returncode == 3
    assert (tmp_path / "x").read_bytes() == OLD
    assert left_over(tmp_path) == []


def test_what_is_set_aside_in_the_same_second_is_all_kept(tmp_path: Path) -> None:
    path, names = tmp_path / "list.json", []
    for content in (b"one", b"two", b"three"):
        path.write_bytes(content)
        names.append(files.set_aside(path))
    assert [name.read_bytes() for name in names] == [b"one", b"two", b"three"]
    assert all(name.match("list.broken-*.json") for name in names)


def test_a_drive_that_is_not_there_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_dir", lambda path: False)  # as of Z:\\ on Windows, whose parent is itself
    with pytest.raises(FileNotFoundError):
        files.make_folder(Path(Path.cwd().anchor) / "home" / "seedling")


# --- what others left ------------------------------------------------------------------------------------------------


def dead_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def test_a_name_is_no_pattern(tmp_path: Path) -> None:
    stay = tmp_path / f".y.{dead_process()}-1.partial"
    stay.touch()
    files.write_bytes(tmp_path / "[xy]", NEW)
    assert stay.exists()


@pytest.mark.parametrize("kind", [files.whole_file, files.whole_folder])
def test_leavings_of_dead_processes_go_and_those_of_living_ones_stay(tmp_path: Path, kind: Callable[..., Any]) -> None:
    dead = dead_process()
    gone = [tmp_path / f".x.{dead}-1.partial", tmp_path / f".x.{dead}-2.partial"]
    gone[0].touch()
    gone[1].mkdir()
    stay = [tmp_path / f".x.{os.getppid()}-1.partial", tmp_path / f".y.{dead}-1.partial", tmp_path / ".x.partial"]
    for path in stay:
        path.touch()
    with kind(tmp_path / "x") as partial:
        (partial / "y" if kind is files.whole_folder else partial).touch()
    assert [path.exists() for path in gone] == [False, False]
    assert [path.exists() for path in stay] == [True, True, True]


def test_what_a_dead_process_with_our_number_left_does_not_stand_in_the_way(tmp_path: Path) -> None:
    with files.scratch(tmp_path / "x") as folder:
        pass
    folder.mkdir()  # numbers come again, in a container at each start
    (folder / "y").touch()
    with files.scratch(tmp_path / "x") as again:
        assert again == folder
        assert not list(again.iterdir())


def test_a_folder_moved_aside_by_a_dead_process_is_put_back(tmp_path: Path) -> None:
    old = tmp_path / f".x.{dead_process()}-1.old"
    old.mkdir()
    (old / "text").write_text("precious")
    files.settle(tmp_path / "x")
    assert (tmp_path / "x" / "text").read_text() == "precious"
    assert left_over(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2")
def test_linux_exchanges_in_one_step(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if ctypes.CDLL(None).renameat2 is None or not files._exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this file system cannot")
    assert (tmp_path / "a" / "b").exists()
    assert (tmp_path / "b" / "a").exists()
    with pytest.raises(FileNotFoundError):
        files._exchange(tmp_path / "a", tmp_path / "c")


# --- locks -----------------------------------------------------------------------------------------------------------


def test_a_lock_is_held_once_and_ends_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    assert not files.is_locked(path)
    assert not path.exists(), "asking makes nothing"
    held = files.lock(path)
    assert held is not None
    assert files.is_locked(path)
    assert files.lock(path) is None
    os.close(held)
    assert not files.is_locked(path)
    assert path.exists()


def test_a_lock_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    script = (
        "import sys; from pathlib import Path; from engine import files\n"
        "held = files.lock(Path(sys.argv[1])); print(held, flush=True); input()"
    )
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert files.is_locked(path)
        process.kill()
        process.wait()
        assert not files.is_locked(path)
