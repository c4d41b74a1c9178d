"""The language model of the embedded VLM: from its GGUF file to four-bit weights, once."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.models.weights import write_json
from nulens.base_models import base_model, sha256_of
from nulens.errors import ModelError

if TYPE_CHECKING:
    import torch
    from transformers import BitsAndBytesConfig

_NOTE = "nulens.json"


def nf4(compute: torch.dtype) -> BitsAndBytesConfig:
    """Return NF4 with double quantisation (QLoRA, Dettmers et al., arXiv:2305.14314, sec. 3)."""
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep libraries from printing bars and hints while a model is loaded."""
    from transformers.utils import logging as hf

    level, bars = hf.get_verbosity(), hf.is_progress_bar_enabled()
    hints = logging.getLogger("bitsandbytes")  # a faster four-bit kernel that no wheel carries
    before = hints.level
    hf.set_verbosity_error()
    hf.disable_progress_bar()
    hints.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            # PEFT asks for it by the old name.
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
            yield
    finally:
        hints.setLevel(before)
        hf.set_verbosity(level)
        if bars:
            hf.enable_progress_bar()


def language_model_folder(base: str | Path | None = None, quantise: str = "nf4") -> Path:
    """Return a folder with the language model in the Hugging Face layout.

    A GGUF file is unpacked beside itself the first time, which takes half a minute; a folder is
    returned as it is.

    Parameters
    ----------
    base : path-like, optional
        A GGUF file or a folder; by default SmolLM2-135M-Instruct from the user's cache.
    quantise : str
        ``nf4`` or ``bf16``: how the weights are kept in the unpacked folder.

    Raises
    ------
    ModelError
        If there is no such model, or the unpacked folder is damaged.
    """
    path = Path(base).expanduser() if base else base_model("smollm2")
    if path.is_dir():
        return path
    if not path.is_file():
        raise ModelError(
            f"There is no base model at {path}.",
            "Name a GGUF file or a folder, or leave the base out to fetch SmolLM2.",
        )
    folder = path.parent / f"{path.stem}-{quantise}"
    if not (folder / _NOTE).is_file():
        from filelock import FileLock

        with FileLock(path.parent / f".{folder.name}.lock"):  # two programs may start at once
            if not (folder / _NOTE).is_file():
                _unpack(path, folder, quantise)
    return folder


def fingerprint(folder: Path) -> str:
    """Return a hash that tells one base model from another.

    An unpacked GGUF file has the file's own sha256, so that an adapter trained on it anywhere fits.
    Any other folder is known by its configuration and by name, size and header of its weight
    files: reading 20 GB at each start would take minutes.

    Raises
    ------
    ModelError
        If an unpacked folder does not have the hash that it was written with.
    """
    note = folder / _NOTE
    if note.is_file():
        known = json.loads(note.read_text(encoding="utf-8"))
        if sha256_of(folder / "model.safetensors") != known["weights_sha256"]:
            raise ModelError(
                f"The base model in {folder} is damaged: its sha256 is not the one it was "
                "written with.",
                "Delete the folder; it is made again from the file that it came from.",
            )
        return str(known["source_sha256"])
    digest = hashlib.sha256((folder / "config.json").read_bytes())
    for file in sorted(folder.glob("*.safetensors")):
        digest.update(f"{file.name} {file.stat().st_size}".encode())
        with file.open("rb") as stream:
            digest.update(stream.read(1 << 16))
    return digest.hexdigest()


def load_tokenizer(folder: Path) -> Any:
    """Return the fast tokenizer of a folder."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def _unpack(gguf: Path, folder: Path, quantise: str) -> None:
    """Write the weights of a GGUF file as safetensors, quantised again to NF4 if wanted."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with tempfile.TemporaryDirectory(dir=gguf.parent) as scratch:
        plain, done = Path(scratch) / "plain", Path(scratch) / "done"
        where: dict[str, Any] = {
            "pretrained_model_name_or_path": gguf.parent,
            "gguf_file": gguf.name,
        }
        model = AutoModelForCausalLM.from_pretrained(
            **where, dtype=torch.bfloat16, **_dequantised()
        )
        model.save_pretrained(plain)
        del model
        if quantise == "nf4":
            model = AutoModelForCausalLM.from_pretrained(
                plain, quantization_config=nf4(torch.bfloat16), dtype=torch.bfloat16
            )
            model.save_pretrained(done)
        else:
            plain.rename(done)
        AutoTokenizer.from_pretrained(**where).save_pretrained(done)
        note = {
            "source": gguf.name,
            "source_sha256": sha256_of(gguf),
            "weights_sha256": sha256_of(done / "model.safetensors"),
        }
        write_json(done / _NOTE, note)
        if folder.exists():
            shutil.rmtree(folder)
        done.rename(folder)


def _dequantised() -> dict[str, Any]:
    try:
        from transformers import GgufConfig
    except ImportError:  # before 5.20 a GGUF file was always dequantised
        return {}
    return {"quantization_config": GgufConfig(dequantize=True)}
