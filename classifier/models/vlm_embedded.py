"""The embedded vision-language model: a patch-sparse ViT, visual words, a small language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText
from transformers.configuration_utils import PretrainedConfig
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.modeling_utils import PreTrainedModel

from classifier.events import Event
from classifier.models.batching import PixelBatch, occupied_pixels
from classifier.models.vit import VitConfig, VitEncoder
from classifier.models.vlm_readings import word_count
from classifier.models.vlm_words import VisualWords


class EmbeddedVlmConfig(PretrainedConfig):
    """Sizes of an `EmbeddedVlm`.

    Parameters
    ----------
    text_config : dict or PretrainedConfig
        Configuration of the language model.
    vision : dict
        Fields of `classifier.models.vit.VitConfig`.
    words : dict
        Tokens of the visual words; see `classifier.models.vlm_readings.spelling`.
    image_token_id : int
        Vocabulary entry that marks their places.
    """

    model_type = "nulens_vlm"

    def __init__(
        self,
        text_config: dict[str, Any] | PretrainedConfig | None = None,
        vision: dict[str, Any] | None = None,
        words: dict[str, list[list[int]]] | None = None,
        image_token_id: int = 0,
        **kwargs: Any,
    ) -> None:
        if isinstance(text_config, dict):
            text_config = AutoConfig.for_model(**text_config)
        elif text_config is None:
            text_config = AutoConfig.for_model("llama")
        self.text_config = text_config
        self.vision = vision or asdict(VitConfig())
        self.words = words or {}
        self.image_token_id = image_token_id
        super().__init__(**kwargs)

    def get_text_config(self, *args: Any, **kwargs: Any) -> PretrainedConfig:
        """Return the configuration of the language model; key-value caches are shaped by it."""
        return self.text_config

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        out = super().to_dict()
        out["text_config"] = self.text_config.to_dict()
        return out


class EmbeddedVlm(PreTrainedModel):
    """A language model that sees events through `VitEncoder` and `VisualWords`.

    Parameters
    ----------
    config : EmbeddedVlmConfig
        Sizes.
    language_model : PreTrainedModel, optional
        A loaded (and perhaps quantised) causal language model; built from the configuration
        otherwise.
    """

    config_class = EmbeddedVlmConfig
    base_model_prefix = "language_model"
    main_input_name = "input_ids"
    _supports_sdpa = True

    def __init__(
        self, config: EmbeddedVlmConfig, language_model: PreTrainedModel | None = None
    ) -> None:
        super().__init__(config)
        self.language_model = language_model or AutoModelForCausalLM.from_config(config.text_config)
        self.encoder = VitEncoder(VitConfig(**config.vision))
        self.projector = VisualWords(self.encoder.width, config.words)

    @classmethod
    def compose(cls, language_model: PreTrainedModel, config: EmbeddedVlmConfig) -> EmbeddedVlm:
        """Put a loaded language model behind a new encoder and projector."""
        model: Any = cls(config, language_model)
        # PEFT asks the whole model whether its linear layers are in four bits.
        model.is_loaded_in_4bit = getattr(language_model, "is_loaded_in_4bit", False)
        composed: EmbeddedVlm = model
        return composed

    def get_input_embeddings(self) -> nn.Module:
        """Return the embedding of the language model."""
        return self.language_model.get_input_embeddings()

    def get_output_embeddings(self) -> nn.Module:
        """Return the head of the language model."""
        return self.language_model.get_output_embeddings()

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        pixels: PixelBatch | None = None,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """Run the language model with the event's tokens in the places that `input_ids` marks.

        Parameters
        ----------
        input_ids, attention_mask : Tensor, shape (B, L)
        pixels : PixelBatch, optional
            The events; left out where `input_ids` marks no place.
        **kwargs
            What the language model takes: ``past_key_values``, ``logits_to_keep``, ...
        """
        embeds = self.get_input_embeddings()(input_ids)
        if pixels is not None:
            features, seen = self.encoder(pixels)
            tokens = self.projector(features, seen, self.get_input_embeddings()).to(embeds.dtype)
            places = (input_ids == self.config.image_token_id)[..., None]
            embeds = embeds.masked_scatter(places, tokens)
        kwargs.setdefault("use_cache", False)
        output: CausalLMOutputWithPast = self.language_model(
            inputs_embeds=embeds, attention_mask=attention_mask, **kwargs
        )
        return output


AutoConfig.register(EmbeddedVlmConfig.model_type, EmbeddedVlmConfig, exist_ok=True)
AutoModelForImageTextToText.register(EmbeddedVlmConfig, EmbeddedVlm, exist_ok=True)


class TokenProcessor:
    """Texts and events to the inputs of an `EmbeddedVlm`.

    Parameters
    ----------
    tokenizer : PreTrainedTokenizerFast
        With a chat template.
    config : EmbeddedVlmConfig
        Gives the mark of image tokens.
    """

    def __init__(self, tokenizer: Any, config: EmbeddedVlmConfig) -> None:
        self.tokenizer = tokenizer
        self.vision = VitConfig(**config.vision)
        self.placeholder = tokenizer.convert_ids_to_tokens(config.image_token_id)
        self._tokens = word_count()

    def images(self, n_views: int) -> str:
        """Return what stands in a text where the views of an event go."""
        return self.placeholder * self._tokens

    def chat(self, system: str, before: str, after: str, n_views: int) -> str:
        """Return the chat up to the assistant's first word; either text may be empty."""
        messages = [
            {"role": "system", "content": system},
            {"role": "user", "content": before + self.images(n_views) + after},
        ]
        text: str = self.tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        return text

    def __call__(self, texts: Sequence[str], events: Sequence[Event]) -> dict[str, Any]:
        """Tokenise texts and take the pixels of events."""
        return self.encode_texts(texts) | self.encode_images(events)

    def encode_texts(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Tokenise texts, padded on the left."""
        inputs = self.tokenizer(
            list(texts),
            padding=True,
            padding_side="left",
            add_special_tokens=False,
            return_tensors="pt",
        )
        return {k: inputs[k] for k in ("input_ids", "attention_mask")}

    def encode_images(self, events: Sequence[Event]) -> dict[str, PixelBatch]:
        """Take the pixels of events."""
        return {"pixels": occupied_pixels(events).to("cpu")}
