"""What goes into the program and what stays out."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

from installer import contents, llama

ROOT = Path(contents.__file__).parent.parent


@pytest.mark.parametrize(
    "inside",
    [
        "torch/include/ATen/ATen.h",
        "torch/bin/protoc",
        "torch/lib/libbackend_with_compiler.so",
        "pyarrow/libarrow_flight.so.2600",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6\\plugins\\tls\\qopensslbackend.dll",
        "seedling-0.1.0.dist-info/direct_url.json",
        "libggml-base.so.0",
        "PySide6/Qt/translations/qtbase_fi.qm",
        "PySide6/Qt/translations/qtwebengine_de.qm",
    ],
)
def test_what_nothing_uses_stays_out(inside: str) -> None:
    assert not contents.is_wanted(inside)


@pytest.mark.parametrize(
    "inside",
    [
        "torch/bin/torch_shm_manager",
        "torch/lib/libtorch_cpu.so",
        "pyarrow/libarrow_dataset.so.2600",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6\\translations\\qtbase_de.qm",
        "llama_cpp/lib/libggml-base.so.0",
        "llama_cpp/lib/libggml-cpu-haswell.so",
        "resources/starter/starter-q8_0.gguf",
        "torch-2.13.0+cpu.dist-info/licenses/LICENSE",
    ],
)
def test_what_something_needs_is_in(inside: str) -> None:
    assert contents.is_wanted(inside)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bring their desktop's libraries themselves")
def test_the_desktop_s_libraries_are_the_system_s() -> None:
    assert not contents.is_wanted("libxcb-cursor.so.0")
    assert not contents.is_wanted("libstdc++.so.6")
    assert contents.is_wanted("libssl.so.3")


def test_no_module_that_ours_name_is_left_out() -> None:
    """A module that `app` or `engine` imports, wherever in its text, is in the program."""
    named: set[str] = set()
    for path in [*(ROOT / "app").rglob("*.py"), *(ROOT / "engine").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    assert {name for name in named if contents.is_below(name, contents.LEFT_OUT)} == set()


def test_every_module_of_ours_is_named() -> None:
    names = contents.our_modules()
    assert {"app", "app.opening", "engine.worker", "engine.commands.train", "engine.chat.template_process"} <= set(
        names
    )
    assert all(importlib.util.find_spec(name) for name in names[:20])


def test_only_a_module_or_what_is_inside_it_is_below() -> None:
    assert contents.is_below("torch.test", ["torch.test"])
    assert contents.is_below("torch.test.part", ["torch.test"])
    assert not contents.is_below("torch.testing", ["torch.test"])


def test_llama_s_libraries_come_once_with_links_by_their_other_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libllama.so.0").write_bytes(b"library")
    (tmp_path / "libllama.so").symlink_to("libllama.so.0")
    (tmp_path / "LICENSE").write_text("MIT")
    monkeypatch.setattr(contents, "LLAMA", tmp_path)
    assert contents.llama_libraries() == (
        [(str(tmp_path / "libllama.so.0"), "llama_cpp/lib")],
        [("llama_cpp/lib/libllama.so", "libllama.so.0", "SYMLINK")],
    )
    monkeypatch.setattr(contents, "LLAMA", tmp_path / "nothing")
    with pytest.raises(SystemExit, match=r"installer\.llama"):
        contents.llama_libraries()


@pytest.mark.skipif(sys.platform == "win32", reason="links")
@pytest.mark.parametrize(
    ("system", "module", "plain", "middle", "whole"),
    [
        ("linux", "libggml-cpu-haswell.so", "libllama.so", "libllama.so.0", "libllama.so.0.5.0"),
        ("darwin", "libggml-cpu.dylib", "libllama.dylib", "libllama.0.dylib", "libllama.0.5.0.dylib"),
    ],
)
def test_what_was_built_is_gathered_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, module: str, plain: str, middle: str, whole: str
) -> None:
    built = tmp_path / "cmake" / "bin"
    built.mkdir(parents=True)
    (built / module).write_bytes(b"module")
    (built / whole).write_bytes(b"library")
    (built / middle).symlink_to(whole)
    (built / plain).symlink_to(middle)
    monkeypatch.setattr(llama, "BUILD", tmp_path)
    monkeypatch.setattr(llama, "LIBRARIES", tmp_path / "lib")
    monkeypatch.setattr(llama.sys, "platform", system)
    llama.gather()
    assert {path.name: path.is_symlink() for path in (tmp_path / "lib").iterdir()} == {
        module: False, middle: False, plain: True,
    }  # fmt: skip
    assert (tmp_path / "lib" / plain).read_bytes() == b"library"
