"""The way to the hub: which address, which redirects are followed, what is waited for."""

from __future__ import annotations

import email.utils
import os
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from fake_hub import FakeHub

from engine.errors import EngineError
from engine.library.download import connection
from engine.library.download.connection import (
    ChangedError,
    Hub,
    Patience,
    StoppedError,
    TransientError,
    patiently,
    redirected,
)
from engine.library.download.journal import Wanted
from engine.library.download.transfer import Pace, Tries
from engine.phrases import Phrase, phrase

PUBLIC, HERE = "https://huggingface.co", "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("hub", "location", "target"),
    [
        (PUBLIC, "https://cdn-lfs.hf.co/x?y=1", "https://cdn-lfs.hf.co/x?y=1"),
        (PUBLIC, "/api/resolve-cache/x", f"{PUBLIC}/api/resolve-cache/x"),
        (PUBLIC, "//cdn.hf.co/x", "https://cdn.hf.co/x"),
        ("http://mirror.corp", "http://10.0.0.7/x", "http://10.0.0.7/x"),
        (HERE, "http://127.0.0.1:9/x", "http://127.0.0.1:9/x"),
        (HERE, "https://cdn.hf.co/x", "https://cdn.hf.co/x"),
    ],
)
def test_redirects_that_are_followed(hub: str, location: str, target: str) -> None:
    assert redirected(hub, f"{hub}/a/b", location) == target


@pytest.mark.parametrize(
    ("hub", "location"),
    [
        (PUBLIC, "http://cdn-lfs.hf.co/x"),
        (PUBLIC, "file:///etc/passwd"),
        (PUBLIC, "ftp://host/x"),
        (PUBLIC, "data:text/plain,x"),
        (PUBLIC, "https://127.0.0.1:11434/api/tags"),
        (PUBLIC, "https://localhost/x"),
        (PUBLIC, "https://a.localhost/x"),
        (PUBLIC, "https://[::1]/x"),
        (PUBLIC, "https://0.0.0.0/x"),
        (PUBLIC, "https://169.254.169.254/latest/meta-data"),
        (PUBLIC, "https://user:key@host/x"),
        (PUBLIC, "https://host:99999/x"),
        ("http://mirror.corp", "http://127.0.0.1/x"),
        (HERE, "file:///etc/passwd"),
    ],
)
def test_redirects_that_are_refused(hub: str, location: str) -> None:
    with pytest.raises(EngineError) as caught:
        redirected(hub, f"{hub}/a/b", location)
    assert caught.value.code == "redirect_refused"


def test_redirects_are_looked_at_before_they_are_followed(hub: FakeHub) -> None:
    hub.fault("redirect", value="file:///etc/passwd")
    with closing(Hub()) as client, pytest.raises(EngineError) as caught:
        client.open("model", "org/name", "0" * 40, Wanted("x.gguf", "0" * 64, 5), 0, "")
    assert caught.value.code == "redirect_refused"


def test_a_file_of_another_size_is_another_file(hub: FakeHub) -> None:
    commit = hub.add("org/name", {"x.gguf": b"GGUF" * 100}).refs["main"]
    with closing(Hub()) as client:
        (wanted,) = client.listing("model", "org/name", "main").files
        for start in (0, 10):
            hub.fault("truncate", at=50)
            with pytest.raises(ChangedError):
                client.open("model", "org/name", commit, wanted, start, "")
        hub.fault("truncate", at=50)
        with pytest.raises(ChangedError):  # 416
            client.open("model", "org/name", commit, wanted, 60, "")


def test_redirects_in_a_circle_end(hub: FakeHub) -> None:
    hub.add("org/name", {"x.gguf": b"GGUF"})
    hub.fault("redirect", value="/org/name/resolve/main/x.gguf", times=99)
    with closing(Hub()) as client:
        (wanted,) = client.listing("model", "org/name", "main").files
        with pytest.raises(EngineError, match="not what"):
            client.open("model", "org/name", hub.repos["model", "org/name"].refs["main"], wanted, 0, "")
    assert len(hub.requests("/resolve/")) < 20


