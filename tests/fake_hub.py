"""A hub on loopback that answers as huggingface.co does, with faults on command.

    with FakeHub() as hub:
        hub.add("org/name", {"config.json": b"{}", "model.gguf": b"GGUF...", "big.gguf": Path("big.gguf")}, likes=3)
        hub.add("org/rows", {"train.parquet": b"..."}, kind="dataset")
        hub.fault("drop", at=100_000)                   # the next file sent ends after 100,000 bytes of its body
        HfApi(endpoint=hub.url).model_info("org/name")

Small files come from the hub itself by way of a redirect, large ones (LFS) from a second port, the "CDN", by a signed
address that expires. `hub.seen` holds every request with the bytes of body that were sent. As a program,
`python tests/fake_hub.py [--rate MB] REPO FILE...` serves these files until its input ends; it says its address first.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import hmac
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

from fake_hub_answers import AT_BYTES, Answers, CdnAnswers, Seen
from fake_repos import Repo, Stored, blob_of, parameters, row_of, tags


@dataclass
class Fault:
    """What goes wrong with the next `times` requests whose path holds `path`, `after` so many that go well.

    drop: the connection ends after `at` bytes of body. stall: nothing more comes after `at` bytes. flip: a bit of the
    file's byte `at` is turned. truncate: the file ends at byte `at`, as if it were whole. longer: `at` more bytes come
    behind its end, and no length is said. ignore_range: the whole file, whatever was asked for. etag: `value` in the
    place of the hash. status: an answer `at` with `headers` and the body `value`. expired: the address is too old.
    redirect: to `value`. call: `action(hub)` first, and then no fault.
    """

    kind: str
    path: str = ""
    at: int = 0
    times: int = 1
    after: int = 0
    value: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    action: Callable[[FakeHub], object] | None = None


# Faults that show at the hub's /resolve; the others do where bytes are sent.
_AT_RESOLVE = ("status", "etag", "redirect", "call")


class FakeHub:
    """Hub and CDN, each on a port of its own; a context manager. `url` is what `HF_ENDPOINT` would be."""

    def __init__(self, rate: float | None = None, send_buffer: int | None = None) -> None:
        self.rate = rate  # bytes per second of all bodies together; None: as fast as it goes
        self.send_buffer = send_buffer
        self.repos: dict[tuple[str, str], Repo] = {}
        self.tokens: dict[str, str] = {"hf_reader": "reader", "hf_stranger": "stranger"}  # token -> user
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.stalled = 0  # responses that wait for nothing now
        self.xet = False  # announce the other way of transfer, as the hub does for most large files
        self.lock = threading.RLock()
        self.answering = 0  # requests under way
        self.closing = threading.Event()
        self._generation = 0
        self._sent_until = 0.0
        self._blobs: dict[str, Stored] = {}
        self._servers = [self._serve(HubAnswers), self._serve(CdnAnswers)]
        self.url, self.cdn_url = (f"http://127.0.0.1:{server.server_port}" for server in self._servers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    # --- what tests say -----------------------------------------------------------------------------------------

    def add(
        self,
        id: str,
        files: Mapping[str, bytes | Path],
        kind: str = "model",
        gated: str | bool = False,
        private: bool = False,
        readers: set[str] | None = None,
        **about: Any,
    ) -> Repo:
        """A repository with one commit. `about`: what the API says of it (downloads, likes, tags, cardData, ...)."""
        repo = Repo(id, kind, gated, private, readers or set(), about)
        repo.commit(files)
        self.repos[(kind, id)] = repo
        return repo

    def fault(self, kind: str, **how: Any) -> Fault:
        """Arm a fault; see `Fault`."""
        assert kind in _AT_RESOLVE + AT_BYTES, kind
        fault = Fault(kind, **how)
        with self.lock:
            self.faults.append(fault)
        return fault

    def expire(self) -> None:
        """All signed addresses given out so far are too old from now on."""
        self._generation += 1

    def sent(self, path: str = "") -> int:
        """Bytes of file bodies sent so far; of files whose request holds `path`."""
        return sum(
            seen.sent for seen in self.seen if seen.method == "GET" and path in seen.path and seen.path[:5] != "/api/"
        )

    def all_sent(self, path: str = "") -> int:
        """As `sent`, once nothing is under way: who has the last byte may be quicker than the one that counts it."""
        until = time.monotonic() + 10
        while self.answering and time.monotonic() < until:
            time.sleep(0.002)
        return self.sent(path)

    def requests(self, path: str = "", method: str = "GET", port: str = "") -> list[Seen]:
        return [s for s in self.seen if path in s.path and s.method == method and port in s.port]

    # --- what the servers ask -----------------------------------------------------------------------------------

    def take_fault(self, kinds: tuple[str, ...], path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.kind in kinds and fault.path in path:
                    if fault.after > 0:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None

    def sign(self, file: Stored, name: str) -> str:
        """An address at the CDN, good until `expire`."""
        with self.lock:
            self._blobs[file.sha256] = file
        shown = quote(name.rpartition("/")[2].encode("utf-8", "surrogateescape"))
        query = urlencode({"response-content-disposition": f'inline; filename="{shown}";', "X-Amz-Expires": "3600"})
        path = f"/repos/{file.sha256}/{quote(name.encode('utf-8', 'surrogateescape'))}"
        return f"{self.cdn_url}{path}?{query}&X-Amz-Signature={self.signature(file.sha256)}"

    def signature(self, sha256: str) -> str:
        return hmac.new(b"key %d" % self._generation, sha256.encode(), "sha256").hexdigest()

    def blob(self, sha256: str) -> Stored | None:
        with self.lock:
            return self._blobs.get(sha256)

    def pace(self, count: int) -> None:
        """Wait until `count` more bytes may go out."""
        if not self.rate:
            return
        with self.lock:
            self._sent_until = max(self._sent_until, time.monotonic() - 0.01) + count / self.rate
            wait = self._sent_until - time.monotonic()
        if wait > 0.002:
            time.sleep(wait)

    def _serve(self, answers: type[Answers]) -> ThreadingHTTPServer:
        handler = type(answers.__name__, (answers,), {"hub": self})
        server = _Server(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), name="fake hub", daemon=True).start()
        return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class HubAnswers(Answers):
    """The hub's own port: the API, and /resolve."""

    port = "hub"

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        self.token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
        if self.token is not None and self.token not in self.hub.tokens:
            self._refuse(401, "", "Invalid credentials in Authorization header")
            return
        if fault := self.hub.take_fault(("status",), self.where):
            self.say(fault.at, (fault.value or "{}").encode(), fault.headers)
            return
        for pattern, method in (
            (r"/api/whoami-v2", self._whoami),
            (r"/api/(models|datasets)", self._search),
            (r"/api/resolve-cache/(models|datasets)/([^/]+/[^/]+)/([0-9a-f]{40})/(.+)", self._cached),
            (r"/api/(models|datasets)/([^/]+/[^/]+)", self._info),
            (r"/api/(models|datasets)/([^/]+/[^/]+)/revision/(.+)", self._info),
            (r"/api/(models|datasets)/([^/]+/[^/]+)/refs", self._refs),
            (r"/api/(models|datasets)/([^/]+/[^/]+)/tree/([^/]+)(?:/(.*))?", self._tree),
            (r"/api/(models|datasets)/([^/]+/[^/]+)/paths-info/(.+)", self._paths_info),
            (r"(?:/(datasets))?/([^/]+/[^/]+)/(?:resolve|raw)/([^/]+)/(.+)", self._resolve),
        ):
            if match := re.fullmatch(pattern, self.where, re.DOTALL):
                method(*match.groups())
                return
        self._refuse(404, "", "Sorry, we can't find the page you are looking for.")

    # --- the API ------------------------------------------------------------------------------------------------

    def _whoami(self) -> None:
        if self.token is None:
            self._refuse(401, "", "Invalid username or password.")
            return
        name = self.hub.tokens[self.token]
        access = {"type": "access_token", "accessToken": {"displayName": "laptop", "role": "read"}}
        self._json({"type": "user", "id": name, "name": name, "fullname": name.title(), "orgs": [], "auth": access})

    def _search(self, kinds: str) -> None:
        one = {name: values[-1] for name, values in self.query.items()}
        found = [r for (kind, _), r in self.hub.repos.items() if kind + "s" == kinds and self._may_read(r, False)]
        found = [r for r in found if one.get("search", "").lower() in r.id.lower()]
        found = [r for r in found if one.get("author", r.id.partition("/")[0]) == r.id.partition("/")[0]]
        wanted = {tag for text in self.query.get("filter", []) for tag in text.split(",")}
        found = [r for r in found if wanted <= set(tags(r))]
        found = [r for r in found if one.get("pipeline_tag") in (None, r.about.get("pipeline_tag"))]
        if "gated" in one:
            found = [r for r in found if bool(r.gated) == (one["gated"].lower() == "true")]
        if "num_parameters" in one:
            least, most = _limits(one["num_parameters"])
            found = [r for r in found if least <= parameters(r) <= most]
        key = one.get("sort", "trendingScore")
        found.sort(key=lambda r: r.about.get(key) or ("" if key in ("lastModified", "createdAt") else 0), reverse=True)
        limit, at = min(int(one.get("limit", 1000)), 1000), int(one.get("cursor", 0))
        headers = {}
        if at + limit < len(found):
            rest = [(name, value) for name, value in parse_qsl(urlsplit(self.path).query) if name != "cursor"]
            headers["Link"] = f'<{self._address()}?{urlencode([*rest, ("cursor", at + limit)])}>; rel="next"'
        self._json([self._about(repo, "main", listed=True) for repo in found[at : at + limit]], headers)

    def _info(self, kinds: str, id: str, revision: str = "main") -> None:
        if repo := self._find(kinds, id, revision, content=False):
            self._json(self._about(repo, revision, listed=False))

    def _about(self, repo: Repo, revision: str, listed: bool) -> dict[str, Any]:
        """What the API says of a repository: less of it in a list, and only what is asked for by `expand`."""
        files = repo.files(revision)
        blobs = "blobs" in self.query
        all_: dict[str, Any] = {
            "author": repo.id.partition("/")[0],
            "sha": repo.sha(revision),
            "lastModified": "2026-05-01T12:00:00.000Z",
            "createdAt": "2026-01-01T12:00:00.000Z",
            "private": repo.private,
            "gated": repo.gated,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "trendingScore": 0,
            "usedStorage": sum(file.size for file in files.values()),
            "cardData": {},
            **repo.about,
            "tags": tags(repo),
            "siblings": [{"rfilename": name} | (blob_of(file) if blobs else {}) for name, file in files.items()],
        }
        first = {"_id": hashlib.md5(repo.id.encode()).hexdigest()[:24], "id": repo.id}
        if repo.kind == "model":
            first["modelId"] = repo.id
        if "expand" in self.query:
            return first | {name: all_[name] for name in self.query["expand"] if name in all_}
        if not listed:
            return first | all_
        brief = {"likes", "private", "downloads", "tags", "pipeline_tag", "library_name", "createdAt", "trendingScore"}
        if "full" in self.query:
            brief |= {"author", "gated", "sha", "lastModified", "siblings", "disabled", "description"}
        brief |= {name for name in ("cardData", "config") if name in self.query}
        if repo.kind == "dataset":
            brief |= {"author", "gated", "sha", "lastModified", "disabled", "description"}
        return first | {name: value for name, value in all_.items() if name in brief}

    def _refs(self, kinds: str, id: str) -> None:
        if repo := self._find(kinds, id, "main", content=False):
            refs = [{"name": name, "ref": f"refs/heads/{name}", "targetCommit": sha} for name, sha in repo.refs.items()]
            self._json({"branches": refs, "tags": [], "converts": []})

    def _tree(self, kinds: str, id: str, revision: str, under: str | None) -> None:
        repo = self._find(kinds, id, revision, content=False)
        if repo is None:
            return
        start = f"{under.rstrip('/')}/" if under else ""
        rows: dict[str, dict[str, Any]] = {}
        for name, file in sorted(repo.files(revision).items()):
            if not name.startswith(start):
                continue
            parts = name[len(start) :].split("/")
            for depth in range(1, len(parts)):
                folder = start + "/".join(parts[:depth])
                rows.setdefault(folder, {"type": "directory", "oid": "0" * 40, "size": 0, "path": folder})
            rows[name] = row_of(name, file)
        if self.query.get("recursive", ["false"])[-1].lower() not in ("true", "1"):
            rows = {path: row for path, row in rows.items() if "/" not in path[len(start) :]}
        if under and not rows:
            self._refuse(404, "EntryNotFound", f"{under} does not exist on {revision}")
            return
        limit, at = int(self.query.get("limit", ["1000"])[-1]), int(self.query.get("cursor", ["0"])[-1])
        headers = {}
        if at + limit < len(rows):
            rest = [(name, value) for name, value in parse_qsl(urlsplit(self.path).query) if name != "cursor"]
            headers["Link"] = f'<{self._address()}?{urlencode([*rest, ("cursor", at + limit)])}>; rel="next"'
        self._json(list(rows.values())[at : at + limit], headers)

    def _paths_info(self, kinds: str, id: str, revision: str) -> None:
        repo = self._find(kinds, id, revision, content=False)
        if repo is None:
            return
        if "json" in (self.headers.get("Content-Type") or ""):
            paths = json.loads(self.body)["paths"]
        else:
            paths = parse_qs(self.body.decode()).get("paths", [])
        files = repo.files(revision)
        self._json([row_of(path, files[path]) for path in paths if path in files])

    # --- files --------------------------------------------------------------------------------------------------

    def _resolve(self, kinds: str | None, id: str, revision: str, name: str) -> None:
        fault = self.hub.take_fault(_AT_RESOLVE, self.where)
        if fault is not None and fault.action is not None:
            fault.action(self.hub)
        if fault is not None and fault.kind == "redirect":
            self.say(302, b"", {"Location": fault.value})
            return
        kinds, revision = kinds or "models", unquote(revision)
        repo = self._find(kinds, id, revision, content=True)
        if repo is None:
            return
        sha = repo.sha(revision)
        assert sha is not None
        common = {"X-Repo-Commit": sha, "Access-Control-Expose-Headers": "X-Repo-Commit,X-Linked-Size,ETag"}
        file = repo.files(revision).get(name)
        if file is None:
            self._refuse(404, "EntryNotFound", "Entry not found", common)
            return
        etag = fault.value if fault is not None and fault.kind == "etag" else file.etag
        common |= {"X-Linked-Size": str(file.size), "X-Linked-ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
        if file.lfs:
            target, status = self.hub.sign(file, name), 302
            if self.hub.xet:
                auth = f"{self.hub.url}/api/{kinds}/{id}/xet-read-token/{sha}"
                common |= {"X-Xet-Hash": file.sha256[::-1], "Link": f'<{auth}>; rel="xet-auth"'}
        else:
            path = quote(f"/api/resolve-cache/{kinds}/{id}/{sha}/{name}".encode("utf-8", "surrogateescape"))
            target, status = f"{path}?{urlencode({self.path: '', 'etag': chr(34) + etag + chr(34)})}", 307
        self.say(status, f"Found. Redirecting to {target}".encode(), common | {"Location": target})

    def _cached(self, kinds: str, id: str, revision: str, name: str) -> None:
        repo = self._find(kinds, id, revision, content=True)
        file = repo.files(revision).get(name) if repo else None
        if repo is None or file is None:
            return
        common = {"X-Repo-Commit": revision, "Content-Type": "text/plain; charset=utf-8"}
        etag = self.query.get("etag", [file.oid])[-1].strip('"')
        if self.command == "GET" and "gzip" in (self.headers.get("Accept-Encoding") or "") and file.size > 500:
            packed = gzip.compress(b"".join(file.pieces(0, file.size)))  # as the hub's own cache does, ranges or not
            self.say(200, packed, common | {"ETag": f'W/"{etag}"', "Content-Encoding": "gzip"})
            return
        self.send_file(file, etag, common)

    # --- access and errors --------------------------------------------------------------------------------------

    def _find(self, kinds: str, id: str, revision: str, content: bool) -> Repo | None:
        """The repository, if it may be read at that revision; else the refusal is sent. `content`: of its files."""
        repo = self.hub.repos.get((kinds.removesuffix("s"), id))
        if repo is None or not self._may_read(repo, False):
            self._refuse(401 if self.token is None else 404, "RepoNotFound", "Repository not found")
            return None
        if content and not self._may_read(repo, True):
            reason = "You must have access to it and be authenticated to access it. Please log in."
            if self.token is not None:
                reason = f"You are not in the authorized list. Visit {self.hub.url}/{id} to ask for access."
            text = f"Access to {repo.kind} {id} is restricted. {reason}"
            self._refuse(401 if self.token is None else 403, "GatedRepo", text)
            return None
        if repo.sha(unquote(revision)) is None:
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return None
        return repo

    def _may_read(self, repo: Repo, content: bool) -> bool:
        closed = repo.private or (content and bool(repo.gated))
        return not closed or self.token in repo.readers

    def _refuse(self, status: int, code: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        named = {"X-Error-Message": text} | ({"X-Error-Code": code} if code else {}) | dict(headers or {})
        self._json({"error": text}, named, status)

    def _json(self, value: Any, headers: Mapping[str, str] | None = None, status: int = 200) -> None:
        kind = {"Content-Type": "application/json; charset=utf-8"}
        self.say(status, json.dumps(value).encode(), kind | dict(headers or {}))

    def _address(self) -> str:
        return self.hub.url + urlsplit(self.path).path


def _limits(text: str) -> tuple[float, float]:
    """`min:6B,max:128B` as numbers."""
    units = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
    found = {
        name: float(number) * units.get(unit, 1) for name, number, unit in re.findall(r"(min|max):([\d.]+)(\w?)", text)
    }
    return found.get("min", 0.0), found.get("max", float("inf"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, help="MB per second of all transfers together")
    parser.add_argument("repo")
    parser.add_argument("files", nargs="+", type=Path)
    args = parser.parse_args()
    with FakeHub(rate=args.rate * 1e6 if args.rate else None) as hub:
        hub.add(args.repo, {path.name: path for path in args.files})
        print(hub.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
