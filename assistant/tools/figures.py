"""Plotly figures as plain data."""

from __future__ import annotations

import json
from typing import Any


def as_json(figure: Any) -> dict[str, Any]:
    """Return a Plotly figure as a dict that JSON can hold."""
    plain: dict[str, Any] = json.loads(figure.to_json())
    return plain
