"""Downloads from the loopback hub: what lies where afterwards, what is resumed, and how each fault ends."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_hub import FakeHub
from huggingface_hub import hf_hub_download, scan_cache_dir, try_to_load_from_cache

from engine import hardware, settings
from engine.events import Failed, Finished, Progress, Waiting
from engine.jobs import JobContext
from engine.library import models
from engine.library.download import job, journal, layout
from engine.library.download.part import NOTE_BYTES, Part

Fetch = Callable[..., Finished | Failed]

SIZE = 3 * NOTE_BYTES + 12345
BIG = random.Random(7).randbytes(SIZE)
CONFIG = b'{"model_type": "llama"}' + b" " * 600


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def served(hub: FakeHub) -> FakeHub:
    hub.add("org/name", {"big.bin": BIG, "sub/config.json": CONFIG, "same.bin": BIG, "empty.txt": b""})
    return hub


def content(ended: Finished | Failed) -> list[bytes]:
    assert isinstance(ended, Finished), ended
    assert ended.reason == "done"
    return [Path(path).read_bytes() for path in ended.stats["paths"]]


def code(ended: Finished | Failed) -> str:
    assert isinstance(ended, Failed), ended
    return ended.code


# --- what lies where --------------------------------------------------------------------------------------------------


def test_files_lie_where_huggingface_hub_finds_them(served: FakeHub, fetch: Fetch, home: Path) -> None:
    ended = fetch("org/name", "big.bin", "sub/config.json", "empty.txt")
    assert content(ended) == [BIG, CONFIG, b""]
    for name, path in zip(("big.bin", "sub/config.json", "empty.txt"), ended.stats["paths"], strict=True):
        assert try_to_load_from_cache("org/name", name, cache_dir=home / "hub") == path
        assert hf_hub_download("org/name", name, cache_dir=home / "hub", local_files_only=True) == path
        assert os.readlink(path).startswith("..")
    sent = served.all_sent()
    assert hf_hub_download("org/name", "big.bin", cache_dir=home / "hub", endpoint=served.url, token=False)
    assert served.all_sent() == sent
    info = scan_cache_dir(home / "hub")
    assert not info.warnings
    assert [(repo.repo_id, repo.nb_files) for repo in info.repos] == [("org/name", 3)]
    assert not list((home / "hub").rglob("*.seedling-*"))


def test_without_a_home_of_its_own_it_is_the_hub_s_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from huggingface_hub import constants

    monkeypatch.delenv("SEEDLING_HOME")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert layout.cache() == tmp_path


def test_what_another_program_fetched_is_not_fetched_again_nor_ours(served: FakeHub, fetch: Fetch, home: Path) -> None:
    theirs = Path(hf_hub_download("org/name", "big.bin", cache_dir=home / "hub", endpoint=served.url, token=False))
    sent = served.all_sent()
    assert content(fetch("org/name", "big.bin", "same.bin")) == [BIG, BIG]
    assert served.all_sent() == sent
    assert {path.name for path in journal.owned_paths()} == {"same.bin"}
    assert journal.release(theirs.parent) == 0
    assert theirs.read_bytes() == BIG
    assert not theirs.with_name("same.bin").exists()


def test_a_dataset_lies_among_datasets(hub: FakeHub, fetch: Fetch, home: Path) -> None:
    hub.add("org/rows", {"data/a.parquet": BIG, "data/b.jsonl": b"{}\n", "README.md": b"#"}, kind="dataset")
    ended = fetch("org/rows", kind="dataset")
    assert content(ended) == [BIG, b"{}\n"]
    assert Path(ended.stats["paths"][0]).is_relative_to(home / "hub" / "datasets--org--rows" / "snapshots")
    path = hf_hub_download(
        "org/rows", "data/b.jsonl", repo_type="dataset", cache_dir=home / "hub", local_files_only=True
    )
    assert path == ended.stats["paths"][1]


def test_a_model_that_opens_is_on_the_list(hub: FakeHub, fetch: Fetch, data: Callable[..., Path]) -> None:
    from engine import paths

    starter = paths.resource("starter")
    whole = {p.name: p for p in starter.iterdir() if p.suffix in (".json", ".safetensors", ".jinja", ".md")}
    hub.add("org/tiny", whole | {"pytorch_model.bin": b"\x80", "extra/x.json": b"{}"})
    hub.add("org/tiny-GGUF", {"tiny-Q8_0.gguf": next(starter.glob("*.gguf")), "broken-Q4_0.gguf": b"GGUF"})
    ended = fetch("org/tiny")
    assert ended.stats["model"] == "tiny"
    assert models.resolve("tiny").origin == "downloaded"
    assert {Path(path).name for path in ended.stats["paths"]} == set(whole)
    ended = fetch("org/tiny-GGUF", "q8_0")
    assert models.resolve(ended.stats["model"]).kind == "gguf"
    ended = fetch("org/tiny-GGUF", "broken-Q4_0.gguf")
    assert content(ended) == [b"GGUF"]
    assert "model" not in ended.stats
    assert ended.stats["problem"]


def test_where_no_links_can_be_made_the_file_is_there_all_the_same(
    served: FakeHub, fetch: Fetch, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    one = fetch("org/name", "big.bin")
    monkeypatch.setattr(os, "link", refuse)
    other = fetch("org/name", "sub/config.json")
    assert [*content(one), *content(other)] == [BIG, CONFIG]
    for name, ended in (("big.bin", one), ("sub/config.json", other)):
        assert try_to_load_from_cache("org/name", name, cache_dir=home / "hub") == ended.stats["paths"][0]
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", refuse)  # what is there is not made again
        assert content(fetch("org/name", "big.bin", "sub/config.json")) == [BIG, CONFIG]
    assert journal.release(Path(one.stats["paths"][0]).parent) == len(BIG) + 2 * len(CONFIG)
    assert not (home / "hub" / "models--org--name").exists()


# --- resuming and faults ----------------------------------------------------------------------------------------------


def test_stopping_pauses_and_the_same_job_goes_on(served: FakeHub, fetch: Fetch, home: Path) -> None:
    served.rate = 20e6
    context = JobContext()
    events = job.download({"repo": "org/name", "files": ["big.bin"]}, context)
    seen = next(event for event in events if isinstance(event, Progress) and event.done > NOTE_BYTES)
    assert (seen.total, seen.unit, seen.message) == (SIZE, "bytes", "big.bin")
    assert [download.state for download in journal.downloads()] == ["running"]
    context.cancelled.set()
    assert [event.reason for event in events if isinstance(event, Finished)] == ["cancelled"]
    (download,) = journal.downloads()
    assert (download.state, download.total) == ("paused", SIZE)
    (state,) = (home / "hub").rglob("*.seedling-state")
    assert json.loads(state.read_bytes().splitlines()[-1])["at"] == download.done
    assert download.done > NOTE_BYTES
    served.rate = None
    assert content(fetch("org/name", "big.bin")) == [BIG]
    assert served.sent("big.bin") < SIZE + 8e6
    assert [(download.state, download.done) for download in journal.downloads()] == [("done", SIZE)]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop", "at": NOTE_BYTES + 5, "times": 2},
        {"kind": "drop", "at": 0, "times": 3},
        {"kind": "stall", "at": NOTE_BYTES + 5},
        {"kind": "truncate", "at": NOTE_BYTES},
        {"kind": "expired", "times": 2},
        {"kind": "etag", "value": "0" * 64, "times": 2},
        {"kind": "status", "at": 503, "path": "/resolve/", "times": 3},
        {"kind": "status", "at": 429, "path": "/api/", "headers": {"Retry-After": "0"}},
        {"kind": "status", "at": 429, "path": "/api/", "headers": {"Retry-After": "Mon, 01 Jan 2024 00:00:00 GMT"}},
    ],
    ids=lambda fault: f"{fault['kind']}-{fault.get('at')}",
)
def test_what_may_pass_is_tried_again(served: FakeHub, fetch: Fetch, fault: dict[str, Any]) -> None:
    armed = served.fault(**fault)
    assert content(fetch("org/name", "big.bin")) == [BIG]
    assert armed.times == 0
    assert served.sent("big.bin") <= SIZE + 2 * NOTE_BYTES


def test_going_on_asks_for_the_same_version(served: FakeHub, fetch: Fetch) -> None:
    served.fault("drop", at=NOTE_BYTES)
    assert content(fetch("org/name", "big.bin")) == [BIG]
    first, second = served.requests("big.bin", port="cdn")
    assert "range" not in first.headers
    at = int(second.headers["range"].removeprefix("bytes=").removesuffix("-"))
    assert 0 < at <= NOTE_BYTES
    assert second.headers["if-range"].startswith('"')
    assert second.status == 206


def test_a_server_that_ignores_a_range_is_asked_once_more_and_then_obeyed(served: FakeHub, fetch: Fetch) -> None:
    served.fault("drop", at=NOTE_BYTES)
    served.fault("ignore_range")
    assert content(fetch("org/name", "big.bin")) == [BIG]
    assert [seen.status for seen in served.requests("big.bin", port="cdn")] == [200, 200, 206]
    served.add("org/other", {"big.bin": BIG})
    served.fault("drop", at=NOTE_BYTES)
    served.fault("ignore_range", times=5)
    assert content(fetch("org/other", "big.bin")) == [BIG]


def test_a_server_that_goes_on_for_ever_is_left(served: FakeHub, fetch: Fetch) -> None:
    served.fault("longer", at=500_000_000)
    assert content(fetch("org/name", "big.bin")) == [BIG]
    assert served.requests("big.bin", port="cdn")[0].sent < SIZE + 20_000_000


def test_wrong_bytes_are_fetched_anew_and_never_get_the_name(served: FakeHub, fetch: Fetch, home: Path) -> None:
    served.fault("flip", at=SIZE // 2, times=2)
    assert content(fetch("org/name", "big.bin")) == [BIG]
    served.add("org/evil", {"big.bin": BIG, "small.txt": CONFIG})
    for name in ("big.bin", "small.txt"):
        served.fault("flip", at=5, times=3, path=name)
        ended = fetch("org/evil", name)
        assert code(ended) == "download_wrong"
        assert ended.data["file"] == name
    assert not [
        path for path in (home / "hub" / "models--org--evil").rglob("*") if path.is_file() and path.stat().st_size
    ]


def test_a_part_that_changed_on_the_disk_is_fetched_from_there(served: FakeHub, fetch: Fetch, home: Path) -> None:
    served.fault("drop", at=SIZE - 10)
    served.fault("status", at=503, times=99, path="/resolve/", after=1)
    assert code(fetch("org/name", "big.bin")) == "hub_unreachable"
    (part,) = (home / "hub").rglob("*.seedling-part")
    (state,) = (home / "hub").rglob("*.seedling-state")
    assert json.loads(state.read_bytes().splitlines()[-1])["at"] == part.stat().st_size == SIZE - 10
    with open(part, "r+b") as file:
        file.seek(2 * NOTE_BYTES - 7)
        file.write(b"\0\0\0")
    served.faults.clear()
    before = served.all_sent("big.bin")
    assert content(fetch("org/name", "big.bin")) == [BIG]
    again = served.all_sent("big.bin") - before
    assert SIZE - 2 * NOTE_BYTES < again < SIZE - NOTE_BYTES // 2


def test_a_state_without_a_part_goes(served: FakeHub, fetch: Fetch, home: Path) -> None:
    """As a process leaves it that is killed between giving the name and removing the state."""
    ended = fetch("org/name", "big.bin")
    blob = Path(ended.stats["paths"][0]).resolve()
    blob.with_name(f"{blob.name}.seedling-state").write_text("{}")
    assert content(fetch("org/name", "big.bin")) == [BIG]
    assert [path.name for path in blob.parent.iterdir()] == [blob.name]


def test_a_branch_that_moved_on_gives_one_commit_and_keeps_the_old_one(
    served: FakeHub, fetch: Fetch, home: Path
) -> None:
    repo = served.repos["model", "org/name"]
    old = fetch("org/name", "big.bin", "sub/config.json")
    first = repo.refs["main"]
    new = BIG[:-1] + b"x"
    served.fault("drop", at=NOTE_BYTES)
    served.fault("status", at=503, times=99, path="/resolve/", after=1)
    repo.change({"big.bin": new})
    assert code(fetch("org/name", "big.bin", "sub/config.json")) == "hub_unreachable"
    assert list((home / "hub").rglob("*.seedling-part"))
    ref = home / "hub" / "models--org--name" / "refs" / "main"
    assert ref.read_text() == first
    assert content(old) == [BIG, CONFIG]
    newer = BIG[:-1] + b"y"
    repo.change({"big.bin": newer})
    served.faults.clear()
    ended = fetch("org/name", "big.bin", "sub/config.json")
    assert content(ended) == [newer, CONFIG]
    assert content(old) == [BIG, CONFIG]
    assert ref.read_text() == repo.refs["main"] == ended.stats["commit"]
    assert not list((home / "hub").rglob("*.seedling-*"))


def test_other_bytes_under_the_same_commit_are_noticed(served: FakeHub, fetch: Fetch) -> None:
    repo = served.repos["model", "org/name"]
    served.fault("call", action=lambda _: repo.swap("big.bin", BIG[::-1]))
    assert content(fetch("org/name", "big.bin")) == [BIG[::-1]]
    served.fault("etag", value="0" * 64, times=99)
    assert code(fetch("org/name", "same.bin")) == "download_changing"


def test_a_hub_that_announces_xet_sends_bytes_all_the_same(served: FakeHub, fetch: Fetch) -> None:
    served.xet = True
    assert content(fetch("org/name", "big.bin")) == [BIG]


# --- errors, each in one sentence -------------------------------------------------------------------------------------


def test_errors_say_what_is_wrong(served: FakeHub, fetch: Fetch) -> None:
    served.add("org/gated", {"a.gguf": b"GGUF"}, gated="manual", readers={"hf_reader"})
    served.add("org/many", {f"m-{q}.gguf": b"GGUF" for q in ("Q4_K_M", "Q8_0")} | {"mmproj-f16.gguf": b"GGUF"})
    served.add("org/pickled", {"config.json": b"{}", "pytorch_model.bin": b"\x80"})
    assert code(fetch("org/none", "x")) == "repo_missing"
    assert code(fetch("org/name", "x")) == "repo_file_missing"
    assert code(fetch("org/name", "big.bin", revision="v9")) == "revision_missing"
    assert code(fetch("org/name", "big.bin", revision="../../x")) == "revision_missing"
    assert code(fetch("org/gated", "a.gguf")) == "repo_gated"
    assert code(fetch("org/gated", "a.gguf", token="hf_stranger")) == "repo_gated"
    assert code(fetch("org/gated", "a.gguf", token="hf_wrong")) == "hub_token"
    assert content(fetch("org/gated", "a.gguf", token="hf_reader")) == [b"GGUF"]
    several = fetch("org/many")
    assert (code(several), several.data["files"]) == ("repo_several", "m-Q4_K_M.gguf, m-Q8_0.gguf")
    assert code(fetch("org/pickled")) == "repo_no_weights"
    assert code(fetch("org/name", kind="dataset")) == "repo_missing"
    assert code(fetch("../x", "y")) == "repo_name"
    assert {download.repo for download in journal.downloads()} == {"org/gated"}


def test_no_hub_is_a_sentence(fetch: Fetch, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert code(fetch("org/name", "x")) == "hub_unreachable"
    for address in ("ftp://hub", "hub", "http://", "http://user@hub"):
        monkeypatch.setenv("HF_ENDPOINT", address)
        assert code(fetch("org/name", "x")) == "bad_address"
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert code(fetch("org/name", "x")) == "hub_offline"
    assert not hub.seen


@pytest.mark.parametrize("answer", [b"<html>log in</html>", b"[]", b'{"sha": 1, "siblings": []}', b"[" * 100_000])
def test_an_answer_of_another_kind_is_not_taken(answer: bytes, hub: FakeHub, fetch: Fetch) -> None:
    hub.fault("status", at=200, path="/api/", value=answer.decode())
    assert code(fetch("org/name", "x")) == "hub_strange"


def test_room_on_the_disk_is_asked_for_first(served: FakeHub, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "disk_free", lambda _: SIZE - 1)
    ended = fetch("org/name", "big.bin")
    assert code(ended) == "download_no_room"
    assert served.sent() == 0
    assert [download.state for download in journal.downloads()] == ["paused"]
    monkeypatch.setattr(hardware, "disk_free", lambda _: SIZE)
    monkeypatch.setattr(journal, "remaining", lambda *_: 1)
    assert code(fetch("org/name", "big.bin")) == "download_no_room"


def test_a_full_disk_pauses_and_what_is_here_is_kept(
    served: FakeHub, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Part.write

    def full(part: Part, pieces: list[bytes]) -> None:
        if part.at > 2 * NOTE_BYTES:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(part, pieces)

    monkeypatch.setattr(Part, "write", full)
    assert code(fetch("org/name", "big.bin")) == "download_disk_full"
    (download,) = journal.downloads()
    assert download.state == "paused"
    assert download.error is not None
    assert download.error.code == "download_disk_full"
    monkeypatch.setattr(Part, "write", write)
    served.seen.clear()
    assert content(fetch("org/name", "big.bin")) == [BIG]
    assert served.sent("big.bin") <= SIZE - NOTE_BYTES


# --- who gets what ----------------------------------------------------------------------------------------------------


def test_the_token_goes_to_the_hub_alone(served: FakeHub, fetch: Fetch) -> None:
    served.add("org/gated", {"big.bin": BIG, "same.bin": BIG[::-1]}, gated="auto", readers={"hf_reader"})
    with FakeHub() as elsewhere:
        elsewhere.add("org/name", {"same.bin": BIG[::-1]})
        served.fault("redirect", value=f"{elsewhere.url}/org/name/resolve/main/same.bin", path="same.bin")
        assert content(fetch("org/gated", "big.bin", "same.bin", token="hf_reader")) == [BIG, BIG[::-1]]
        sent = [seen.headers.get("authorization") for seen in served.seen if seen.port == "hub"]
        assert sent == [None, None, "Bearer hf_reader", "Bearer hf_reader"]  # list, refused, then with a name
        assert len(elsewhere.seen) == 2
        others = [*elsewhere.seen, *served.requests(port="cdn")]
        assert not any("authorization" in seen.headers for seen in others)


def test_who_asks_is_not_said_where_nobody_needs_to_know(served: FakeHub, fetch: Fetch) -> None:
    assert content(fetch("org/name", "big.bin", token="hf_reader")) == [BIG]
    assert not any("authorization" in seen.headers for seen in served.seen)


def test_the_proxy_of_the_settings_is_used(served: FakeHub, fetch: Fetch) -> None:
    """The fake hub answers a proxy's requests as well: they name it in full."""
    options = settings.Settings()
    options.set("hub_endpoint", "http://hub.invalid")
    options.set("proxy", served.url)
    options.save()
    assert code(fetch("org/name", "x")) in ("repo_file_missing", "hub_strange", "repo_missing")
    assert served.seen[0].headers["host"] == "hub.invalid"
    options.set("proxy", "gopher://x")
    options.save()
    assert code(fetch("org/name", "x")) == "bad_address"


