import numpy as np
import pytest

from classifier.events import DUNE_FD_HD, Event, Geometry, Hits, View
from classifier.models.batching import rasterize, scale_values, tokenize
from nulens.errors import ModelError
from tests.classifier.models.pictures import PIXELS, WIRES, event, events


def test_tokens_hold_every_pixel_once():
    some = events(6)
    tokens = tokenize(some)
    for i, one in enumerate(some):
        wanted = scale_values(one.hits.value, 255.0).astype(np.float64).sum()
        assert tokens.pixels[i].astype(np.float64).sum() == pytest.approx(wanted, rel=1e-6)
        assert (tokens.pixels[i] > 0).sum() == len(one.hits)
        assert (tokens.pixels[i][tokens.mask[i]].max(axis=1) > 0).all()
        assert not tokens.pixels[i][~tokens.mask[i]].any()


def test_patches_near_the_vertex_are_split_in_four():
    hits = Hits.from_views(np.zeros((3, 500, 500), dtype=np.uint8))
    views = np.zeros((3, 500, 500), dtype=np.uint8)
    views[1, 5, 250] = 100
    views[1, 13, 250] = 100
    views[2, 300, 250] = 51
    views[2, 289, 251] = 51
    hits = Hits.from_views(views)
    tokens = tokenize([event(hits, DUNE_FD_HD)])
    assert tokens.mask.sum() == 3
    np.testing.assert_array_equal(tokens.view[0], [1, 1, 2])
    np.testing.assert_array_equal(tokens.level[0], [2, 4, 0])
    np.testing.assert_array_equal(tokens.row[0], [0, 0, 18])
    np.testing.assert_array_equal(tokens.column[0], [0, 0, 0])
    assert tokens.pixels[0, 0, 5 * 8 + 250 % 8] == pytest.approx((100 / 255) ** 0.5)
    assert tokens.pixels[0, 2, 12 * 16 + 250 % 16] == pytest.approx((51 / 255) ** 0.5)


def test_an_event_without_hits_has_one_empty_token():
    nothing = event(Hits.from_views(np.zeros((2, 64, 64), dtype=np.uint8)))
    tokens = tokenize([nothing, *events(1)])
    assert tokens.mask[0].sum() == 1
    assert not tokens.pixels[0].any()


def test_half_resolution_has_the_extent_of_full_resolution():
    views = np.zeros((2, 32, 32), dtype=np.float32)
    views[0, 8, 16:20] = 40.0
    coarse = Geometry(
        "coarse",
        tuple(View(v.name, v.row_axis, v.column_axis, 1.0, 1.0) for v in PIXELS.views),
        (32, 32),
        vertex=(8.0, 16.0),
    )
    fine = np.zeros((2, 64, 64), dtype=np.float32)
    fine[0, 16:18, 32:40] = 40.0
    a = tokenize([event(Hits.from_views(views), coarse)])
    b = tokenize([event(Hits.from_views(fine))])
    for name in ("pixels", "row", "column", "level", "view", "mask"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_images_of_mixed_geometries():
    some = [*events(2, geometry=WIRES), *events(1)]
    batch = rasterize(some)
    assert batch.images.shape == (8, 1, 96, 96)
    np.testing.assert_array_equal(batch.slots, [[0, 1, 2], [3, 4, 5], [6, 7, 6]])
    np.testing.assert_allclose(batch.share, [[1 / 3] * 3, [1 / 3] * 3, [0.5, 0.5, 0]])
    np.testing.assert_allclose(
        batch.images[6:, 0, :64, :64], np.sqrt(some[2].views / 255.0), rtol=1e-6
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("encode", [tokenize, rasterize])
def test_pixels_that_are_not_finite_are_refused(bad, encode):
    views = np.zeros((2, 64, 64), dtype=np.float32)
    views[0, 3, 4] = bad
    views[0, 5, 4] = 1
    broken = Event("odd", 7, PIXELS, Hits.from_views(views))
    with pytest.raises(ModelError, match=r"Event 7 \(odd\) has pixels that are not finite"):
        encode([broken])
