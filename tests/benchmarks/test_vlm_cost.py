"""Speed and memory of the embedded VLM on two cores, in one run; run on a quiet machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "classifier" / "data" / "sample-dune-fd-hd.h5"

MEASURE = """
import json, resource, sys, time
start = time.perf_counter()
import numpy as np, torch
from classifier import load_classifier, open_events
from classifier.claims import VERDICT_NAMES
from classifier.events import CLASSES
from classifier.models.vlm_reading import name_tokens, open_text

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

events = open_events(sys.argv[1])
some = [events[i] for i in range(64)]
vlm = load_classifier("vlm")
vlm.predict(some[:8])
ready = time.perf_counter() - start
start = time.perf_counter()
scores = vlm.outputs(some).log_probabilities
rate = len(some) / (time.perf_counter() - start)
vlm.explain(some[0])
start = time.perf_counter()
vlm.explain(some[1])
explanation = time.perf_counter() - start
memory = peak()

@torch.inference_mode()
def naive(event):
    # Each class name after the whole prompt, one event at a time, nothing kept in between.
    backbone = vlm.backbone
    text = open_text(backbone, event.geometry, vlm.style)
    total = []
    for label, name in zip(CLASSES, name_tokens(backbone.processor.tokenizer), strict=True):
        words = f"{text} {VERDICT_NAMES[label]}"
        inputs = backbone.move(backbone.processor([words], [event]))
        ids, n = inputs["input_ids"][0], len(name)
        assert ids[-n:].tolist() == name
        said = backbone.model(**inputs).logits[0, -n - 1 : -1].float().log_softmax(-1)
        total.append(float(said.gather(-1, ids[-n:, None]).sum()))
    return total

naive(some[0])
start = time.perf_counter()
slowly = np.array([naive(event) for event in some[:16]])
naive_rate = 16 / (time.perf_counter() - start)
off = float(np.abs(slowly - scores[:16]).max())
print(json.dumps(dict(ready=ready, rate=rate, explanation=explanation, memory=memory,
                      naive_rate=naive_rate, off=off)))
"""


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_rate_memory_and_explanation() -> None:
    out = subprocess.run(
        [sys.executable, "-c", MEASURE, str(SAMPLE)], check=True, capture_output=True, text=True
    ).stdout
    found = json.loads(out.splitlines()[-1])
    print(
        f"ready after {found['ready']:.1f} s; {found['rate']:.1f} events/s, "
        f"{found['rate'] / found['naive_rate']:.1f} times a naive loop; an explanation takes "
        f"{found['explanation']:.2f} s; peak memory {found['memory'] / 1e9:.2f} GB; "
        f"log-probabilities differ by {found['off']:.3f} at most"
    )
    assert found["rate"] >= 8.0
    assert found["memory"] < 1.5e9
    assert found["explanation"] <= 3.0
    assert found["rate"] >= 3.0 * found["naive_rate"]
    # Both compute in bf16, which keeps three digits, in another order.
    assert found["off"] < 0.5
