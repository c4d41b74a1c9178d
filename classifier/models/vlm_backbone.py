"""A vision-language model that is ready to be tuned or asked: base, processor, LoRA adapters.

Whatever the base, what comes out is a PEFT model over an image-text-to-text model and a processor
that turns texts and events into its inputs; nothing after this file knows which base it is.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.models.vlm_base import (
    fingerprint,
    language_model_folder,
    load_tokenizer,
    nf4,
    quiet,
)
from nulens.errors import ModelError

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel

    from classifier.models.vlm_embedded import TokenProcessor
    from classifier.models.vlm_pictures import PictureProcessor

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""Projections with an adapter (Sagar et al., arXiv:2508.19376)."""

IMAGE_MARK = "<filename>"
"""A token of SmolLM2's vocabulary that no chat uses: it marks where an event goes."""


@dataclass(frozen=True)
class BackboneConfig:
    """What a vision-language model is made of.

    The LoRA settings are those of Sagar et al., arXiv:2508.19376.

    Attributes
    ----------
    base : str
        Empty for the embedded model on SmolLM2; else a GGUF file or folder of a causal language
        model (embedded likewise), or a folder or Hugging Face id of an image-text-to-text model.
    quantise : str
        ``nf4`` or ``bf16``: how the base is held.
    rank, alpha, dropout
        Of the LoRA adapters.
    vision : dict
        Sizes of the embedded model's encoder; fields of `classifier.models.vit.VitConfig`.
    images_first : bool
        Whether the images come before the text. After it, the text is read once for all events.
    """

    base: str = ""
    quantise: str = "nf4"
    rank: int = 8
    alpha: int = 16
    dropout: float = 0.05
    vision: dict[str, Any] = field(default_factory=dict)
    images_first: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for a model's ``config.json``."""
        return asdict(self)


