from dataclasses import replace

import pytest
import torch

from classifier.events import Geometry, View
from classifier.models.batching import rasterize
from classifier.models.cnn import SiameseCnn
from tests.classifier.models.pictures import WIRES, events


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = SiameseCnn()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0  # take the statistics of the one batch that follows
    with torch.no_grad():
        network(rasterize(events(8, seed=5, geometry=WIRES)).to("cpu"))
    return network.eval()


def test_size_is_that_of_the_paper(network):
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(3.4e6, rel=0.1)


@torch.no_grad()
@pytest.mark.parametrize("n_views", [1, 2, 3, 4])
def test_any_number_of_views(network, n_views):
    views = tuple(View(f"view{i}", "wire", "time", 0.5, 0.5) for i in range(n_views))
    geometry = Geometry("some", views, (64, 64), vertex=(10.0, 32.0))
    logits, features, _ = network(rasterize(events(2, geometry=geometry)).to("cpu"))
    assert logits.shape == (2, 3)
    assert features.shape == (2, 960)


@torch.no_grad()
def test_the_order_of_views_does_not_matter(network):
    batch = rasterize(events(1, geometry=WIRES)).to("cpu")
    turned = replace(batch, images=batch.images[[2, 0, 1]])
    torch.testing.assert_close(network(batch)[1], network(turned)[1], atol=1e-5, rtol=1e-4)
    other = replace(batch, images=batch.images * torch.tensor([1.0, 0.0, 1.0]).view(3, 1, 1, 1))
    assert not torch.allclose(network(batch)[1], network(other)[1], atol=1e-3)


@torch.no_grad()
def test_geometries_mix_in_a_batch(network):
    some = [
        *events(1, geometry=WIRES),
        *events(2, seed=1, geometry=replace(WIRES, views=WIRES.views[:2])),
    ]
    together = network(rasterize(some).to("cpu"))[1]
    alone = torch.cat([network(rasterize([e]).to("cpu"))[1] for e in some])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)
