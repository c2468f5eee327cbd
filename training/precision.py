"""In which numbers products are taken while a model trains; weights and sums are float32 always."""

import torch


def products(device: str = "cpu") -> torch.autocast:
    """On a processor bfloat16 where it has instructions for it, float32 elsewhere: there PyTorch makes bfloat16 products without
    vectors, and a step of a language model took eight to nine times as long (an AMD EPYC without AVX-512). On a GPU TF32, whose
    ten bits of fraction are those of the f16 that ships."""
    if device != "cpu":
        torch.set_float32_matmul_precision("high")
        return torch.autocast(device, enabled=False)
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.ops.mkldnn._is_mkldnn_bf16_supported())