def test_the_mirror_of_the_settings_comes_before_the_environment(
    served: FakeHub, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = settings.Settings()
    options.set("hub_endpoint", served.url + "/")
    options.save()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert content(fetch("org/name", "sub/config.json")) == [CONFIG]


def test_bytes_go_through_the_pace(served: FakeHub, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    limits: list[object] = []

    class Pace:
        def __init__(self, limit: object) -> None:
            limits.append(limit)

        def take(self, count: int) -> None:
            taken.append(count)

        def left(self) -> float:
            return 0.0

    monkeypatch.setattr(job, "Pace", Pace)
    assert content(fetch("org/name", "big.bin")) == [BIG]
    assert (sum(taken), limits) == (SIZE, [job._limit])


def test_one_download_is_not_done_twice_at_once(served: FakeHub, fetch: Fetch) -> None:
    with journal.held("model", "org/name", "main", ["big.bin"]):
        assert code(fetch("org/name", "big.bin")) == "download_running"
    assert content(fetch("org/name", "big.bin")) == [BIG]


def test_two_downloads_share_what_is_the_same(served: FakeHub, fetch: Fetch) -> None:
    served.rate = 60e6
    ended: list[Finished | Failed] = []
    threads = [
        threading.Thread(target=lambda name=name: ended.append(fetch("org/name", name)))
        for name in ("big.bin", "same.bin")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [content(one) for one in ended] == [[BIG], [BIG]]
    assert served.all_sent() == SIZE


def test_stopping_ends_a_wait_for_bytes_at_once(served: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "PATIENCE", job.Patience(stall_s=60))
    served.fault("stall", at=NOTE_BYTES * 2)
    context = JobContext()
    events = job.download({"repo": "org/name", "files": ["big.bin"]}, context)
    timer = threading.Timer(0.3, context.cancelled.set)
    timer.start()
    last = list(events)[-1]
    timer.join()
    assert isinstance(last, Finished)
    assert last.reason == "cancelled"
    assert served.stalled == 1  # it was not waited for
    assert 2 * NOTE_BYTES - last.stats["bytes"] < 300_000


def test_where_nothing_comes_the_last_progress_is_said_and_that_it_waits(
    served: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "PATIENCE", job.Patience(stall_s=5))
    monkeypatch.setattr(job, "_QUIET_S", 0.3)
    served.fault("stall", at=NOTE_BYTES + 5)
    context = JobContext()
    said = []
    for event in job.download({"repo": "org/name", "files": ["big.bin"]}, context):
        said.append(event)
        if isinstance(event, Waiting):
            context.cancelled.set()
    shown = [event for event in said if isinstance(event, Progress)]
    assert sum(isinstance(event, Waiting) for event in said) == 1
    assert 0 <= NOTE_BYTES + 5 - shown[-1].done < 256 << 10  # less than what is handed over at once
    assert len({event.done for event in shown}) == len(shown)
