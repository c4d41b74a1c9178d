"""Bases small enough to be tuned in a test: random weights, a tokenizer of its own sentences."""

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MllamaConfig,
    MllamaForConditionalGeneration,
    MllamaImageProcessorPil,
    MllamaProcessor,
    PreTrainedTokenizerFast,
)

from classifier import claims
from classifier.claims import Claim
from classifier.events import CLASSES, DUNE_FD_HD, MODULAR_PIXEL, Event, EventSet, Hits, Truth
from classifier.formats import open_events
from classifier.formats.nulens_hdf5 import EventWriter
from classifier.models.vlm_prompts import STYLES, prompt

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PICTURES = (
    "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{% for c in m.content %}"
    "{% if c.type == 'image' %}<|image|>{% else %}{{ c.text }}{% endif %}{% endfor %}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def make_tokenizer(special, **roles):
    """Learn a byte-level vocabulary from what the VLM says and is asked."""
    texts = [*claims.templates(), *(claims.verdict(label) for label in CLASSES)]
    for geometry in (DUNE_FD_HD, MODULAR_PIXEL):
        asked = [prompt(style, geometry) for style in STYLES]
        texts += [p.system for p in asked] + [p.question for p in asked]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **roles)


@pytest.fixture(scope="session")
def language_model(tmp_path_factory):
    """Folder of a language model like SmolLM2 with random weights."""
    folder = tmp_path_factory.mktemp("language-model")
    tokenizer = make_tokenizer(
        ["<|im_start|>", "<|im_end|>", "<filename>"],
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
    )
    tokenizer.chat_template = CHATML
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            tie_word_embeddings=True,
        )
    )
    # Logits must be able to grow: the head, which is the embedding, is never tuned.
    torch.nn.init.normal_(model.get_input_embeddings().weight, std=0.3)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def mllama(tmp_path_factory):
    """Folder of Llama 3.2 Vision's architecture, tiny, with random weights."""
    folder = tmp_path_factory.mktemp("mllama")
    tokenizer = make_tokenizer(
        ["<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|python_tag|>"],
        bos_token="<|begin|>",
        eos_token="<|end|>",
        pad_token="<|end|>",
    )
    # As in the real model, the image token lies beyond the vocabulary of the head.
    words = len(tokenizer)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|image|>"]})
    image = MllamaImageProcessorPil(size={"height": 56, "width": 56}, max_image_tiles=1)
    MllamaProcessor(image, tokenizer, chat_template=PICTURES).save_pretrained(folder)
    torch.manual_seed(0)
    ids = {f"{n}_token_id": getattr(tokenizer, f"{n}_token_id") for n in ("bos", "eos", "pad")}
    config = MllamaConfig(
        vision_config={
            "hidden_size": 64,
            "num_hidden_layers": 2,
            "num_global_layers": 1,
            "attention_heads": 2,
            "intermediate_size": 64,
            "vision_output_dim": 128,
            "image_size": 56,
            "patch_size": 14,
            "max_num_tiles": 1,
            "supported_aspect_ratios": [[1, 1]],
            "intermediate_layers_indices": [0],
        },
        text_config={
            "vocab_size": words,
            "hidden_size": 64,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "intermediate_size": 128,
            "cross_attention_layers": [1, 3],
            **ids,
        },
        image_token_index=tokenizer.convert_tokens_to_ids("<|image|>"),
    )
    # Four-bit layers on a CPU ask for sizes that are multiples of 64.
    MllamaForConditionalGeneration(config).save_pretrained(folder)
    return folder


def draw(label, geometry, rng):
    """Draw an event that shows its class: a blob, one long track, or two short tracks."""
    hits = np.zeros((geometry.n_views, *geometry.shape), dtype=np.uint8)
    row, column = (int(v) for v in geometry.vertex)
    for view in hits:
        if label == 1:
            for i in range(150):
                view[row + i, column + i // 3] = 60
        elif label == 0:
            spread = rng.integers(0, 40, (200, 2))
            view[row + spread[:, 0], column + spread[:, 1] - 20] = 200
        else:
            for i in range(12):
                view[row + i, column + i] = view[row + i, column - i] = 90
    return Hits.from_views(hits)


@pytest.fixture(scope="session")
def make_events(tmp_path_factory):
    """Write a file of events of one geometry, the three classes in turn, and open it."""

    def make(geometry, n) -> EventSet:
        rng = np.random.default_rng(0)
        path = tmp_path_factory.mktemp("events") / f"{geometry.name}.h5"
        with EventWriter(path, geometry, {"made by": "a test"}) as writer:
            for i in range(n):
                truth = Truth(CLASSES[i % 3], energy=2.0 + i % 5)
                writer.write(f"event{i}", draw(i % 3, geometry, rng), truth)
        return open_events(path)

    return make


@pytest.fixture(scope="session")
def events(make_events) -> EventSet:
    """Sixty events of the DUNE geometry."""
    return make_events(DUNE_FD_HD, 60)


@pytest.fixture(scope="session")
def event(events) -> Event:
    """One event."""
    return events[0]


@pytest.fixture
def stated() -> tuple[Claim, ...]:
    """All that can be claimed at once."""
    return (
        Claim("n_prongs", 2),
        Claim("has_track", True),
        Claim("longest_track_cm", 143.0),
        Claim("track_contained", False),
        Claim("has_shower", True),
        Claim("n_showers", 1),
        Claim("vertex_gap_cm", 0.0),
        Claim("initial_dedx", 2.1),
        Claim("vertex_activity", "low"),
    )
