"""The file of a newer version: whole and right in the person's folder, or not there at all."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rough_server import RoughServer, head
from signed_lists import CONTENT, Release, job, listed, package, told

from engine import files, hardware
from engine.events import Event, Failed, Finished, Progress
from engine.jobs import JobContext, find, run
from engine.library.download.connection import Patience
from engine.updates import jobs, known

NAME = "seedling_9.0.0.tar.gz"
SECOND = "seedling_9.0.0 (2).tar.gz"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PATIENCE", Patience(first_wait_s=0.0, longest_wait_s=0.0, tries=3))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Downloads"


@pytest.fixture
def offered(release: Release) -> Release:
    """A release whose list has been looked at."""
    release.publish(listed(release.package()))
    told()
    release.requests.clear()
    return release


def fetch(folder: Path, **params: Any) -> Event:
    return job("update_download", folder=str(folder), **params)[-1]


def code(event: Event) -> str:
    assert isinstance(event, Failed), event
    return event.code


def take(path: Path) -> None:
    """Another program writes its own file and gives it this name, once."""
    beside = path.with_name("another program's")
    if not path.exists() or path.read_text(errors="replace") != beside.name:
        beside.write_text(beside.name)
        os.replace(beside, path)


class Links:
    """The links of a disk: `the same`, `another` than the home's, or one `without links`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, disk: str) -> None:
        self.before: Callable[[Path], None] = lambda target: None
        self._link, self._open, self._disk = os.link, open, disk
        monkeypatch.setattr(os, "link", self._linked)
        monkeypatch.setattr("engine.updates.jobs.open", self._opened, raising=False)

    def _linked(self, source: Path, target: Path) -> None:
        if self._disk == "another" and source.suffix == ".whole":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        if self._disk == "without links":
            raise OSError(errno.EPERM, "Operation not permitted")
        self.before(target)
        self._link(source, target)

    def _opened(self, path: Path, mode: str) -> Any:
        if "x" in mode:
            self.before(path)
        return self._open(path, mode)


def leftovers(home: Path) -> set[str]:
    return {path.name.partition(".")[2] for path in (home / "updates").iterdir()} - {"", "lock"}


def test_a_file_comes_whole_and_stays_closed(offered: Release, folder: Path, home: Path) -> None:
    end = fetch(folder)
    assert isinstance(end, Finished)
    assert end.stats["path"] == str(folder / NAME)
    assert (folder / NAME).read_bytes() == CONTENT
    assert not stat.S_IMODE((folder / NAME).stat().st_mode) & 0o111  # it is fetched, not made to run
    assert os.listdir(folder) == [NAME]
    assert leftovers(home) == set()
    assert [headers["User-Agent"] for _, headers in offered.requests] == ["seedling"]


def test_what_is_here_is_not_fetched_again(offered: Release, folder: Path) -> None:
    fetch(folder)
    offered.requests.clear()
    end = fetch(folder)
    assert isinstance(end, Finished)
    assert end.stats["path"] == str(folder / NAME)
    assert not offered.requests


def test_nobodys_file_is_written_over(offered: Release, folder: Path) -> None:
    folder.mkdir()
    (folder / NAME).write_text("my own")
    (folder / SECOND).symlink_to(folder / "elsewhere")
    end = fetch(folder)
    assert isinstance(end, Finished)
    assert (folder / NAME).read_text() == "my own"
    assert Path(end.stats["path"]).read_bytes() == CONTENT
    assert not (folder / "elsewhere").exists()


