"""What the architecture of Llama 3.2 Vision 11B costs here: memory and time, on random weights.

The weights of the model are licensed and are not needed to measure it: the same layers are built
from its configuration, filled with noise, quantised to NF4 one by one on the device, tuned and
asked by the same code as any other VLM. Nothing that it says means anything.

::

    python -m classifier.evaluation.large_vlm_cost --data events.h5 --tokenizer DIR --out cost.json
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from classifier.events import EventSet
from classifier.models.vlm_backbone import TARGETS, Backbone, BackboneConfig, with_adapters

if TYPE_CHECKING:
    import torch
    from transformers import MllamaConfig

IMAGE = "<|image|>"

CHAT = (
    "{{ bos_token }}{% for m in messages %}{{ m.role }}: {% for c in m.content %}"
    "{% if c.type == 'image' %}" + IMAGE + "{% else %}{{ c.text }}{% endif %}{% endfor %}\n"
    "{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
)


def llama_11b() -> MllamaConfig:
    """Return the sizes of Llama 3.2 Vision 11B Instruct, as its ``config.json`` gives them."""
    from transformers import MllamaConfig

    vision = {"image_size": 560, "patch_size": 14, "max_num_tiles": 4}
    return MllamaConfig(vision_config=vision)


def random_backbone(config: MllamaConfig, tokenizer_folder: Path, device: str) -> Backbone:
    """Build a model with random NF4 weights, layer by layer on the device, with adapters.

    Parameters
    ----------
    config : MllamaConfig
        Sizes; the vocabulary must hold the tokenizer's.
    tokenizer_folder : Path
        Any fast tokenizer: which words the tokens stand for costs nothing.
    device : str
    """
    import torch
    from accelerate import init_empty_weights
    from transformers import MllamaForConditionalGeneration, MllamaProcessor

    from classifier.models.vlm_base import load_tokenizer, quiet
    from classifier.models.vlm_pictures import PictureProcessor

    tokenizer = load_tokenizer(tokenizer_folder)
    tokenizer.add_special_tokens({"additional_special_tokens": [IMAGE]})
    config.image_token_index = tokenizer.convert_tokens_to_ids(IMAGE)
    vision: Any = config.vision_config
    side, tiles = vision.image_size, vision.max_num_tiles
    images = _image_processor()(size={"height": side, "width": side}, max_image_tiles=tiles)
    processor = MllamaProcessor(images, tokenizer, chat_template=CHAT)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with init_empty_weights(include_buffers=False):
            model = MllamaForConditionalGeneration(config)
        _fill(model, torch.device(device))
    finally:
        torch.set_default_dtype(before)
    setattr(model, "is_loaded_in_4bit", True)  # noqa: B010 - transformers adds it so
    settings = BackboneConfig(base="random")
    with quiet():
        adapted = with_adapters(model, settings, list(TARGETS))
    return Backbone(settings, adapted, PictureProcessor(processor), "random")


def _image_processor() -> Any:
    import transformers

    # The variant that needs no torchvision, where this version of transformers has one.
    name = "MllamaImageProcessorPil"
    return getattr(transformers, name, None) or transformers.MllamaImageProcessor


def _fill(model: torch.nn.Module, device: torch.device) -> None:
    """Give every empty weight noise, linear layers but the head in NF4."""
    import bitsandbytes as bnb
    import torch

    for name, module in list(model.named_modules()):
        for child_name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Linear) and child_name != "lm_head":
                setattr(module, child_name, _four_bit(child, device, bnb))
        if name.endswith("rotary_emb"):
            module.to(device)
    for module in model.modules():
        if isinstance(module, bnb.nn.Linear4bit):
            continue
        for name, parameter in list(module.named_parameters(recurse=False)):
            if parameter.is_meta:
                noise = torch.randn(parameter.shape, device=device, dtype=torch.bfloat16) * 0.02
                # The scales of norms, vectors all, stay at one.
                value = noise + 1.0 if "norm" in type(module).__name__.lower() else noise
                setattr(module, name, torch.nn.Parameter(value, requires_grad=False))
        for name, buffer in list(module.named_buffers(recurse=False)):
            module._buffers[name] = buffer.to(device)


def _four_bit(linear: torch.nn.Linear, device: torch.device, bnb: Any) -> Any:
    import torch

    made = bnb.nn.Linear4bit(
        linear.in_features,
        linear.out_features,
        bias=linear.bias is not None,
        compute_dtype=torch.bfloat16,
        compress_statistics=True,
        quant_type="nf4",
        device="meta",
    )
    shape = (linear.out_features, linear.in_features)
    noise = torch.randn(shape, device=device, dtype=torch.bfloat16) * 0.02
    weight = bnb.nn.Params4bit(
        noise, requires_grad=False, compress_statistics=True, quant_type="nf4", module=made
    )
    made.weight = weight.to(device)
    if linear.bias is not None:
        bias = torch.zeros(linear.out_features, device=device, dtype=torch.bfloat16)
        made.bias = torch.nn.Parameter(bias, requires_grad=False)
    return made


def measure_large(
    backbone: Backbone,
    events: EventSet,
    *,
    steps: int = 100,
    batch: int = 4,
    batches: tuple[int, ...] = (1, 4, 16),
    asked: int = 64,
) -> dict[str, Any]:
    """Tune and ask a model; return times and memory.

    Parameters
    ----------
    backbone : Backbone
    events : EventSet
        With truth.
    steps, batch : int
        Of QLoRA.
    batches : tuple of int
        Events read together in classification; the first also without the shared prompt.
    asked : int
        Events to classify for each.
    """
    import torch

    from classifier.models.vlm import VlmClassifier
    from classifier.training.qlora import VLM_PRESETS, Tuner
    from classifier.training.supervised import Source, print_report
    from classifier.training.train_vlm import load_material

    material = load_material([events], print_report)
    preset = replace(VLM_PRESETS["llama"], batch=batch)
    tuner = Tuner(backbone, material, None, preset)
    trained = tuner.fit([Source(np.flatnonzero(material.labels >= 0))], steps=steps)
    found: dict[str, Any] = {"qlora": trained, "classification": []}
    backbone.model.eval().requires_grad_(False)
    for size, share in [(batches[0], False), *((b, True) for b in batches)]:
        vlm = VlmClassifier("random", "", backbone, {}, {}, batch=size, share_prompt=share)
        some = events[: min(asked, len(events), 16 * size)]
        vlm.predict(some[:size])
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        started = time.perf_counter()
        vlm.predict(some)
        seconds = time.perf_counter() - started
        found["classification"].append(
            {
                "batch": size,
                "shared_prompt": share,
                "events": len(some),
                "events_per_second": round(len(some) / seconds, 3),
                "memory_gb": memory_gb(),
            }
        )
    started = time.perf_counter()
    vlm.explain(events[0])
    found["explanation_seconds"] = round(time.perf_counter() - started, 2)
    return found


def memory_gb() -> float:
    """Return the largest memory of the GPU that tensors took, or of the process without a GPU."""
    import torch

    if torch.cuda.is_available():
        return round(torch.cuda.max_memory_allocated() / 1e9, 2)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)


@click.command(help=__doc__)
@click.option("--data", required=True, type=click.Path(exists=True), help="Events with truth.")
@click.option("--tokenizer", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--steps", default=100, show_default=True)
@click.option("--batch", default=4, show_default=True)
@click.option("--device", default="cuda", show_default=True)
def main(data: str, tokenizer: Path, out: Path, steps: int, batch: int, device: str) -> None:
    """Measure and write."""
    import torch

    from classifier.formats import open_events
    from classifier.models.weights import write_json

    started = time.perf_counter()
    backbone = random_backbone(llama_11b(), tokenizer, device)
    loaded = {
        "architecture": "Llama 3.2 Vision 11B",
        "weights": "random",
        "device": torch.cuda.get_device_name() if device.startswith("cuda") else device,
        "parameters": _count(backbone),
        "trainable": sum(p.numel() for p in backbone.model.parameters() if p.requires_grad),
        "load_seconds": round(time.perf_counter() - started, 1),
        "load_memory_gb": memory_gb(),
    }
    print(loaded, file=sys.stderr, flush=True)
    write_json(out, loaded)
    write_json(out, loaded | measure_large(backbone, open_events(data), steps=steps, batch=batch))


def _count(backbone: Backbone) -> int:
    from classifier.evaluation.cost import count_parameters

    return count_parameters(backbone.base)


if __name__ == "__main__":
    main()
