"""Key wrappers with known keys, in files as always."""

from __future__ import annotations

import tempfile
from pathlib import Path

from govcore.keys import KeyWrapper, load_kek


def file_wrapper(kek: bytes = bytes(range(32)), name: str = "test") -> KeyWrapper:
    """A wrapper whose only key is `kek`; its file is gone when this returns."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.touch(mode=0o600)
        path.write_bytes(kek)
        return load_kek(path)
