from transformers import MllamaConfig

from classifier.evaluation.large_vlm_cost import llama_11b, measure_large, random_backbone


def test_random_llama_is_tuned_and_asked(language_model, events):
    config = MllamaConfig(
        vision_config={
            "hidden_size": 64,
            "num_hidden_layers": 2,
            "num_global_layers": 1,
            "attention_heads": 2,
            "intermediate_size": 64,
            "vision_output_dim": 128,
            "image_size": 56,
            "intermediate_layers_indices": [0],
        },
        text_config={
            "vocab_size": 1024,
            "hidden_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "intermediate_size": 128,
            "cross_attention_layers": [1],
            "pad_token_id": 0,
        },
    )
    backbone = random_backbone(config, language_model, "cpu")
    found = measure_large(backbone, events[:12], steps=2, batch=2, batches=(1, 2), asked=4)
    assert found["qlora"]["steps"] == 2
    assert [c["shared_prompt"] for c in found["classification"]] == [False, True, True]
    assert all(c["events_per_second"] > 0 for c in found["classification"])


def test_sizes_are_those_of_the_real_model():
    config = llama_11b()
    assert config.text_config.hidden_size == 4096
    assert config.text_config.cross_attention_layers == [3, 8, 13, 18, 23, 28, 33, 38]
    assert config.vision_config.intermediate_layers_indices == [3, 7, 15, 23, 30]
