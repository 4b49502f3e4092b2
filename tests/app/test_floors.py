"""The floors: the engine never needs Qt, the window never loads a model."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import engine

HEAVY = ("torch", "llama_cpp", "transformers", "gguf", "safetensors", "tokenizers", "numpy")


def loaded_after(statement: str) -> set[str]:
    program = f"import json, sys\n{statement}\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    return set(json.loads(ended.stdout.splitlines()[-1]))


def test_the_window_loads_nothing_heavy() -> None:
    modules = loaded_after("import app.application, app.__main__")
    assert not modules & set(HEAVY)
    assert "app.chat.controller" in modules


def test_no_module_of_the_engine_loads_qt() -> None:
    names = [
        module.name
        for module in pkgutil.walk_packages(engine.__path__, "engine.")
        if not module.name.endswith("__main__")
    ]
    assert len(names) > 20
    modules = loaded_after("import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in names))
    assert not {name for name in modules if name.split(".")[0] in ("PySide6", "shiboken6", "app")}
