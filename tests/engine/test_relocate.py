"""Moving a folder: what stands in the way is said before, and cut short nothing is lost. Killed: tests/faults."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import files, hardware, jobs, paths, relocate
from engine.chat.store import Store
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Progress
from engine.settings import Settings

Tree = dict[str, bytes]


def fill(folder: Path) -> Tree:
    """Some files of a run: small, empty, larger than what is read at once, in folders, one of them empty."""
    contents = {
        "run.json": b"{}",
        "checkpoints/step 7/model.safetensors": os.urandom(1_200_000),
        "ünï/🌱": b"x",
        "e": b"",
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "empty").mkdir()
    return contents


def tree(folder: Path) -> Tree:
    """The files below, but for the manifest."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != relocate.MANIFEST}


def moved(source: Path, target: Path, cancelled: threading.Event | None = None) -> list[Event]:
    return list(relocate.copy("runs_folder", source, target, cancelled or threading.Event()))


def refuse(source: Path, target: Path, option: str = "runs_folder") -> str:
    before = sorted(target.rglob("*")) if target.exists() else None
    with pytest.raises(EngineError) as caught:
        relocate.check(option, source, target)
    assert (sorted(target.rglob("*")) if target.exists() else None) == before
    return caught.value.code


@pytest.fixture
def source(home: Path) -> Path:
    fill(home / "runs")
    return home / "runs"


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the target were on another volume."""

    def another_volume(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", another_volume)


# --- the whole way ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("links", [True, False])
def test_everything_arrives_and_only_then_the_old_place_is_cleared(
    source: Path, tmp_path: Path, links: bool, request: pytest.FixtureRequest
) -> None:
    if not links:
        request.getfixturevalue("no_links")
    target, contents = tmp_path / "disk" / "runs", tree(source)
    settings = Settings()
    relocate.begin(settings, "runs_folder", target)
    *events, end = moved(source, target)
    assert isinstance(end, Finished)
    assert end.stats == {"files": 4, "bytes": sum(map(len, contents.values())), "linked": links}
    done = [(event.done, event.total) for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert done[-1] == (end.stats["bytes"], end.stats["bytes"])
    assert tree(source) == tree(target) == contents
    assert (target / "empty").is_dir()
    relocate.switch(settings, "runs_folder")
    settings.save()
    assert paths.runs() == target
    assert relocate.clear("runs_folder", source, target) == 0
    assert not source.exists()
    assert tree(target) == contents
    assert not (target / relocate.MANIFEST).exists()
    assert relocate.clear("runs_folder", source, target) == 0  # once more does nothing
    relocate.settled(settings, "runs_folder")
    settings.save()
    assert json.loads(settings.path.read_text()) == {"runs_folder": str(target)}


def test_the_way_back_to_the_usual_place_leaves_no_trace_in_the_settings(home: Path, tmp_path: Path) -> None:
    contents = fill(tmp_path / "elsewhere")
    settings = Settings()
    settings.set("runs_folder", str(tmp_path / "elsewhere"))
    relocate.begin(settings, "runs_folder", home / "runs")
    moved(tmp_path / "elsewhere", home / "runs")
    relocate.switch(settings, "runs_folder")
    assert relocate.clear("runs_folder", tmp_path / "elsewhere", relocate.place(settings, "runs_folder")) == 0
    relocate.settled(settings, "runs_folder")
    settings.save()
    assert json.loads(settings.path.read_text()) == {}
    assert tree(home / "runs") == contents


def test_a_folder_that_does_not_exist_yet_moves_too(home: Path, tmp_path: Path) -> None:
    assert isinstance(moved(home / "models", tmp_path / "models")[-1], Finished)
    assert (tmp_path / "models").is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a permission there")
def test_links_stay_links(source: Path, tmp_path: Path) -> None:
    (source / "link").symlink_to("run.json")
    (source / "folder link").symlink_to("checkpoints", target_is_directory=True)
    moved(source, tmp_path / "t")
    assert os.readlink(tmp_path / "t" / "link") == "run.json"
    assert os.readlink(tmp_path / "t" / "folder link") == "checkpoints"
    relocate.clear("runs_folder", source, tmp_path / "t")
    assert not source.exists()


def test_the_job_of_the_worker(source: Path, tmp_path: Path) -> None:
    params = {"option": "runs_folder", "source": str(source), "target": str(tmp_path / "t")}
    assert list(jobs.run(jobs.find("relocate"), params, jobs.JobContext()))[-1].reason == "copied"  # type: ignore[attr-defined]
    end = list(jobs.run(jobs.find("clear_moved"), params, jobs.JobContext()))[-1]
    assert end == Finished("done", {"left": 0})
    again = list(jobs.run(jobs.find("relocate"), params | {"target": str(tmp_path / "t")}, jobs.JobContext()))[-1]
    assert isinstance(again, Failed)
    assert again.code == "folder_not_empty"


# --- the chats: only their file --------------------------------------------------------------------------------------


def test_of_the_chats_only_the_database_moves(home: Path, tmp_path: Path) -> None:
    store = Store(home / "seedling.db")
    store.create_chat("kept").result()
    store.close()
    (home / "models.json").write_text("{}")
    list(relocate.copy("chats_folder", home, tmp_path / "c", threading.Event()))
    assert relocate.clear("chats_folder", home, tmp_path / "c") == 0
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["seedling.db"]
    assert [path.name for path in home.iterdir()] == ["models.json"]
    store = Store(tmp_path / "c" / "seedling.db")
    assert [chat.title for chat in store.chats()] == ["kept"]
    store.close()


def test_a_database_is_never_put_over_another(home: Path, tmp_path: Path) -> None:
    for folder in (home, tmp_path):
        (folder / "seedling.db").write_bytes(b"x")
    assert refuse(home, tmp_path, "chats_folder") == "folder_not_empty"
    (tmp_path / "seedling.db").unlink()
    (tmp_path / "letter.txt").touch()
    assert relocate.check("chats_folder", home, tmp_path).files == 1  # what else lies there is nobody's business


# --- refused before anything changes ---------------------------------------------------------------------------------


def test_places_that_cannot_be(source: Path, home: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    (tmp_path / "file").touch()
    assert refuse(source, source) == "folder_same"
    assert refuse(source, source / "inner") == "folder_inside"
    assert refuse(source, home) == "folder_inside"
    assert refuse(source, home / "models" / "runs") == "folder_inside"
    assert refuse(source, tmp_path / "full") == "folder_not_empty"
    assert refuse(source, tmp_path / "file") == "folder_unwritable"
    assert refuse(source, tmp_path / "file" / "inner") == "folder_unwritable"
    assert refuse(tmp_path / "unplugged", tmp_path / "t") == "folder_missing"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permission bits, which root ignores")
def test_a_folder_without_permission(source: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert refuse(source, tmp_path / "t") == "folder_unwritable"
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_that_takes_nothing(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(**_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(relocate.tempfile, "TemporaryFile", read_only)
    assert refuse(source, tmp_path / "t") == "folder_unwritable"


def test_room_is_needed_where_files_are_copied(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(hardware, "disk_free", lambda _: 1_000_000)
    assert relocate.check("runs_folder", source, tmp_path / "t").links
    request.getfixturevalue("no_links")
    assert refuse(source, tmp_path / "t") == "folder_no_room"
    monkeypatch.setattr(hardware, "disk_free", lambda _: 2_000_000)
    assert not relocate.check("runs_folder", source, tmp_path / "t").links


def test_where_a_chosen_folder_leads(home: Path, tmp_path: Path) -> None:
    assert relocate.target_in("runs_folder", tmp_path / "new") == tmp_path / "new"
    assert relocate.target_in("runs_folder", tmp_path) == tmp_path
    (tmp_path / "letter.txt").touch()
    assert relocate.target_in("runs_folder", tmp_path) == tmp_path / "seedling-runs"
    assert relocate.target_in("runs_folder", tmp_path / "seedling-runs") == tmp_path / "seedling-runs"
    (home / "runs").mkdir()
    (home / "runs" / "x").touch()
    assert relocate.target_in("runs_folder", home / "runs") == home / "runs"
    assert relocate.usable("runs_folder", tmp_path)
    assert not relocate.usable("chats_folder", tmp_path)


# --- cut short -------------------------------------------------------------------------------------------------------


def test_stopping_keeps_what_arrived_and_going_on_brings_only_the_rest(
    source: Path, tmp_path: Path, no_links: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, cancelled = tmp_path / "t", threading.Event()
    for event in relocate.copy("runs_folder", source, target, cancelled):
        if isinstance(event, Progress) and event.done >= 1_200_000:
            cancelled.set()
    assert event == Finished("cancelled")
    arrived = set(tree(target))
    assert arrived == {"checkpoints/step 7/model.safetensors"}
    brought = []
    monkeypatch.setattr(relocate, "_bring", _counted(relocate._bring, brought))
    assert moved(source, target)[-1].reason == "copied"  # type: ignore[attr-defined]
    assert not arrived & set(brought)
    assert tree(target) == tree(source)


def _counted(bring: Callable[[Path, Path], Iterator[int]], brought: list[str]) -> Callable[[Path, Path], Iterator[int]]:
    def counted(source: Path, target: Path) -> Iterator[int]:
        brought.append(source.name)
        yield from bring(source, target)

    return counted


def test_a_full_disk_changes_nothing_and_the_next_try_goes_on(
    source: Path, tmp_path: Path, no_links: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(source)
    with monkeypatch.context() as patch:

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(relocate.os, "fsync", full)
        patch.setattr(files, "_flush", lambda _: None)
        patch.setattr(files, "flush_folder", lambda _: None)
        end = list(
            jobs.run(
                relocate.relocate,
                {"option": "runs_folder", "source": str(source), "target": str(tmp_path / "t")},
                jobs.JobContext(),
            )
        )[-1]
    assert isinstance(end, Failed)
    assert end.code == "disk_full"
    assert tree(source) == before
    assert tree(tmp_path / "t") == {}
    moved(source, tmp_path / "t")
    assert tree(tmp_path / "t") == before


def test_a_disk_that_lies_is_found_out(
    source: Path, tmp_path: Path, no_links: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = relocate._forget_cached

    def spoil(descriptor: int) -> None:
        real(descriptor)
        os.pwrite(descriptor, b"!", 0) if os.fstat(descriptor).st_size > 1_000_000 else None

    monkeypatch.setattr(relocate, "_forget_cached", spoil)
    with pytest.raises(EngineError) as caught:
        moved(source, tmp_path / "t")
    assert caught.value.code == "move_not_same"
    assert tree(tmp_path / "t") == {}


def test_what_changes_meanwhile_is_brought_again(source: Path, tmp_path: Path, no_links: None) -> None:
    for event in relocate.copy("runs_folder", source, tmp_path / "t", threading.Event()):
        if isinstance(event, Progress) and event.done >= 1_200_000 and not (source / "late").exists():
            (source / "run.json").write_bytes(b'{"state": "done"}')
            (source / "late").write_bytes(b"later")
            (source / "e").unlink(missing_ok=True)
    assert tree(tmp_path / "t") == tree(source)
    assert "late" in tree(source)


def test_an_unplugged_source_is_not_an_empty_one(tmp_path: Path, no_links: None) -> None:
    fill(tmp_path / "disk")
    copying = relocate.copy("runs_folder", tmp_path / "disk", tmp_path / "t", threading.Event())
    while "run.json" not in tree(tmp_path / "t"):
        next(copying)
    arrived = tree(tmp_path / "t")
    shutil.move(tmp_path / "disk", tmp_path / "unplugged")
    with pytest.raises(EngineError, match="is not there"):
        list(copying)
    assert arrived.items() <= tree(tmp_path / "t").items()


def test_what_never_rests_is_not_moved(source: Path, tmp_path: Path, no_links: None) -> None:
    def restless() -> None:
        for count, _ in enumerate(relocate.copy("runs_folder", source, tmp_path / "t", threading.Event())):
            (source / "run.json").write_bytes(b"x" * count)

    with pytest.raises(EngineError) as caught:
        restless()
    assert caught.value.code == "move_changed"


def test_what_changed_after_the_switch_stays_in_the_old_place(source: Path, tmp_path: Path, no_links: None) -> None:
    moved(source, tmp_path / "t")
    (source / "run.json").write_bytes(b"written by someone who did not know")
    (source / "new").write_bytes(b"new")
    (tmp_path / "t" / "e").unlink()  # deleted in the new place already
    assert relocate.clear("runs_folder", source, tmp_path / "t") == 3
    assert set(tree(source)) == {"run.json", "new", "e"}


def test_what_grows_in_the_new_place_is_no_reason_to_keep_the_old(source: Path, tmp_path: Path) -> None:
    moved(source, tmp_path / "t")
    with open(tmp_path / "t" / "run.json", "ab") as file:  # linked: the old name shows the same
        file.write(b" ")
    assert relocate.clear("runs_folder", source, tmp_path / "t") == 0
    assert not source.exists()


def test_nothing_is_cleared_while_the_new_place_is_unplugged(source: Path, tmp_path: Path) -> None:
    before = tree(source)
    moved(source, tmp_path / "t")
    shutil.move(tmp_path / "t", tmp_path / "unplugged")
    with pytest.raises(EngineError, match="is not there"):
        relocate.clear("runs_folder", source, tmp_path / "t")
    assert tree(source) == before


@pytest.mark.parametrize("option", ["runs_folder", "chats_folder"])
def test_a_mount_point_without_its_disk_is_not_a_place_that_was_cleared(
    source: Path, home: Path, tmp_path: Path, option: str
) -> None:
    """What is left of the disk is an empty folder, in which no manifest lies."""
    if option == "chats_folder":
        source, _ = home, (home / "seedling.db").write_bytes(b"chats")
    before, target = tree(source), tmp_path / "mounted"
    list(relocate.copy(option, source, target, threading.Event()))
    shutil.move(target, tmp_path / "disk")
    target.mkdir()
    with pytest.raises(EngineError, match="is not there"):
        relocate.clear(option, source, target)
    assert tree(source) == before
    target.rmdir()
    shutil.move(tmp_path / "disk", target)
    assert relocate.clear(option, source, target) == 0
    assert relocate.clear(option, source, target) == 0  # once more does nothing
    assert relocate._items(option, source) == []


def test_an_old_place_that_is_a_mount_point_stays_and_is_empty(
    source: Path, tmp_path: Path, no_links: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.rmdir

    def busy(path: str, **_: object) -> None:
        if Path(path) == source:
            raise OSError(errno.EBUSY, "Device or resource busy", path)
        real(path)

    monkeypatch.setattr(os, "rmdir", busy)
    moved(source, tmp_path / "t")
    assert relocate.clear("runs_folder", source, tmp_path / "t") == 0
    assert list(source.iterdir()) == []
    assert not (tmp_path / "t" / relocate.MANIFEST).exists()


def test_giving_up_takes_away_what_a_killed_copy_left(source: Path, tmp_path: Path, no_links: None) -> None:
    moved(source, tmp_path / "t")
    (tmp_path / "t" / f".run.json.{2**22 + 1}-1.partial").write_bytes(b"half")
    relocate.discard("runs_folder", tmp_path / "t")
    assert not (tmp_path / "t").exists()


def test_giving_up_leaves_a_mount_point_without_its_disk(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    relocate.discard("runs_folder", tmp_path / "t")
    assert (tmp_path / "t").is_dir()


def test_giving_up_takes_away_only_what_was_brought(source: Path, tmp_path: Path) -> None:
    before = tree(source)
    moved(source, tmp_path / "t")
    (tmp_path / "t" / "letter.txt").touch()
    relocate.discard("runs_folder", tmp_path / "t")
    assert [path.name for path in (tmp_path / "t").iterdir()] == ["letter.txt"]
    assert tree(source) == before


@pytest.mark.parametrize("name", ["../outside", "/etc/hosts", "a/../../outside"])
def test_a_forged_manifest_reaches_nothing_outside(source: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / "t"
    target.mkdir()
    (tmp_path / "outside").write_bytes(b"mine")
    (source.parent / "outside").write_bytes(b"mine")
    lines = [{"source": str(source)}, {"path": name, "size": 4, "changed": 0}]
    (target / relocate.MANIFEST).write_text("\n".join(map(json.dumps, lines)) + "\n")
    relocate.discard("runs_folder", target)
    assert (tmp_path / "outside").exists()
    assert (source.parent / "outside").exists()


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"{", b'{"source": 1}\n[]', b'{"path": "run.json"}'])
def test_a_damaged_manifest_is_no_manifest(source: Path, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / relocate.MANIFEST).write_bytes(damage)
    assert refuse(source, tmp_path / "t") == "folder_not_empty"


def test_a_last_line_that_was_cut_off_is_left_out(source: Path, tmp_path: Path) -> None:
    moved(source, tmp_path / "t")
    manifest = tmp_path / "t" / relocate.MANIFEST
    manifest.write_bytes(manifest.read_bytes()[:-9])
    assert moved(source, tmp_path / "t")[-1].reason == "copied"  # type: ignore[attr-defined]
    assert tree(tmp_path / "t") == tree(source)
