"""A Chroma server by URL: a real one, started for the test on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.index import client
from knowledge.ingest import delete, documents, ingest
from knowledge.ranking import search
from knowledge.settings import KnowledgeSettings
from nulens.errors import NuLensError

PUMP = "# Pumps\n\n## Flow\n\nThe circulation pump moves 94 litres of liquid argon a minute.\n"
LASER = "# Lasers\n\n## Wavelength\n\nThe calibration laser fires at 266 nm.\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = _free_port()
    folder = tmp_path_factory.mktemp("server")
    program = Path(sys.executable).with_name("chroma")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, "run", "--path", folder / "data", "--host", "127.0.0.1", "--port", str(port)],
            stdout=log,
            stderr=log,
            env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
        )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            pytest.fail((folder / "log").read_text())
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _names(settings: KnowledgeSettings) -> list[str]:
    return [document.name for document in documents("lab", settings)]


def test_ingest_search_and_delete_on_a_server(tmp_path: Path, url: str) -> None:
    settings = KnowledgeSettings(tmp_path / "one", chroma_url=url)
    other = KnowledgeSettings(tmp_path / "two", chroma_url=url)
    (tmp_path / "pump.md").write_text(PUMP)
    (tmp_path / "laser.md").write_text(LASER)
    report = ingest([tmp_path / "pump.md", tmp_path / "laser.md"], "lab", settings=settings)
    assert (report.added, report.refused) == (["pump", "laser"], [])
    assert ingest([tmp_path / "pump.md"], "lab", settings=settings).unchanged == ["pump"]
    # Another machine, which has only the server in common, finds the same and sees changes.
    found = search("How much does the circulation pump move?", "lab", settings=other)
    assert "94 litres" in found[0].text
    assert _names(other) == ["laser", "pump"]
    delete(["pump"], "lab", settings)
    assert _names(other) == ["laser"]
    assert search("How much does the circulation pump move?", "lab", settings=other) == []
    assert not (tmp_path / "one" / "vectors").exists()  # nothing is embedded beside it


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    settings = KnowledgeSettings(tmp_path, chroma_url=f"http://127.0.0.1:{_free_port()}")
    with pytest.raises(NuLensError, match="cannot be opened"):
        client(settings)