@pytest.mark.parametrize("disk", ["the same", "another", "without links"])
def test_a_name_that_is_taken_at_the_last_moment_stays_whose_it_is(
    offered: Release, folder: Path, monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    links = Links(monkeypatch, disk)
    links.before = lambda target: take(folder / NAME) if target == folder / NAME else None
    end = fetch(folder)
    assert isinstance(end, Finished)
    assert (folder / NAME).read_text() == "another program's"
    assert Path(end.stats["path"]).read_bytes() == CONTENT
    assert sorted(os.listdir(folder)) == sorted([NAME, SECOND])


@pytest.mark.parametrize("disk", ["another", "without links"])
def test_a_name_that_is_taken_while_it_is_copied_stays_whose_it_is(
    offered: Release, folder: Path, monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    Links(monkeypatch, disk)
    real = shutil.copyfileobj

    def slow(source: Any, copy: Any) -> None:
        take(folder / NAME)
        real(source, copy)

    monkeypatch.setattr(shutil, "copyfileobj", slow)
    end = fetch(folder)
    if disk == "another":
        assert isinstance(end, Finished)
        assert end.stats["path"] == str(folder / SECOND)
        assert (folder / SECOND).read_bytes() == CONTENT
    else:  # somebody put theirs in the place of ours, which had the name
        assert code(end) == "update_unlike"
    assert (folder / NAME).read_text() == "another program's"
    assert {NAME, SECOND} >= set(os.listdir(folder))


def test_a_connection_that_breaks_goes_on(offered: Release, folder: Path) -> None:
    offered.cut_at = 300_000
    assert isinstance(fetch(folder), Finished)
    assert [headers.get("Range") for _, headers in offered.requests] == [None, "bytes=300000-"]
    assert (folder / NAME).read_bytes() == CONTENT


def test_a_server_without_ranges_begins_anew(offered: Release, folder: Path) -> None:
    offered.cut_at, offered.ranges = 300_000, False
    assert isinstance(fetch(folder), Finished)
    assert (folder / NAME).read_bytes() == CONTENT


def test_stopping_keeps_what_is_here(offered: Release, folder: Path, home: Path) -> None:
    context = JobContext()

    def half(guest: socket.socket, request: bytes) -> None:
        guest.sendall(head(200, Content_Length=len(CONTENT)) + CONTENT[:500_000])
        guest.recv(1)

    with RoughServer(half) as server:
        offered.publish(listed(package(f"{server.url}/x", NAME), number=6))
        told()
        seen = []
        for event in run(find("update_download"), {"folder": str(folder)}, context):
            seen.append(event)
            if isinstance(event, Progress) and event.done:
                context.cancelled.set()
    assert seen[-1] == Finished("cancelled")
    assert not list(folder.iterdir())
    assert leftovers(home) == {"part", "state"}

    offered.publish(listed(offered.package(), number=7))
    told()
    offered.requests.clear()
    assert isinstance(fetch(folder), Finished)
    ((_, headers),) = offered.requests
    assert 0 < int(headers["Range"].removeprefix("bytes=").rstrip("-")) <= 500_000


def test_a_kill_before_the_name_costs_nothing(offered: Release, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_named", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        fetch(folder)
    assert not list(folder.iterdir())
    offered.requests.clear()
    assert isinstance(fetch(folder), Finished)
    assert not offered.requests


# --- wrong bytes ------------------------------------------------------------------------------------------------------


def test_wrong_bytes_are_not_kept(offered: Release, folder: Path, home: Path) -> None:
    offered.pages[f"/{NAME}"] = CONTENT[:-1] + b"!"
    assert code(fetch(folder)) == "download_wrong"
    assert not list(folder.iterdir())
    assert leftovers(home) == set()


def test_without_its_guard_wrong_bytes_would_be_kept(
    offered: Release, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.library.download.part.Part.is_right", lambda _: True)
    offered.pages[f"/{NAME}"] = CONTENT[:-1] + b"!"
    fetch(folder)
    assert (folder / NAME).read_bytes() != CONTENT


@pytest.mark.parametrize("content", [CONTENT + b"more", CONTENT[:-1], b""])
def test_a_file_of_another_size_is_another_file(offered: Release, folder: Path, content: bytes) -> None:
    offered.pages[f"/{NAME}"] = content
    assert code(fetch(folder)) == "update_other_file"
    assert not list(folder.iterdir())


def test_more_than_was_promised_is_cut_off(offered: Release, folder: Path, home: Path) -> None:
    def more(guest: socket.socket, request: bytes) -> None:
        guest.sendall(head())
        for _ in range(100_000):
            guest.sendall(CONTENT)

    with RoughServer(more) as server:
        offered.publish(listed(package(f"{server.url}/x", NAME), number=6))
        told()
        assert code(fetch(folder)) == "hub_unreachable"
    assert not list(folder.iterdir())
    part = next((path for path in (home / "updates").iterdir() if path.suffix == ".part"), None)
    assert part is None or part.stat().st_size <= 2 * len(CONTENT)


def test_a_server_that_vanishes_is_a_sentence(offered: Release, folder: Path) -> None:
    del offered.pages[f"/{NAME}"]
    assert code(fetch(folder)) == "hub_refused"


def test_a_link_under_our_own_name_is_not_followed(offered: Release, folder: Path, home: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    found = offered.package()
    (home / "updates" / f"{found['sha256']}.part").symlink_to(victim)
    assert isinstance(fetch(folder), Failed)
    assert victim.read_text() == "mine"


# --- room, places, choices --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("disk", ["another", "without links"])
def test_another_disk_gets_a_copy_that_is_read_back(
    offered: Release, folder: Path, monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    Links(monkeypatch, disk)
    assert isinstance(fetch(folder), Finished)
    assert (folder / NAME).read_bytes() == CONTENT
    assert os.listdir(folder) == [NAME]

    (folder / NAME).unlink()
    monkeypatch.setattr(shutil, "copyfileobj", lambda _, copy: copy.write(CONTENT[:-1] + b"!"))
    assert code(fetch(folder)) == "update_unlike"
    assert not list(folder.iterdir())


@pytest.mark.parametrize("disk", ["another", "without links"])
def test_a_disk_that_fills_up_keeps_nothing_of_it(
    offered: Release, folder: Path, monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    Links(monkeypatch, disk)

    def full(_: Any, copy: Any) -> None:
        copy.write(CONTENT[:1000])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", full)
        assert isinstance(fetch(folder), Failed)
    assert not list(folder.iterdir())
    offered.requests.clear()
    assert isinstance(fetch(folder), Finished)
    assert not offered.requests  # what was fetched is still here


def test_a_full_disk_is_told_before_anything_is_fetched(
    offered: Release, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "disk_free", lambda _: 1000)
    assert code(fetch(folder)) == "update_no_room"
    assert not offered.requests


def test_two_at_once_do_not_meet(offered: Release, folder: Path) -> None:
    lock = files.lock(known.place(offered.package()["sha256"], "lock"))
    assert lock is not None
    assert code(fetch(folder)) == "update_running"
    os.close(lock)
    assert isinstance(fetch(folder), Finished)


def test_what_was_begun_of_earlier_versions_goes(offered: Release, folder: Path, home: Path) -> None:
    mine = home / "updates" / "notes.txt"
    mine.write_text("not ours to delete")
    known.place("0" * 64, "part").write_bytes(b"x" * 1000)
    fetch(folder)
    assert leftovers(home) == {"txt"}


def test_what_another_process_fetches_now_stays(offered: Release, folder: Path, home: Path) -> None:
    first, go_on = b"first" * 200_000, threading.Event()

    def slow(guest: socket.socket, request: bytes) -> None:
        guest.sendall(head(200, Content_Length=len(first)) + first[:500_000])
        go_on.wait(30)
        guest.sendall(first[500_000:])

    with RoughServer(slow) as server:
        offered.publish(listed(offered.package(), package(f"{server.url}/x", "first.deb", first), number=6))
        told()
        known.place("0" * 64, "part").write_bytes(b"x" * 1000)
        known.place("0" * 64, "lock").touch()
        downloading = run(find("update_download"), {"folder": str(folder), "file": "first.deb"}, JobContext())
        next(event for event in downloading if isinstance(event, Progress) and event.done)
        second = fetch(folder, file=NAME)
        go_on.set()
        assert isinstance(second, Finished)
        assert isinstance(list(downloading)[-1], Finished)
    assert (folder / "first.deb").read_bytes() == first
    assert not list((home / "updates").glob(f"{'0' * 64}.*"))


def test_nothing_is_fetched_that_was_not_found(release: Release, folder: Path) -> None:
    assert code(fetch(folder)) == "update_none"


def test_a_file_is_chosen_by_its_name(offered: Release, folder: Path) -> None:
    offered.publish(listed(offered.package(), offered.package("seedling_9.0.0_amd64.deb", b"deb" * 999), number=6))
    told()
    end = fetch(folder, file="seedling_9.0.0_amd64.deb")
    assert isinstance(end, Finished)
    assert os.listdir(folder) == ["seedling_9.0.0_amd64.deb"]
    assert code(fetch(folder, file="../seedling.deb")) == "update_no_such_file"


@pytest.mark.parametrize(
    ("executable", "appimage", "first"),
    [
        ("/opt/seedling/seedling", "", "a.deb"),
        ("/usr/lib/seedling/seedling", "", "a.deb"),
        ("/media/stick/seedling/seedling", "", "a.tar.gz"),
        ("/tmp/.mount_x/seedling", "/home/me/Seedling.AppImage", "a.AppImage"),
    ],
)
def test_the_file_that_suits_comes_first(
    release: Release, monkeypatch: pytest.MonkeyPatch, executable: str, appimage: str, first: str
) -> None:
    monkeypatch.setattr("sys.executable", executable)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("APPIMAGE", appimage)
    release.publish(listed(*(release.package(f"a.{end}") for end in ("zip", "deb", "tar.gz", "AppImage"))))
    assert told()["packages"][0]["name"] == first


def test_the_usual_place_is_the_persons_downloads(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert jobs.folder() == home / "updates"
    monkeypatch.delenv("SEEDLING_HOME")
    monkeypatch.setattr("platformdirs.user_downloads_dir", lambda: str(tmp_path / "Downloads"))
    assert jobs.folder() == tmp_path / "Downloads"


def test_a_folder_that_cannot_be_written_is_a_sentence(offered: Release, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    failure = fetch(tmp_path / "file" / "folder")
    assert isinstance(failure, Failed)
    assert failure.code != "bug"
