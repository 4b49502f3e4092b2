"""What was made of data comes back whole, or not at all."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from engine.data import cache as caches
from engine.data.cache import Cache

KEY = {"made": "tokens", "data": [["a.txt", "00"]], "recipe": {"max_length": 16}}
CONTENT = {"ids.npy": b"tokens" * 1000, "starts.npy": b"starts"}

# Puts and takes the same entry as fast as it can, in a cache that has room for two. What it takes is right or nothing.
BUSY = """
import sys, tempfile
from functools import partial
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_cache import CONTENT, check, made
from engine.data.cache import Cache
cache, taken = Cache(Path(sys.argv[1]), 14_000), 0
for turn in range(int(sys.argv[3])):
    key = {"made": turn % 3}
    with tempfile.TemporaryDirectory() as folder:
        if turn % 2:
            cache.put(key, ["about"], made(Path(folder)))
        elif cache.take(key, Path(folder)) is not None:
            check(Path(folder))
            taken += 1
        else:
            assert not list(Path(folder).iterdir())
print(taken)
"""


def made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    return folder


def check(folder: Path) -> None:
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENT


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def empty(tmp_path: Path, name: str = "taken") -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def entry_of(cache: Cache) -> Path:
    (entry,) = cache.folder.iterdir()
    return entry


def test_what_was_put_is_taken_and_outlives_the_cache(cache: Cache, tmp_path: Path) -> None:
    assert cache.take(KEY, empty(tmp_path)) is None
    cache.put(KEY, {"rows": 3}, made(tmp_path / "made"))
    assert cache.take(KEY, tmp_path / "taken") == {"rows": 3}
    assert (tmp_path / "taken" / "ids.npy").samefile(tmp_path / "made" / "ids.npy")
    shutil.rmtree(cache.folder)
    check(tmp_path / "taken")


def test_where_there_are_no_links_files_are_copied(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_link)
    cache.put(KEY, "about", made(tmp_path / "made"))
    assert cache.take(KEY, empty(tmp_path)) == "about"
    check(tmp_path / "taken")
    assert not (tmp_path / "taken" / "ids.npy").samefile(tmp_path / "made" / "ids.npy")


def test_another_key_another_format_and_other_libraries_are_other_entries(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put(KEY, "about")
    assert cache.take(dict(reversed(KEY.items()))) == "about"
    assert cache.take({**KEY, "recipe": {"max_length": 17}}) is None
    with monkeypatch.context() as changed:
        changed.setattr(caches, "FORMAT", caches.FORMAT + 1)
        assert cache.take(KEY) is None
    for library in caches.versions():
        with monkeypatch.context() as changed:
            changed.setattr(caches, "versions", partial(dict, caches.versions(), **{library: "another"}))
            assert cache.take(KEY) is None
    assert cache.take(KEY) == "about"
    assert set(caches.versions()) == {"seedling", "tokenizers", "jinja2"}


@pytest.mark.parametrize("name", ["ids.npy", "starts.npy", "about.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["changed", "cut", "empty", "absent"])
def test_what_is_damaged_is_noticed_and_made_again(name: str, damage: str, cache: Cache, tmp_path: Path) -> None:
    cache.put(KEY, {"rows": 3}, made(tmp_path / "made"))
    place = entry_of(cache) / name
    content = place.read_bytes()
    place.unlink()
    if damage != "absent":
        middle = len(content) // 2
        changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        place.write_bytes({"changed": changed, "cut": content[:-2], "empty": b""}[damage])
    assert cache.take(KEY, empty(tmp_path)) is None
    assert not list((tmp_path / "taken").iterdir())
    cache.put(KEY, {"rows": 3}, made(tmp_path / "made"))
    assert cache.take(KEY, tmp_path / "taken") == {"rows": 3}
    check(tmp_path / "taken")


def test_what_was_used_last_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", most=14_000)
    files = made(tmp_path / "made")
    for number in (0, 1):
        cache.put({"number": number}, number, files)
        time.sleep(0.01)
    assert cache.take({"number": 0}, empty(tmp_path, "first")) == 0
    time.sleep(0.01)
    cache.put({"number": 2}, 2, files)
    left = [number for number in range(3) if cache.take({"number": number}, empty(tmp_path, str(number))) is not None]
    assert left == [0, 2]
    cache.put({"number": 3}, 3, made(tmp_path / "made"))
    Cache(cache.folder, most=5_000).put({"number": 4}, 4, files)
    assert cache.take({"number": 4}) is None, "it is too large for this cache"


def test_leftovers_of_killed_processes_go(cache: Cache, tmp_path: Path) -> None:
    left = cache.folder / f".{'0' * 64}.999999999-1.partial"
    left.mkdir(parents=True)
    cache.put(KEY, "about")
    assert not left.exists()


def test_a_full_disk_costs_only_time(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as changed:
        changed.setattr(os, "link", full)
        changed.setattr(shutil, "copyfile", full)
        cache.put(KEY, "about", made(tmp_path / "made"))
    assert cache.take(KEY, empty(tmp_path)) is None
    cache.put(KEY, "about", made(tmp_path / "made"))
    with monkeypatch.context() as changed:
        changed.setattr(os, "link", full)
        changed.setattr(shutil, "copyfile", full)
        assert cache.take(KEY, tmp_path / "taken") is None
    assert cache.take(KEY, tmp_path / "taken") == "about", "the entry was good"


def busy(folder: Path, turns: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUSY, str(folder), str(Path(__file__).parent), str(turns)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_processes_do_not_disturb_each_other(cache: Cache) -> None:
    running = [busy(cache.folder, 300) for _ in range(2)]
    for process in running:
        out, error = process.communicate()
        assert process.returncode == 0, error[-2000:]
        assert int(out) > 0


@pytest.mark.trial(sample=3, full=50)
def test_a_kill_leaves_whole_entries(trials: range, cache: Cache, tmp_path: Path) -> None:
    for number in trials:
        process = busy(cache.folder, 100_000)
        deadline = time.monotonic() + 30
        while not cache.folder.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3 + 0.2 * random.Random(number).random())
        process.kill()
        process.communicate()
        assert process.returncode < 0
        for key in range(3):
            folder = empty(tmp_path, f"{number}-{key}")
            if cache.take({"made": key}, folder) is not None:
                check(folder)
        cache.put({"made": 0}, "about", made(tmp_path / "made"))
        assert cache.take({"made": 0}, empty(tmp_path, f"{number}-again")) == "about"
        assert not [path for path in cache.folder.iterdir() if path.name.startswith(".")]


def test_it_needs_no_torch() -> None:
    code = "import sys, engine.data.cache, engine.training.kept; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
