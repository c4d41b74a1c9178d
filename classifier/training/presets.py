"""Named sets of training parameters."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from classifier.models.vit import VIT_HUGE
from classifier.training.augmentation import Augmentation
from nulens.errors import ModelError


@dataclass(frozen=True)
class Preset:
    """How a network is trained.

    Attributes
    ----------
    network : dict
        Sizes of the network that differ from the shipped ones.
    batch : int
        Events a step and process.
    precision : str
        ``bf16``, ``fp16`` or ``no`` (float32), on a GPU; a CPU trains in float32.
    learning_rate, weight_decay : float
        Of AdamW (arXiv:1711.05101); the rate rises linearly, then falls as a cosine to a hundredth.
    warmup : float
        Share of the steps in which the rate rises.
    ema : float
        Decay of the averaged weights, which are the ones kept.
    label_smoothing : float
    sources : float
        Weight of the loss on what left the charge of each patch, where simulation knows it.
    rehearsed : float
        Share of each batch that is drawn from data that only keep the model from forgetting.
    clip : float
        Largest norm of the gradient.
    patience : int
        Evaluations without a better loss on the validation events after which training ends.
    augmentation : Augmentation
    """

    network: dict[str, Any] = field(default_factory=dict)
    batch: int = 128
    precision: str = "bf16"
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup: float = 0.05
    ema: float = 0.998
    label_smoothing: float = 0.03
    sources: float = 0.5
    rehearsed: float = 0.5
    clip: float = 1.0
    patience: int = 10
    augmentation: Augmentation = field(default_factory=Augmentation)


GENTLE = Augmentation(
    gain=0.02,
    view_gain=0.02,
    hit_noise=0.02,
    threshold=0.01,
    noise=3.0,
    dead=0.02,
    half=0.06,
    quarter=0.02,
    drop_view=0.02,
)
"""Events nearly as they are, for the end of a training of a network that does no better on the
events it has seen than on others, and so needs little to keep it from learning them by heart."""

PRESETS: dict[str, dict[str, Preset]] = {
    "cnn": {
        "default": Preset(),
        "finetune": Preset(batch=64, learning_rate=4e-4, warmup=0.1, ema=0.99),
        "cpu": Preset(batch=24, learning_rate=1.5e-3, ema=0.995),
        "cpu-anneal": Preset(
            batch=24,
            learning_rate=1.2e-3,
            warmup=0.03,
            label_smoothing=0.0,
            augmentation=GENTLE,
        ),
        "cpu-finetune": Preset(batch=24, learning_rate=4e-4, warmup=0.1, ema=0.98, rehearsed=0.25),
        # The paper's own schedule (arXiv:2508.19376), for comparison; it asks for 300 epochs.
        "paper": Preset(
            batch=16, learning_rate=1e-6, weight_decay=0.0, warmup=0.0, label_smoothing=0.0
        ),
    },
    "vit": {
        "default": Preset(learning_rate=8e-4),
        "finetune": Preset(batch=64, learning_rate=2e-4, warmup=0.1, ema=0.99),
        "cpu": Preset(batch=24, learning_rate=1e-3, ema=0.995),
        "cpu-anneal": Preset(
            batch=24,
            learning_rate=8e-4,
            warmup=0.03,
            label_smoothing=0.0,
            sources=0.3,
            augmentation=GENTLE,
        ),
        "cpu-finetune": Preset(
            batch=24,
            learning_rate=3e-4,
            warmup=0.1,
            ema=0.98,
            label_smoothing=0.0,
            rehearsed=0.25,
            augmentation=GENTLE,
        ),
        "huge": Preset(network=asdict(VIT_HUGE), batch=32, learning_rate=2e-4),
    },
}


def preset(kind: str, name: str) -> Preset:
    """Return a preset by name.

    Raises
    ------
    ModelError
        If the kind of network has no such preset.
    """
    known = PRESETS.get(kind)
    if known is None:
        raise ModelError(f"{kind!r} is not trained here.", f"Choose one of {', '.join(PRESETS)}.")
    if name not in known:
        raise ModelError(
            f"There is no preset {name!r} for {kind}.", f"Choose one of {', '.join(known)}."
        )
    return known[name]