@dataclass
class Backbone:
    """A PEFT model, its processor, and the hash of its base."""

    config: BackboneConfig
    model: Any
    processor: TokenProcessor | PictureProcessor
    base_hash: str

    @property
    def base(self) -> Any:
        """The image-text-to-text model, its adapters in place but without PEFT's wrapper."""
        return self.model.get_base_model()

    @property
    def embedded(self) -> bool:
        """Whether encoder and projector are NuLens' own, trained and shipped with the adapter."""
        return hasattr(self.base, "projector")

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        device: torch.device = next(self.model.parameters()).device
        return device

    def move(self, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Bring inputs to the device of the model."""
        return {k: v.to(self.device, non_blocking=True) for k, v in inputs.items()}


def open_backbone(config: BackboneConfig, device: str = "cpu", *, training: bool) -> Backbone:
    """Load a base model and give it fresh adapters.

    Parameters
    ----------
    config : BackboneConfig
        What to load.
    device : str
        ``cpu``, ``cuda`` or ``cuda:N``.
    training : bool
        Whether adapters (and the embedded model's encoder and projector) are to be tuned. If not,
        and on a CPU, NF4 weights are unpacked after loading: they are the same numbers, and twice
        as fast to compute with.

    Raises
    ------
    ModelError
        If the base is not there or does not fit, or the device has no room for it.
    """
    import torch

    _check_device(device)
    try:
        with quiet():
            if config.base and _is_image_text_to_text(config.base):
                backbone = _open_any(config, device)
            else:
                backbone = _open_embedded(config, device, training)
    except torch.OutOfMemoryError as error:
        raise out_of_memory(device, config.quantise) from error
    # Models that keep the last position only hand their head a view with gaps, for which PyTorch
    # multiplies by a copy of the head for each row: half of a batch's time, and half a gigabyte.
    backbone.base.get_output_embeddings().register_forward_pre_hook(
        lambda module, inputs: (inputs[0].contiguous(), *inputs[1:])
    )
    return backbone


def out_of_memory(device: str, quantise: str) -> ModelError:
    """Return the error for a device without room."""
    remedy = "Use a smaller batch or another device"
    if quantise != "nf4":
        remedy += ", or hold the base in nf4"
    return ModelError(f"The model does not fit into the memory of {device}.", f"{remedy}.")


def cpu_dtype() -> torch.dtype:
    """Return the type in which this CPU computes fastest."""
    import torch

    return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32


def _check_device(device: str) -> None:
    import torch

    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(
            "This configuration asks for a GPU, and there is none.",
            "Choose the device cpu with the embedded model, or run on a machine with a GPU.",
        )


def _is_image_text_to_text(base: str) -> bool:
    from transformers import AutoConfig, AutoModelForImageTextToText

    path = Path(base).expanduser()
    if path.is_file():
        return False
    if not path.is_dir() and not re.fullmatch(r"[\w.-]+/[\w.-]+", base):
        raise ModelError(
            f"There is no base model at {base}.",
            "Name a local folder, a GGUF file, or a Hugging Face id such as "
            "meta-llama/Llama-3.2-11B-Vision-Instruct.",
        )
    try:
        found = AutoConfig.from_pretrained(path if path.is_dir() else base)
    except (OSError, ValueError) as error:
        raise _not_there(base) from error
    return type(found) in AutoModelForImageTextToText._model_mapping


def _not_there(base: str) -> ModelError:
    return ModelError(
        f"The base model {base} is not on this machine and cannot be fetched.",
        "Check the name, the network and the access granted to your Hugging Face account, or name "
        "a local folder.",
    )


def _open_embedded(config: BackboneConfig, device: str, training: bool) -> Backbone:
    import torch
    from transformers import AutoModelForCausalLM

    from classifier.models.vlm_embedded import EmbeddedVlm, EmbeddedVlmConfig, TokenProcessor
    from classifier.models.vlm_readings import spelling

    folder = language_model_folder(config.base or None, config.quantise)
    tokenizer = load_tokenizer(folder)
    on_cpu = device == "cpu"
    dtype = cpu_dtype() if on_cpu else torch.bfloat16
    arguments: dict[str, Any] = {"dtype": dtype, "local_files_only": True}
    packed = "quantization_config" in (folder / "config.json").read_text(encoding="utf-8")
    if config.quantise == "nf4" and not packed:
        arguments["quantization_config"] = nf4(torch.bfloat16)
    if not on_cpu:
        arguments["device_map"] = {"": device}
    lm = AutoModelForCausalLM.from_pretrained(folder, **arguments)
    if on_cpu and not training and getattr(lm, "is_loaded_in_4bit", False):
        lm = lm.dequantize(dtype)
        lm.is_loaded_in_4bit = False
    mark = tokenizer.convert_tokens_to_ids(IMAGE_MARK)
    if mark is None or mark == tokenizer.unk_token_id:
        raise ModelError(
            f"The language model in {folder} has no token {IMAGE_MARK}.",
            "Name a language model with SmolLM2's vocabulary.",
        )
    sizes = EmbeddedVlmConfig(lm.config, config.vision or None, spelling(tokenizer), mark)
    model = EmbeddedVlm.compose(lm, sizes)
    for part in (model.encoder, model.projector):
        part.to(device)
    adapted = with_adapters(model, config, r"language_model\..*\.(" + "|".join(TARGETS) + ")")
    return Backbone(config, adapted, TokenProcessor(tokenizer, sizes), fingerprint(folder))


def _open_any(config: BackboneConfig, device: str) -> Backbone:
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    from classifier.models.vlm_pictures import PictureProcessor

    path = Path(config.base).expanduser()
    where = path if path.is_dir() else config.base
    arguments: dict[str, Any] = {"dtype": torch.bfloat16 if device != "cpu" else torch.float32}
    if config.quantise == "nf4":
        arguments["quantization_config"] = nf4(torch.bfloat16)
    if device != "cpu":
        arguments["device_map"] = {"": device}
    try:
        processor = AutoProcessor.from_pretrained(where)
        model = AutoModelForImageTextToText.from_pretrained(where, **arguments)
    except (OSError, ValueError) as error:
        raise _not_there(config.base) from error
    adapted = with_adapters(model, config, list(TARGETS))
    return Backbone(config, adapted, PictureProcessor(processor), _hash_of(where, model))


def _hash_of(where: Path | str, model: PreTrainedModel) -> str:
    if isinstance(where, Path):
        return fingerprint(where)
    # A model of the hub is pinned by the commit that it was fetched at.
    return f"{where}@{model.config._commit_hash}"


def with_adapters(
    model: PreTrainedModel, config: BackboneConfig, targets: str | list[str]
) -> PeftModel:
    """Freeze a model and put LoRA adapters on some of its linear layers.

    Parameters
    ----------
    model : PreTrainedModel
    config : BackboneConfig
    targets : str or list of str
        A regular expression for the whole names of modules, or the ends of their names.
    """
    from peft import LoraConfig, get_peft_model

    for parameter in model.parameters():
        parameter.requires_grad_(False)
    lora = LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        bias="none",
        target_modules=targets,
    )
    return get_peft_model(model, lora)
