"""Where each program keeps its models, on every platform and with every setting that moves them."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import apsw
import model_stores as stores
import pytest

from engine.library.stores import gpt4all, hub, jan, llama_cpp, llamafile, lmstudio, ollama
from engine.library.stores.system import Mount, System

HOME = Path("/home/ada")
SERVICE = ("usr/share", "var/lib")
ROAMING, LOCAL, SUPPORT = "AppData/Roaming", "AppData/Local", "Library/Application Support"


@pytest.mark.parametrize(
    ("program", "platform", "expected"),
    [
        (ollama, "linux", [".ollama/models", *(f"machine/{each}/ollama/.ollama/models" for each in SERVICE)]),
        (ollama, "win32", [".ollama/models"]),
        (ollama, "darwin", [".ollama/models"]),
        (lmstudio, "linux", [".lmstudio/models"]),
        (lmstudio, "win32", [".lmstudio/models"]),
        (jan, "linux", [".local/share/Jan/data"]),
        (jan, "win32", [f"{ROAMING}/Jan/data"]),
        (jan, "darwin", [f"{SUPPORT}/Jan/data"]),
        (gpt4all, "linux", [".local/share/nomic.ai/GPT4All"]),
        (gpt4all, "win32", [f"{LOCAL}/nomic.ai/GPT4All"]),
        (gpt4all, "darwin", [f"{SUPPORT}/nomic.ai/GPT4All"]),
        (hub, "linux", [".cache/huggingface/hub"]),
        (hub, "win32", [".cache/huggingface/hub"]),
        (hub, "darwin", [".cache/huggingface/hub"]),
        (llama_cpp, "linux", [".cache/llama.cpp"]),
        (llama_cpp, "win32", [f"{LOCAL}/llama.cpp"]),
        (llama_cpp, "darwin", ["Library/Caches/llama.cpp"]),
        (llamafile, "linux", ["Downloads"]),
        (llamafile, "win32", ["Downloads"]),
        (llamafile, "darwin", []),
    ],
)  # fmt: skip
def test_the_usual_places(program: ModuleType, platform: str, expected: list[str]) -> None:
    assert program.places(stores.system(HOME, platform)) == [HOME / place for place in expected]


@pytest.mark.parametrize(
    ("program", "platform", "environment", "first"),
    [
        (ollama, "linux", {"OLLAMA_MODELS": "/data/ollama"}, "/data/ollama"),
        (ollama, "linux", {"OLLAMA_MODELS": "~/ollama"}, "/home/ada/ollama"),
        (ollama, "linux", {"OLLAMA_MODELS": " "}, "/home/ada/.ollama/models"),
        (jan, "linux", {"XDG_DATA_HOME": "/data"}, "/data/Jan/data"),
        (jan, "win32", {"APPDATA": "/roaming"}, "/roaming/Jan/data"),
        (jan, "darwin", {"JAN_DATA_FOLDER": "/jan"}, "/jan"),
        (jan, "linux", {"JAN_DATA_ROOT": "/root"}, "/root/Jan/data"),
        (gpt4all, "linux", {"XDG_DATA_HOME": "/data"}, "/data/nomic.ai/GPT4All"),
        (gpt4all, "win32", {"LOCALAPPDATA": "/local"}, "/local/nomic.ai/GPT4All"),
        (gpt4all, "darwin", {"XDG_DATA_HOME": "/data"}, f"/home/ada/{SUPPORT}/nomic.ai/GPT4All"),
        (hub, "linux", {"HF_HUB_CACHE": "/hub", "HF_HOME": "/home"}, "/hub"),
        (hub, "linux", {"HUGGINGFACE_HUB_CACHE": "/older", "HF_HOME": "/home"}, "/older"),
        (hub, "win32", {"HF_HOME": "/hf", "XDG_CACHE_HOME": "/cache"}, "/hf/hub"),
        (hub, "darwin", {"XDG_CACHE_HOME": "/cache"}, "/cache/huggingface/hub"),
        (llama_cpp, "linux", {"XDG_CACHE_HOME": "/cache"}, "/cache/llama.cpp"),
        (llama_cpp, "linux", {"LLAMA_CACHE": "/llama"}, "/llama"),
        (llama_cpp, "win32", {"LOCALAPPDATA": "/local"}, "/local/llama.cpp"),
    ],
)
def test_variables_that_move_them(program: ModuleType, platform: str, environment: dict[str, str], first: str) -> None:
    assert program.places(stores.system(HOME, platform, **environment))[0] == Path(first)


def test_the_newer_cache_of_llama_cpp_is_laid_out_as_the_hub_s() -> None:
    assert Path("/llama") in hub.places(stores.system(HOME, LLAMA_CACHE="/llama"))


# --- Ollama ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "folder"), [("linux", ".ollama"), ("win32", f"{LOCAL}/Ollama"), ("darwin", f"{SUPPORT}/Ollama")]
)
def test_the_settings_of_ollama_s_window(tmp_path: Path, platform: str, folder: str) -> None:
    database = tmp_path / folder / "db.sqlite"
    database.parent.mkdir(parents=True)
    connection = apsw.Connection(str(database))
    connection.execute("CREATE TABLE settings (id INTEGER PRIMARY KEY, models TEXT NOT NULL DEFAULT '')")
    connection.execute("INSERT INTO settings VALUES (1, '/moved/models')")
    connection.close()
    before = stores.state(tmp_path)
    assert ollama.places(stores.system(tmp_path, platform))[0] == Path("/moved/models")
    assert stores.state(tmp_path) == before


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + bytes(200)])
def test_settings_of_ollama_that_cannot_be_read_name_nothing(tmp_path: Path, content: bytes) -> None:
    stores.file(tmp_path / ".ollama/db.sqlite", content)
    assert ollama.places(stores.system(tmp_path))[0] == tmp_path / ".ollama/models"


@pytest.mark.parametrize("name", ["ollama.service", "ollama.service.d/override.conf"])
@pytest.mark.parametrize("line", ['Environment="OLLAMA_MODELS=/data/m"', "Environment=A=b OLLAMA_MODELS=/data/m"])
def test_the_service_of_linux(tmp_path: Path, name: str, line: str) -> None:
    text = f"[Service]\nEnvironment=PATH=/bin\n{line}\n# Environment=OLLAMA_MODELS=/not\n"
    stores.file(tmp_path / "machine/etc/systemd/system" / name, text.encode())
    assert ollama.places(stores.system(tmp_path))[0] == Path("/data/m")
    assert Path("/data/m") not in ollama.places(stores.system(tmp_path, "darwin"))


# --- LM Studio -------------------------------------------------------------------------------------------------------


def test_the_home_of_lm_studio(tmp_path: Path) -> None:
    system = stores.system(tmp_path)
    assert lmstudio.home_of(system) == tmp_path / ".lmstudio"
    (tmp_path / ".cache/lm-studio").mkdir(parents=True)
    assert lmstudio.home_of(system) == tmp_path / ".cache/lm-studio"
    stores.file(tmp_path / ".lmstudio-home-pointer", b"/moved/lmstudio\n")
    assert lmstudio.home_of(system) == Path("/moved/lmstudio")
    stores.file(tmp_path / ".lmstudio-home-pointer", b"\n")
    assert lmstudio.home_of(system) == tmp_path / ".cache/lm-studio"


@pytest.mark.parametrize("settings", [".lmstudio/settings.json", ".config/LM Studio/settings.json"])
def test_the_downloads_folder_of_lm_studio(tmp_path: Path, settings: str) -> None:
    stores.file(tmp_path / settings, json.dumps({"downloadsFolder": "/moved/models"}).encode())
    assert lmstudio.places(stores.system(tmp_path)) == [Path("/moved/models"), tmp_path / ".lmstudio/models"]


@pytest.mark.parametrize(
    "content", [b"", b"no json", b"[]", b'{"downloadsFolder": 7}', b'{"downloadsFolder": ""}', b"[" * 9999]
)
def test_settings_of_lm_studio_that_name_nothing(tmp_path: Path, content: bytes) -> None:
    stores.file(tmp_path / ".lmstudio/settings.json", content)
    assert lmstudio.places(stores.system(tmp_path)) == [tmp_path / ".lmstudio/models"]


# --- Jan -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "settings"),
    [
        ("linux", ".local/share/Jan/settings.json"),
        ("linux", ".config/Jan/settings.json"),
        ("win32", f"{ROAMING}/Jan/settings.json"),
        ("darwin", f"{SUPPORT}/Jan/settings.json"),
    ],
)
def test_the_data_folder_of_jan(tmp_path: Path, platform: str, settings: str) -> None:
    stores.file(tmp_path / settings, b'{"data_folder": "/moved/jan", "quick_ask": false}')
    assert jan.places(stores.system(tmp_path, platform))[0] == Path("/moved/jan")


# --- GPT4All ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/moved/models/", "/moved/models"),
        ('"/with, comma/"', "/with, comma"),
        (r"/gro\xdf/", "/groß"),
        (r"D:\\Modelle\\", "D:\\Modelle\\"),
        ("/50%/of", "/50%/of"),
    ],
)
@pytest.mark.parametrize(("platform", "folder"), [("linux", ".config"), ("darwin", ".config"), ("win32", ROAMING)])
def test_the_models_folder_of_gpt4all(tmp_path: Path, platform: str, folder: str, value: str, expected: str) -> None:
    text = f"[General]\nchatTheme=Dark\nmodelPath={value}\n\n[model-Llama 3]\nname=x\n\n[network]\nisActive=false\n"
    stores.file(tmp_path / folder / "nomic.ai/GPT4All.ini", text.encode())
    assert gpt4all.places(stores.system(tmp_path, platform))[0] == Path(expected)


@pytest.mark.parametrize("content", [b"", b"no section=1", b"[General]\nmodelPath=\n", b"[General\n", b"\xff\xfe" * 9])
def test_settings_of_gpt4all_that_name_nothing(tmp_path: Path, content: bytes) -> None:
    stores.file(tmp_path / ".config/nomic.ai/GPT4All.ini", content)
    assert gpt4all.places(stores.system(tmp_path)) == [tmp_path / ".local/share/nomic.ai/GPT4All"]


# --- disks of other computers ----------------------------------------------------------------------------------------


def test_what_lies_on_another_computer_s_disk() -> None:
    mounts = (Mount(Path("/"), False), Mount(Path("/mnt/nas"), True), Mount(Path("/mnt/nas/here"), False))
    system = System({}, "linux", HOME, mounts=mounts)
    assert system.is_elsewhere(Path("/mnt/nas/models"))
    assert not system.is_elsewhere(Path("/mnt/nas/here/models"))
    assert not system.is_elsewhere(Path("/mnt/nasty"))
    assert not system.is_elsewhere(HOME)


def test_a_home_on_another_computer_s_disk_is_where_one_works() -> None:
    system = System({}, "linux", HOME, mounts=(Mount(Path("/"), False), Mount(Path("/home"), True)))
    assert not system.is_elsewhere(HOME / ".ollama/models")
    assert System.here().home == Path.home()
