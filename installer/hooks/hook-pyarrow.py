"""What of pyarrow is collected: what reads and writes Parquet, found by its imports.

Stands in place of the hook that PyInstaller's collection has for pyarrow, which takes everything.
"""

hiddenimports = ["pyarrow.parquet", "pyarrow.compute", "pyarrow._parquet", "pyarrow._compute", "pyarrow._fs"]
