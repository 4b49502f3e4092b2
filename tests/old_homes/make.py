"""Homes as earlier versions of Seedling left them: made by their own code, from the history of this project.

    python tests/old_homes/make.py [SCHEMA ...]         those that are missing, or these

A further migration needs a further row: the last commit that did not have it. `test_old_homes.py` says so.
Each home is kept as `schema_N.tar.gz`, with `told.json` in it: what was stored there, as that version told it.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# Number of migrations -> the last commit of that schema. There was none with less than two.
COMMITS = {
    2: "7774307ebaf251957887a7668c613c09a48eaffb",
    3: "9d1a5990426e076ef661352db47cc22993592299",
    4: "c0ac84e87d6faca6fdf774e931871c5ccbe9703b",
    5: "c73388b643a9b5215553e08a7ead4ffaa6dd2d20",
}

# Run with that version's `engine` on the path. What a version has not yet is left out.
FILL = r"""
import inspect, json, os, subprocess, sys
from pathlib import Path
from engine import paths
from engine.chat.messages import Message
from engine.chat.store import Store
from engine.settings import OPTIONS, Settings

home = paths.home()
home.mkdir(parents=True, exist_ok=True)
database = paths.database() if hasattr(paths, "database") else home / "seedling.db"
store = Store(database)
adds = inspect.signature(store.add_message).parameters
first = store.create_chat("Ünï: a first chat", "starter", "Be brief.", {"temperature": 0.5, "seed": 7}).result()
store.add_message(first, Message("user", "What does a seed need?")).result()
more = {"thinking": "They ask about seeds."} if "thinking" in adds else {}
reply = Message("assistant", "Water, light and 用户's patience.", (1, 2, 70000), "fingerprint")
one = store.add_message(first, reply, "done", {"output_tokens": 3, "stop": None}, **more).result()
if "beside" in adds:
    store.add_message(first, Message("assistant", "Another version."), "done", None, beside=one).result()
    store.show_message(one).result()
store.add_message(first, Message("user", "And then?")).result()
store.add_message(first, Message("assistant", "Half a rep"), "streaming").result()  # a crash comes here
second = store.create_chat("Deleted words").result()
gone = store.add_message(second, Message("user", "never to be found again")).result()
store.delete_message(gone).result()
store.add_message(second, Message("user", "x" * 5000)).result()

settings = Settings()
wanted = {"theme": "dark", "chat": first, "font_percent": 150, "keep_backups": 3, "sidebar_shown": False,
          "panel_shown": True, "shortcuts": {"new_chat": "Ctrl+Alt+N"}, "threads": 1, "stay_here": True,
          "servers_agreed": {"mine": "http://192.168.0.7:8080"}, "kept_states_gb": 1}
for name, value in wanted.items():
    if name in OPTIONS:
        settings.set(name, value)
settings.save()

text = home.parent / "data.txt"
text.write_text("The old tree stood in the sun. " * 200)
keys = {"steps": 4, "seed": 7, "batch_size": 2, "context": 16, "layers": 1, "width": 8, "heads": 1, "vocabulary": 270,
        "checkpoint_every": 2, "evaluate_every": 2, "shape": "gpt2"}
train = [sys.executable, "-m", "engine", "train", "--method", "pretrain", "--data", str(text)]
train += ["--out", str(home / "runs" / "small")]
for key, value in keys.items():
    train += ["--set", f"{key}={value}"]
subprocess.run(train, check=True)

from engine.library import models
models.add(home / "runs" / "small" / "model", "grown")
ours = Path(paths.__file__).parent  # by its files: what is installed here would help out with modules of today
kept, servers = {}, []
if (ours / "library" / "model_settings.py").exists():
    from engine.library import model_settings
    model_settings.save("grown", model_settings.ModelSettings(context=12, speculation="lookup"))
    kept = {"context": 12, "speculation": "lookup"}
if (ours / "providers" / "provider_list.py").exists():
    from engine.providers import provider_list
    from engine.providers.base import Provider, RemoteModel
    provider_list.add(Provider("mine", "ollama", "http://192.168.0.7:11434"), [RemoteModel("mine", "small:1b")])
    servers = ["mine"]

told = {
    "home": str(home), "model_settings": kept, "servers": servers,
    "settings": {name: value for name, value in wanted.items() if name in OPTIONS},
    "chats": [
        {
            "title": chat.title, "model": chat.model, "system": chat.system, "sampling": chat.sampling,
            "messages": [
                {"message": row.message.to_json(), "state": row.state, "stats": row.stats,
                 "thinking": getattr(row, "thinking", "")}
                for row in store.messages(chat.id)
            ],
        }
        for chat in store.chats()
    ],
    "metrics": (home / "runs" / "small" / "metrics.jsonl").read_text().splitlines(),
}
(home / "told.json").write_text(json.dumps(told, ensure_ascii=False, indent=1))
sys.stdout.flush()
os._exit(0)  # as a crash would: nothing is closed, and the log still stands beside the database
"""


def main(wanted: list[str]) -> int:
    for schema, commit in COMMITS.items():
        archive = HERE / f"schema_{schema}.tar.gz"
        if str(schema) in wanted or (not wanted and not archive.exists()):
            make(commit, archive)
            print(f"{archive.name}: {archive.stat().st_size} bytes, of {commit[:12]}")
    return 0


def make(commit: str, archive: Path) -> None:
    """Have this version fill a home, and keep it."""
    with tempfile.TemporaryDirectory() as folder:
        source, home = Path(folder, "source"), Path(folder, "home")
        source.mkdir()
        tree = subprocess.run(
            ["git", "archive", commit, "engine", "pyproject.toml"], cwd=ROOT, check=True, capture_output=True
        )
        with tarfile.open(fileobj=io.BytesIO(tree.stdout)) as files:
            files.extractall(source, filter="data")
        environment = {**os.environ, "PYTHONPATH": str(source), "SEEDLING_HOME": str(home), "OMP_NUM_THREADS": "1"}
        environment |= {"HF_HUB_OFFLINE": "1", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        subprocess.run([sys.executable, "-c", FILL], cwd=folder, env=environment, check=True)
        with tarfile.open(archive, "w:gz") as packed:
            packed.add(home, "home", filter=_kept)


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """What a home needs: no logs, no caches, and nothing of who made it."""
    if member.name.startswith(("home/logs", "home/cache")) or member.name.endswith("-shm"):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
