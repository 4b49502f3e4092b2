"""What of torch is collected: its Python, the source beside it, and its libraries; no headers, tests or compiler.

Stands in place of the hook that PyInstaller's collection has for torch, which takes everything.
"""

from pathlib import Path

from PyInstaller.compat import is_win
from PyInstaller.utils.hooks import collect_dynamic_libs, collect_submodules, get_package_paths

from installer.contents import TORCH_LEFT_OUT, is_below

# Its options are read from the source of the modules that hold them (`torch.utils._config_module`).
module_collection_mode = "pyz+py"
warn_on_missing_hiddenimports = False
hiddenimports = collect_submodules("torch", filter=lambda name: not is_below(name, TORCH_LEFT_OUT), on_error="ignore")
excludedimports = list(TORCH_LEFT_OUT)
# torch refuses to be imported without the last of these (Windows has none), though it starts it only for tensors that
# processes share.
binaries = collect_dynamic_libs("torch", search_patterns=["*.so", "*.so.*", "*.dll", "*.dylib"])
binaries += (
    [(str(Path(get_package_paths("torch")[1]) / "bin" / "torch_shm_manager"), "torch/bin")] if not is_win else []
)
# It looks for its libraries beside itself, and is confused by links to them elsewhere.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
