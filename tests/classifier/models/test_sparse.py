"""Sparse convolutions against dense ones on the same pictures."""

import pytest
import torch
from torch.nn.functional import conv2d, max_pool2d

from classifier.models.sparse import SparseConvolution, SparseStem, pyramid

IMAGES, HEIGHT, WIDTH = 3, 32, 64


@pytest.fixture
def picture():
    random = torch.Generator().manual_seed(0)
    occupied = torch.rand(IMAGES, HEIGHT, WIDTH, generator=random) < 0.15
    occupied[0, 0, 0] = occupied[0, -1, -1] = occupied[2, -1, -1] = occupied[1, 5, -1] = True
    occupied[1, 6, 0] = True  # the next place after the end of the row before: no neighbours
    return occupied, occupied.flatten().nonzero()[:, 0]


def dense(x, place, height=HEIGHT, width=WIDTH):
    out = x.new_zeros(IMAGES * height * width, x.shape[1])
    out = out.index_put((place,), x)
    return out.view(IMAGES, height, width, -1).permute(0, 3, 1, 2)


def test_levels_hold_the_sites_of_pooled_pictures(picture):
    occupied, place = picture
    levels = pyramid(place, IMAGES, HEIGHT, WIDTH, 3)
    for depth, level in enumerate(levels):
        pooled = max_pool2d(occupied[:, None].float(), 2**depth)[:, 0]
        torch.testing.assert_close(level.place, pooled.flatten().nonzero()[:, 0])
        assert (level.height, level.width) == (HEIGHT >> depth, WIDTH >> depth)


@pytest.mark.parametrize("halve", [False, True])
def test_values_and_gradients_are_those_of_a_dense_convolution(picture, halve):
    _, place = picture
    levels = pyramid(place, IMAGES, HEIGHT, WIDTH, 1)
    torch.manual_seed(1)
    layer = SparseConvolution(5, 7, halve=halve).double()
    layer.norm = torch.nn.Identity()
    x = torch.randn(len(place), 5, dtype=torch.float64, requires_grad=True)
    y = layer(x, levels[halve])
    side = 2 if halve else 3
    kernel = layer.weight.view(side, side, 5, 7).permute(3, 2, 0, 1)
    whole = conv2d(dense(x, place), kernel, stride=2 if halve else 1, padding=0 if halve else 1)
    wanted = whole.permute(0, 2, 3, 1).reshape(-1, 7)[levels[halve].place]
    torch.testing.assert_close(y, wanted)
    weights = torch.randn_like(y)
    ours = torch.autograd.grad((y * weights).sum(), (x, layer.weight))
    theirs = torch.autograd.grad((wanted * weights).sum(), (x, layer.weight))
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b)


def test_a_stem_looks_at_each_picture_alone(picture):
    occupied, place = picture
    stem = SparseStem(2, (4, 8, 8)).eval()
    x = torch.randn(len(place), 2)
    together = stem(x, pyramid(place, IMAGES, HEIGHT, WIDTH, 2))
    own = place // (HEIGHT * WIDTH) == 1
    levels = pyramid(place[own] - HEIGHT * WIDTH, 1, HEIGHT, WIDTH, 2)
    alone = stem(x[own], levels)
    for depth, (a, b) in enumerate(zip(together, alone, strict=True)):
        first = int(max_pool2d(occupied[:1, None].float(), 2**depth).sum())
        torch.testing.assert_close(a[first : first + len(b)], b)


def test_no_pixel_at_all():
    stem = SparseStem(2, (4, 8))
    out = stem(torch.zeros(0, 2), pyramid(torch.zeros(0, dtype=torch.int64), 1, 8, 8, 1))
    assert [tuple(x.shape) for x in out] == [(0, 4), (0, 8)]


def test_a_norm_merged_into_weights_gives_the_same(picture):
    _, place = picture
    levels = pyramid(place, IMAGES, HEIGHT, WIDTH, 2)
    stem = SparseStem(2, (4, 8, 8))
    x = torch.randn(len(place), 2)
    stem(x, levels)  # gives the norms something to have averaged
    wanted = stem.eval()(x, levels)
    for module in stem.modules():
        if isinstance(module, SparseConvolution):
            module.fold()
    for a, b in zip(stem(x, levels), wanted, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)
