import pytest
import torch
from torch import nn

from classifier.models.cnn import CnnConfig, SiameseCnn
from classifier.models.packed import PackedConvolution, can_pack, pack

pytestmark = pytest.mark.skipif(
    not can_pack(torch.device("cpu")), reason="PyTorch was built without oneDNN"
)


@pytest.mark.parametrize("activation", [None, nn.ReLU6(), nn.Hardswish()])
@pytest.mark.parametrize("groups", [1, 8])
def test_a_packed_convolution_gives_the_same_at_any_size(activation, groups):
    torch.manual_seed(0)
    plain = nn.Conv2d(8, 16, 5, stride=2, padding=2, groups=groups).eval().requires_grad_(False)
    packed = PackedConvolution(plain, activation)
    with torch.inference_mode():
        for shape in ((1, 8, 32, 32), (3, 8, 24, 40)):
            x = 4.0 * torch.randn(shape)
            expected = plain(x) if activation is None else activation(plain(x))
            torch.testing.assert_close(packed(x), expected)


def test_all_convolutions_of_the_cnn_are_packed():
    branch = SiameseCnn(CnnConfig()).eval().requires_grad_(False).branch
    for module in branch.modules():  # folded before, in a classifier
        if isinstance(module, nn.Sequential):
            for i, layer in enumerate(module):
                if isinstance(layer, nn.BatchNorm2d):
                    module[i] = nn.Identity()
    x = torch.rand(1, 1, 64, 64)
    with torch.inference_mode():
        expected = branch(x)
        pack(branch)
        torch.testing.assert_close(branch(x), expected, rtol=1e-4, atol=1e-4)
    assert not any(isinstance(m, nn.Conv2d) for m in branch.modules())
