"""Where NuLens keeps what it fetches and what it makes, by the platform's own conventions."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """Folder of what can be fetched again, such as base models (``NULENS_CACHE_DIR`` overrides)."""
    return _ensured(os.environ.get("NULENS_CACHE_DIR") or platformdirs.user_cache_dir("nulens"))


def data_dir() -> Path:
    """Folder of what a user made: predictions, sessions, indexes (``NULENS_DATA_DIR``)."""
    return _ensured(os.environ.get("NULENS_DATA_DIR") or platformdirs.user_data_dir("nulens"))


def _ensured(folder: str) -> Path:
    path = Path(folder).expanduser()
    path.mkdir(parents=True, exist_ok=True)
    return path
