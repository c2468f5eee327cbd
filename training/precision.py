"""In which numbers products are taken while a model trains; weights and sums are float32 always."""

import torch


def products() -> torch.autocast:
    """bfloat16 where the processor has instructions for it, float32 elsewhere: there PyTorch makes bfloat16 products without
    vectors, and a step of a language model took eight to nine times as long (an AMD EPYC without AVX-512)."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.ops.mkldnn._is_mkldnn_bf16_supported())