def test_a_listing_without_end_is_not_read_to_its_end(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_LARGEST_LISTING_BYTES", 1000)
    hub.add("org/name", {f"{n}.txt": b"x" for n in range(50)})
    with closing(Hub()) as client, pytest.raises(EngineError, match="not what"):
        client.listing("model", "org/name", "main")


def test_the_token_is_the_one_huggingface_hub_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    assert connection.token() == "hf_mine"
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    assert connection.token() is None


def test_proxies_of_the_environment_are_used(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("http_proxy", hub.url)
    with closing(Hub()) as client, pytest.raises(EngineError):
        client.listing("model", "org/none", "main")
    assert hub.seen[0].headers["host"] == "hub.invalid"
    monkeypatch.setenv("no_proxy", "hub.invalid")
    with closing(Hub()) as client, pytest.raises(TransientError):
        client.listing("model", "org/none", "main")
    assert len(hub.seen) == 1


def test_stop_need_not_wait_for_the_network() -> None:
    cancelled, release = threading.Event(), threading.Event()
    threading.Timer(0.05, cancelled.set).start()
    begun = time.monotonic()
    with pytest.raises(StoppedError):
        patiently(release.wait, cancelled)
    assert time.monotonic() - begun < 5
    release.set()
    with pytest.raises(ZeroDivisionError):
        patiently(lambda: 1 // 0, threading.Event())
    assert patiently(lambda: 5, threading.Event()) == 5


def test_patience_ends_where_nothing_gets_further() -> None:
    tries = Tries(Patience(first_wait_s=1, longest_wait_s=3, tries=3), "hub")
    trouble = TransientError("no route")
    assert tries.wait_s(trouble, at=100) == 0
    assert 0.7 < tries.wait_s(trouble, at=100) <= 1
    assert 1.4 < tries.wait_s(trouble, at=50) <= 2
    assert tries.wait_s(trouble, at=101) == 0
    assert tries.wait_s(TransientError("429", 7), at=101) == 7
    tries.wait_s(trouble, at=101)
    with pytest.raises(EngineError, match="hub cannot be reached: no route"):
        tries.wait_s(trouble, at=101)


def test_what_was_wrong_last_is_said_in_a_phrase() -> None:
    trouble = TransientError(phrase("the connection ended early"))
    with pytest.raises(EngineError) as caught:
        Tries(Patience(tries=1), "hub").wait_s(trouble)
    assert isinstance(caught.value.data["reason"], Phrase)


def test_a_weak_tag_is_none() -> None:
    wanted = Wanted("x", "0" * 64, 5)
    for tag, kept in (('"a"', '"a"'), ('W/"a"', "")):
        response = httpx2.Response(200, headers={"ETag": tag, "Content-Length": "5"})
        assert connection.checked(response, wanted, 0).etag == kept


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7), ("999999", 600), ("Mon, 01 Jan 2024 00:00:00 GMT", 0), ("soon", 0), ("", 0), ("-5", 0)],
)
def test_how_long_a_server_asks_to_wait(said: str, seconds: float) -> None:
    assert connection._retry_after(httpx2.Response(429, headers={"Retry-After": said})) == seconds


def test_a_date_to_wait_for_is_a_while_from_now() -> None:
    said = email.utils.formatdate(time.time() + 100, usegmt=True)
    assert 90 < connection._retry_after(httpx2.Response(429, headers={"Retry-After": said})) <= 100


def test_the_pace_follows_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    now, rate = [100.0], [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    pace = Pace(lambda: rate[0])
    waited = 0.0
    for _ in range(10):
        pace.take(500)
        while (left := pace.left()) > 0:
            waited += left
            now[0] += left
    assert waited == pytest.approx(5, abs=0.15)
    pace.take(100_000)
    assert pace.left() == 0.5
    now[0] += 0.5
    rate[0] = 0
    assert pace.left() == 0


def test_the_hub_is_asked_for_by_nobody_where_that_is_forbidden(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "yes")
            with pytest.raises(EngineError, match=name):
                Hub()
    assert not hub.seen


def test_a_window_that_looks_at_downloads_loads_no_network(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = "import sys, engine.library.download.journal as j; j.downloads(); print(*sys.modules)"
    env = os.environ | {"SEEDLING_HOME": str(tmp_path)}
    loaded = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True).stdout
    assert not {"httpx2", "huggingface_hub", "torch"} & set(loaded.split())
