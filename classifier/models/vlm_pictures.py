"""Events as pictures, for image-text-to-text models that come with a processor of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.events import Event
from classifier.models.batching import scale_values

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image


def pictures(event: Event) -> list[Image]:
    """Draw each view as a grey picture, white on black, brightness as the root of the charge."""
    from PIL import Image

    scaled = scale_values(event.views, event.geometry.saturation)
    grey = (255.0 * scaled.clip(0.0, 1.0)).astype(np.uint8)
    return [Image.fromarray(view).convert("RGB") for view in grey]


class PictureProcessor:
    """Texts and events to the inputs of any image-text-to-text model.

    Parameters
    ----------
    processor : ProcessorMixin
        The model's own processor, with a chat template.
    """

    def __init__(self, processor: Any) -> None:
        self.processor = processor
        self.tokenizer = processor.tokenizer
        self.placeholder: str = processor.image_token
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token

    def chat(self, system: str, before: str, after: str, n_views: int) -> str:
        """Return the chat up to the assistant's first word; either text may be empty."""
        content = [{"type": "text", "text": before}] if before else []
        content += [{"type": "image"} for _ in range(n_views)]
        content += [{"type": "text", "text": after}] if after else []
        messages = [{"role": "user", "content": content}]
        if system:
            messages.insert(0, {"role": "system", "content": [{"type": "text", "text": system}]})
        text: str = self.processor.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        return text

    def __call__(self, texts: Sequence[str], events: Sequence[Event]) -> dict[str, torch.Tensor]:
        """Tokenise texts (padded on the left) and draw the views."""
        inputs = self.processor(
            text=list(texts),
            images=[pictures(event) for event in events],
            padding=True,
            padding_side="left",
            add_special_tokens=False,
            return_tensors="pt",
        )
        return dict(inputs)
