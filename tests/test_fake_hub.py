"""The loopback hub is one to huggingface_hub itself: search, information, trees, files, gates and errors."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from fake_hub import FakeHub
from huggingface_hub import HfApi, hf_hub_download, try_to_load_from_cache
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

WEIGHTS = bytes(range(256)) * 1000
CONFIG = b'{"model_type": "llama"}'


@pytest.fixture
def api(hub: FakeHub) -> HfApi:
    hub.add(
        "first/small",
        {"config.json": CONFIG, "model.safetensors": WEIGHTS, "sub/x.gguf": b"GGUF"},
        downloads=5,
        likes=1,
        cardData={"license": "mit", "language": ["en"]},
        safetensors={"parameters": {"F32": 64_000}, "total": 64_000},
        pipeline_tag="text-generation",
    )
    hub.add(
        "second/large", {"large.gguf": WEIGHTS}, downloads=50, gguf={"total": 8_000_000_000, "architecture": "llama"}
    )
    hub.add("second/gated", {"config.json": CONFIG}, downloads=7, gated="manual", readers={"hf_reader"})
    hub.add("third/rows", {"data/train.parquet": WEIGHTS}, kind="dataset", likes=2)
    return HfApi(endpoint=hub.url, token=False)


def test_search_sorts_filters_and_goes_on_over_pages(api: HfApi, hub: FakeHub) -> None:
    assert [m.id for m in api.list_models(sort="downloads")] == ["second/large", "second/gated", "first/small"]
    assert [m.id for m in api.list_models(filter=["license:mit", "safetensors"])] == ["first/small"]
    assert [m.id for m in api.list_models(search="LARGE")] == ["second/large"]
    assert [m.id for m in api.list_models(num_parameters="min:1B,max:10B")] == ["second/large"]
    assert [m.id for m in api.list_models(author="second", gated=True)] == ["second/gated"]
    assert [d.id for d in api.list_datasets(search="rows")] == ["third/rows"]
    assert len(list(api.list_models(limit=1))) == 1
    pages = httpx2.get(f"{hub.url}/api/models?sort=likes&limit=2")
    following = httpx2.get(pages.links["next"]["url"])
    assert (len(pages.json()), len(following.json())) == (2, 1)
    assert "next" not in following.links


def test_information_and_trees(api: HfApi) -> None:
    info = api.model_info("first/small", files_metadata=True)
    assert info.safetensors is not None
    assert info.safetensors.total == 64_000
    assert info.card_data is not None
    assert info.card_data.license == "mit"
    assert info.tags is not None
    assert {"license:mit", "gguf"} <= set(info.tags)
    weights = next(s for s in info.siblings or () if s.rfilename == "model.safetensors")
    assert weights.lfs is not None
    assert (weights.size, weights.lfs.sha256) == (len(WEIGHTS), hashlib.sha256(WEIGHTS).hexdigest())
    assert api.model_info("second/large", expand=["gguf"]).gguf == {"total": 8_000_000_000, "architecture": "llama"}
    assert api.model_info("second/gated").gated == "manual"
    tree = {row.path for row in api.list_repo_tree("first/small", recursive=True)}
    assert tree == {"config.json", "model.safetensors", "sub", "sub/x.gguf"}
    assert {row.path for row in api.list_repo_tree("first/small")} == {"config.json", "model.safetensors", "sub"}
    assert [row.path for row in api.get_paths_info("first/small", ["config.json", "no"])] == ["config.json"]
    assert api.list_repo_refs("first/small").branches[0].target_commit == info.sha
    assert api.dataset_info("third/rows").id == "third/rows"


def test_huggingface_hub_downloads_files_of_both_kinds(api: HfApi, hub: FakeHub, tmp_path: Path) -> None:
    for name, content in (("config.json", CONFIG), ("model.safetensors", WEIGHTS)):
        path = hf_hub_download("first/small", name, endpoint=hub.url, cache_dir=tmp_path, token=False)
        assert Path(path).read_bytes() == content
        assert try_to_load_from_cache("first/small", name, cache_dir=tmp_path) == path
    blobs = {path.name for path in (tmp_path / "models--first--small" / "blobs").iterdir()}
    assert hashlib.sha256(WEIGHTS).hexdigest() in blobs
    assert hub.all_sent("safetensors") == len(WEIGHTS)
    path = hf_hub_download(
        "third/rows", "data/train.parquet", repo_type="dataset", endpoint=hub.url, cache_dir=tmp_path, token=False
    )
    assert Path(path).read_bytes() == WEIGHTS


def test_gates_and_errors_are_those_of_the_hub(api: HfApi, hub: FakeHub, tmp_path: Path) -> None:
    def fetch(repo: str, name: str, token: str | bool = False, revision: str = "main") -> str:
        return hf_hub_download(repo, name, endpoint=hub.url, cache_dir=tmp_path, token=token, revision=revision)

    for token in (False, "hf_stranger"):
        with pytest.raises(GatedRepoError):
            fetch("second/gated", "config.json", token)
    assert Path(fetch("second/gated", "config.json", "hf_reader")).read_bytes() == CONFIG
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("no/such")
    with pytest.raises(RevisionNotFoundError):
        fetch("first/small", "config.json", revision="other")
    with pytest.raises(RemoteEntryNotFoundError):
        fetch("first/small", "none.json")
    assert api.whoami("hf_reader")["name"] == "reader"
    with pytest.raises(HfHubHTTPError, match="Invalid user token"):
        api.whoami("hf_unknown")


def test_an_address_at_the_cdn_takes_no_token_and_expires(api: HfApi, hub: FakeHub) -> None:
    found = httpx2.get(
        f"{hub.url}/first/small/resolve/main/model.safetensors", headers={"Authorization": "Bearer hf_reader"}
    )
    place = found.headers["Location"]
    assert (found.status_code, place.startswith(hub.cdn_url)) == (302, True)
    assert found.headers["X-Linked-ETag"].strip('"') == hashlib.sha256(WEIGHTS).hexdigest()
    whole = httpx2.get(place)
    part = httpx2.get(place, headers={"Range": "bytes=100-199", "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.content) == (206, WEIGHTS[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(WEIGHTS)}"
    assert httpx2.get(place, headers={"Range": "bytes=5-", "If-Range": '"old"'}).status_code == 200
    assert httpx2.get(place, headers={"Range": f"bytes={len(WEIGHTS)}-"}).status_code == 416
    hub.expire()
    assert httpx2.get(place).status_code == 403


def test_faults_happen_as_often_as_they_are_armed(api: HfApi, hub: FakeHub) -> None:
    place = f"{hub.url}/first/small/resolve/main/model.safetensors"

    def get(headers: dict[str, str] | None = None) -> httpx2.Response:
        return httpx2.get(place, headers=headers, follow_redirects=True)

    hub.fault("flip", at=77)
    flipped = get().content
    assert [at for at in range(len(WEIGHTS)) if flipped[at] != WEIGHTS[at]] == [77]
    hub.fault("drop", at=1000)
    with pytest.raises(httpx2.RemoteProtocolError):
        get()
    hub.fault("truncate", at=500)
    assert get().content == WEIGHTS[:500]
    hub.fault("ignore_range")
    assert get({"Range": "bytes=9-"}).status_code == 200
    hub.fault("status", at=429, headers={"Retry-After": "3"}, path="/resolve/")
    assert get().headers["Retry-After"] == "3"
    hub.fault("expired")
    assert get().status_code == 403
    hub.fault("etag", value="0" * 64)
    assert httpx2.head(place).headers["X-Linked-ETag"] == f'"{"0" * 64}"'
    hub.fault("redirect", value=f"{hub.url}/first/small/resolve/main/sub/x.gguf", path="model.safetensors")
    assert get().content == b"GGUF"
    hub.fault("call", action=lambda hub: hub.repos["model", "first/small"].swap("model.safetensors", b"new"))
    assert get().content == b"new"
    assert get().content == b"new"


def test_a_program_serves_files_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(WEIGHTS)
    program = [sys.executable, str(Path(__file__).with_name("fake_hub.py")), "--rate", "10", "org/name", "model.gguf"]
    with subprocess.Popen(program, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        assert served.stdin is not None
        url = served.stdout.readline().strip()
        assert httpx2.get(f"{url}/org/name/resolve/main/model.gguf", follow_redirects=True).content == WEIGHTS
        served.stdin.close()
