"""What of all that is installed goes into the program, and what stays out. `build.spec` asks here.

Patterns are those of fnmatch, on the path inside the collection with forward slashes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LLAMA = ROOT / "build" / "llama" / "lib"  # where `installer/llama.py` leaves them


def _inside(package: str, names: str) -> list[str]:
    return [f"{package}.{name}" for name in names.split()]


# Of torch: tests, what exports to other programs, and what turns a model into C++, for which a compiler and Python's
# headers would have to be here. torch itself imports the rest when it is loaded or when an optimizer steps.
TORCH_LEFT_OUT = [
    *_inside(
        "torch",
        """
        test contrib utils.tensorboard utils.benchmark utils.bottleneck utils.hipify
        distributed.elastic.rendezvous.etcd_rendezvous onnx.ops
        """,
    ),
    *_inside("torch._inductor", "autoheuristic codegen fx_passes kernel template_heuristics"),
    *_inside(
        "torch.testing._internal",
        """
        autocast_test_lists codegen common_cuda common_device_type common_distributed common_fsdp common_jit
        common_methods_invocations common_modules common_mps common_nn common_optimizers common_pruning
        common_quantization common_quantized common_subclass common_utils composite_compliance custom_op_db data
        generated hop_db hypothesis_utils inductor_utils jit_metaprogramming_utils jit_utils opinfo optests
        test_module triton_utils distributed._shard distributed._tensor distributed.common_state_dict
        distributed.distributed_test distributed.nn distributed.rpc distributed.rpc_utils
        """,
    ),
]

# Modules that something we collect imports if it can, and that nothing of ours needs.
LEFT_OUT = [
    *"""
    IPython PIL _pytest py nis accelerate altgraph coverage curses expecttest hypothesis idlelib lib2to3
    matplotlib mypy pandas peft pip pytest rich scipy setuptools tensorboard tkinter transformers triton
    turtledemo xdist sqlite3 _sqlite3 zstandard._cffi zstandard.backend_cffi llama_cpp.server gguf.scripts
    gguf.gguf_editor_gui numpy.f2py numpy.tests numpy.testing.tests pyqtgraph.examples pyqtgraph.opengl
    pyqtgraph.jupyter pyqtgraph.canvas anthropic.lib.bedrock anthropic.lib.vertex networkx.drawing
    networkx.tests
    """.split(),
    *_inside(
        "pyarrow",
        """
        _acero _azurefs _csv _cuda _dataset _dataset_orc _dataset_parquet _dataset_parquet_encryption _feather
        _flight _gcsfs _hdfs _orc _parquet_encryption _pyarrow_cpp_tests _s3fs _substrait acero csv cuda dataset
        feather flight interchange jvm orc parquet.encryption substrait tests vendored.docscrape
        """,
    ),
    *_inside(
        "PySide6",
        """
        QtConcurrent QtDBus QtDesigner QtHelp QtOpenGL QtOpenGLWidgets QtPrintSupport QtQml QtQuick
        QtQuickWidgets QtSql QtSvgWidgets QtTest QtUiTools QtXml
        """,
    ),
    *TORCH_LEFT_OUT,
]

NOT_RUN_FIRST = ("pyi_rth_pyside6", "pyi_rth_pyqtgraph_multiprocess")

# Of Qt's plugins: the window systems, icons, how text is written with more keys than there are, the desktop's look.
QT_PLUGINS = """
    platforms/*xcb* platforms/*wayland* platforms/*offscreen* platforms/*windows* platforms/*cocoa*
    iconengines/*svg* imageformats/*svg* imageformats/*ico.* platforminputcontexts/*compose*
    platforminputcontexts/*ibus* platformthemes/* styles/* wayland-shell-integration/*xdg-shell*
    wayland-decoration-client/* wayland-graphics-integration-client/*wayland-egl*
""".split()

# Qt's own texts, in the languages that ours are in (`app/translation.py`).
QT_TRANSLATIONS = frozenset(
    path.name.replace("seedling_", "qtbase_") for path in (ROOT / "resources" / "translations").glob("seedling_*.qm")
)

_UNUSED_FILES = """
    */tests/* *.h *.hpp *.cuh *.cmake *.pyi *.pxd *.pyx */py.typed *.lib
    *.dist-info/RECORD *.dist-info/INSTALLER *.dist-info/REQUESTED *.dist-info/direct_url.json *.dist-info/sboms/*
    torch/include/* torch/share/* torch/test/* torch/lib/*test* torch/lib/libbackend_with_compiler*
    torch/lib/libaoti_custom_ops* torch/lib/*shm_windows*
    pyarrow/include/* pyarrow/src/* pyarrow/libarrow_flight* pyarrow/libarrow_s3* pyarrow/libarrow_python_flight*
    pyarrow/libarrow_python_parquet_encryption* pyarrow/libarrow_python.so pyarrow/libarrow_python.so.*.*
    PySide6/Qt/qml/* PySide6/qml/*
    *Qt6Qml* *Qt6Quick* *Qt6EglF* *Qt6VirtualKeyboard* *Qt6Pdf* *Qt6Test* *Qt6Sql* *Qt6Xml*
""".split()
# Second copies, at the top, of libraries that lie in folders of their own and are found there.
_DOUBLES = "libarrow* libparquet* libggml* libllama*".split()

# Libraries that belong to a Linux system: its desktop's, which must fit each other, and the C++ runtime, which a
# graphics driver or a theme loads into our process, too. The .deb depends on their packages (`installer/linux/deb.py`).
OF_THE_SYSTEM = """
    libEGL.so* libGL.so* libGLX*.so* libGLdispatch.so* libOpenGL.so* libX11*.so* libXau.so* libXdmcp.so* libxcb*.so*
    libxkbcommon*.so* libwayland-*.so* libfontconfig.so* libfreetype.so* libdbus-1.so* libglib-2.0.so*
    libgthread-2.0.so* libgobject-2.0.so* libgio-2.0.so* libgmodule-2.0.so* libgtk-3.so* libgdk-3.so*
    libgdk_pixbuf-2.0.so* libpango*.so* libcairo*.so* libatk*.so* libatspi.so* libharfbuzz*.so* libfribidi.so*
    libthai.so* libdatrie.so* libgraphite2.so* libepoxy.so* libXi.so* libXfixes.so* libXcursor.so* libXdamage.so*
    libXcomposite.so* libXrandr.so* libXinerama.so* libXext.so* libXrender.so* libpixman-1.so* libpng16.so*
    libmount.so* libblkid.so* libselinux.so* libsystemd.so* libgcrypt.so* libgpg-error.so* liblz4.so* libcap.so*
    libbsd.so* libmd.so* libstdc++.so* libgcc_s.so* libreadline.so* libtinfo.so* libncursesw.so* libexpat.so*
    libbrotli*.so* libpcre2-8.so* libjpeg.so* libuuid.so* libcloudproviders.so*
""".split()

# macOS: what the Finder knows of the program. Models are ours, datasets are only offered.
INFO_PLIST = {
    "NSHighResolutionCapable": True,
    "LSMinimumSystemVersion": "13.0",
    "CFBundleURLTypes": [{"CFBundleURLName": "org.seedling.Seedling", "CFBundleURLSchemes": ["seedling"]}],
    "CFBundleDocumentTypes": [
        {"CFBundleTypeName": "Language model", "CFBundleTypeExtensions": ["gguf"], "LSHandlerRank": "Default"},
        {
            "CFBundleTypeName": "Dataset",
            "CFBundleTypeExtensions": ["jsonl", "csv", "parquet"],
            "CFBundleTypeRole": "Viewer",
            "LSHandlerRank": "Alternate",
        },
    ],
}


def is_below(name: str, modules: Iterable[str]) -> bool:
    """Whether a module is one of these, or inside one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def is_wanted(inside: str) -> bool:
    """Whether a file is to be collected at this path."""
    inside = inside.replace("\\", "/")
    if any(fnmatch(inside, pattern) for pattern in [*_UNUSED_FILES, *_DOUBLES]):
        return False
    if fnmatch(inside, "PySide6/*translations/*"):
        return Path(inside).name in QT_TRANSLATIONS
    if inside.startswith("torch/bin/"):
        return inside.startswith("torch/bin/torch_shm_manager")  # torch refuses to be imported without it
    if "/plugins/" in inside and inside.startswith("PySide6/"):
        plugin = inside.split("/plugins/")[1]
        return any(fnmatch(plugin, pattern) for pattern in QT_PLUGINS)
    if "/" not in inside and sys.platform == "linux":
        return not any(fnmatch(inside, pattern) for pattern in OF_THE_SYSTEM)
    return True


def stripped(entries: list[tuple[str, str, str]], folder: Path) -> list[tuple[str, str, str]]:
    """The same libraries, but Python's own without the names for a debugger: half of it, where it was built here."""
    found = []
    for inside, source, kind in entries:
        if sys.platform == "linux" and Path(inside).name.startswith("libpython"):
            bare = folder / Path(inside).name
            subprocess.run(["strip", "--strip-unneeded", "-o", str(bare), source], check=True)
            found.append((inside, str(bare), kind))
        else:
            found.append((inside, source, kind))
    return found


def our_modules() -> list[str]:
    """Jobs, commands, pages and helpers are imported by name, so nothing but a list of all finds them."""
    files = [path for top in ("app", "engine") for path in sorted((ROOT / top).rglob("*.py"))]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]
    return [name.removesuffix(".__init__") for name in names]


def refuse_torch_for_graphics_processors() -> None:
    """Gigabytes of CUDA that the installer is not to carry are a mistake of the environment."""
    import torch

    if torch.version.cuda or torch.version.hip:
        raise SystemExit(f"torch {torch.__version__} is not the build for processors alone: see the README")


def llama_libraries() -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    """(source, folder) of llama.cpp's libraries, each once, and links by the names that the binding asks for."""
    if not LLAMA.is_dir():
        raise SystemExit("llama.cpp is not built for every processor yet: python -m installer.llama")
    links = [path for path in sorted(LLAMA.iterdir()) if path.is_symlink()]
    plain = [path for path in sorted(LLAMA.iterdir()) if path not in links and path.name != "LICENSE"]
    folder = "llama_cpp/lib"
    return [(str(path), folder) for path in plain], [
        (f"{folder}/{link.name}", str(link.readlink()), "SYMLINK") for link in links
    ]
