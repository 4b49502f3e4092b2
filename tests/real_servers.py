"""Real servers on loopback, from `.venv-peers` (`make peers`): llama_cpp.server, `litgpt serve`, `transformers serve`.

with llama_cpp_server(folder) as server: server.url     # ready to answer, and to be talked to as a fake server is
with litgpt_server(model, "stream") as server: ...
with transformers_server(cache, model) as server: ...        # with what hub_cache put there
absent("litgpt")                                      # why a server cannot be started here, or None

They look for nothing beyond this machine, and end with the process that started them.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from engine.paths import resource
from engine.processes import end_with_parent

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / ".venv-peers" / "bin" / "python"
STARTER = resource("starter/starter-q8_0.gguf")
LITGPT_MODES = {"plain": [], "stream": ["--stream", "true"], "openai": ["--openai_spec", "true"]}
_PACKAGES = {"llama_cpp": "llama_cpp/server", "litgpt": "litserve", "transformers": "fastapi"}  # what serving needs
_START_S = 180
_STOP_S = 10
_direct = build_opener(ProxyHandler({}))


def absent(program: str) -> str | None:
    """Why `llama_cpp`, `litgpt` or `transformers` cannot serve here; None where it can."""
    needed = (program, _PACKAGES[program])
    if all(any(ROOT.glob(f".venv-peers/lib/python3*/site-packages/{package}")) for package in needed):
        return None
    return f"{program} cannot serve here (make peers)"


class RealServer:
    """A server's processes, a group of their own, ready once `greeting` answers 200. A context manager.

    kind, models, key: as `tests/fake_servers` have them, so that both are talked to alike. Raises RuntimeError with the
    end of what it printed, where it ends or does not answer within three minutes.
    """

    def __init__(
        self,
        kind: str,
        model: str,
        command: Sequence[str],
        port: int,
        greeting: str,
        folder: Path,
        *,
        key: str | None = None,
        **environment: str,
    ) -> None:
        self.kind, self.models, self.key = kind, [model], key
        self.url = f"http://127.0.0.1:{port}"
        self._greeting = greeting
        self._printed = folder / f"{port}.txt"
        quiet = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": ""}
        with open(self._printed, "wb") as printed:
            self._process = subprocess.Popen(
                [str(PEER), *command],
                cwd=folder,
                env=os.environ | quiet | environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent if sys.platform == "linux" else None,
            )

    def __enter__(self) -> Self:
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_S)
        self.kill()

    @property
    def printed(self) -> str:
        """What it has printed so far."""
        return self._printed.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End it at once, helpers too, as when its window is closed or memory runs out."""
        self._signal(signal.SIGKILL)
        self._process.wait()
        until = time.monotonic() + _STOP_S
        while self._signal(0) and time.monotonic() < until:  # a helper may hold the port a moment longer
            time.sleep(0.01)

    def processor_s(self) -> float:
        """Seconds of processor time that it has taken, helpers included."""
        import psutil

        head = psutil.Process(self._process.pid)
        times = [each.cpu_times() for each in (head, *head.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    def _signal(self, number: int) -> bool:
        """Whether any process of the group was there to get it."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return False
        return True

    def _wait(self) -> None:
        until = time.monotonic() + _START_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with _direct.open(self.url + self._greeting, timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self.printed[-2000:]}")


def llama_cpp_server(
    folder: Path, *, context: int = 512, key: str | None = None, alias: str = "starter", port: int | None = None
) -> RealServer:
    """llama-cpp-python's server with the starter, called `alias`. It answers once the model is loaded."""
    port = port or _free_port()
    command = ["-m", "llama_cpp.server", "--model", str(STARTER), "--n_ctx", str(context)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--n_threads", "1", "--n_threads_batch", "1"]
    command += ["--model_alias", alias, *(["--api_key", key] if key else [])]
    return RealServer("compatible", alias, command, port, "/docs", folder, key=key)


def litgpt_server(model: Path, mode: str, *, most: int = 200) -> RealServer:
    """`litgpt serve` with a folder of LitGPT's. mode: one of LITGPT_MODES. most: tokens that a reply may have."""
    port = _free_port()
    command = [_child(), "litgpt", "serve", str(model), "--accelerator", "cpu", "--port", str(port)]
    command += ["--max_new_tokens", str(most), *LITGPT_MODES[mode]]
    return RealServer("litgpt", "litgpt", command, port, "/health", model.parent)


def transformers_server(cache: Path, model: str) -> RealServer:
    """`transformers serve` over what lies in a cache of the hub; it loads `model` of it when that is asked for."""
    port = _free_port()
    command = [_child(), "transformers", "serve", "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    places = {"HF_HOME": str(cache.parent), "HF_HUB_CACHE": str(cache)}
    return RealServer("compatible", model, command, port, "/health", cache.parent, **places)


def hub_cache(cache: Path, repo: str, model: Path) -> None:
    """Lay a model folder into a cache of the hub as the repository `owner/name` would lie there."""
    commit = "0123456789abcdef" * 2 + "01234567"
    place = cache / f"models--{repo.replace('/', '--')}"
    shutil.copytree(model, place / "snapshots" / commit)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(commit)


def _child() -> str:
    return str(ROOT / "tests" / "serving_child.py")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
