"""Run before our own code: programs that we start (a browser, a file manager) must not load our libraries.

On Linux PyInstaller's loader names our folder in `LD_LIBRARY_PATH` and starts the program anew. The loader of this
process has read it; what it starts gets the variable as it was. A helper of ours must then be told to name the folder
again: its loader takes itself for a part of this program, for which that is done (PyInstaller's manual, "Using
PYINSTALLER_RESET_ENVIRONMENT").
"""

import os

before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if before is None:
    os.environ.pop("LD_LIBRARY_PATH", None)
else:
    os.environ["LD_LIBRARY_PATH"] = before
os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
