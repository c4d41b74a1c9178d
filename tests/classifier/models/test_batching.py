import numpy as np
import pytest

from classifier.events import DUNE_FD_HD, Event, Geometry, Hits, View
from classifier.models.batching import occupied_pixels, rasterize, scale_values
from nulens.errors import ModelError
from tests.classifier.models.pictures import PIXELS, WIRES, event, events


def test_every_pixel_is_listed_once_in_the_order_of_places():
    some = [*events(4), *events(3, geometry=WIRES)]
    pixels = occupied_pixels(some)
    assert (np.diff(pixels.place) > 0).all()
    assert (pixels.height, pixels.width) == (96, 96)
    image = pixels.place // (96 * 96)
    first = np.cumsum([0, *(e.geometry.n_views for e in some)])
    for i, one in enumerate(some):
        own = (image >= first[i]) & (image < first[i + 1])
        assert own.sum() == len(one.hits)
        wanted = scale_values(one.hits.value, one.geometry.saturation).astype(np.float64).sum()
        assert pixels.value[own].astype(np.float64).sum() == pytest.approx(wanted, rel=1e-6)
        assert (pixels.event[first[i] : first[i + 1]] == i).all()


def test_places_views_and_vertex():
    views = np.zeros((3, 500, 500), dtype=np.uint8)
    views[1, 5, 250] = 100
    views[2, 289, 251] = 51
    pixels = occupied_pixels([event(Hits.from_views(views), DUNE_FD_HD)])
    np.testing.assert_array_equal(
        pixels.place, [(512 + 5) * 512 + 250, (2 * 512 + 289) * 512 + 251]
    )
    np.testing.assert_allclose(pixels.value, [(100 / 255) ** 0.5, (51 / 255) ** 0.5])
    np.testing.assert_array_equal(pixels.view, [0, 1, 2])
    np.testing.assert_array_equal(pixels.vertex, [[int(x) for x in DUNE_FD_HD.vertex]] * 3)


def test_an_event_without_hits_counts_as_an_event():
    nothing = event(Hits.from_views(np.zeros((2, 64, 64), dtype=np.uint8)))
    pixels = occupied_pixels([nothing, *events(1)])
    assert len(pixels) == 2
    assert pixels.place.min() >= 2 * pixels.height * pixels.width


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
    a = occupied_pixels([event(Hits.from_views(views), coarse)])
    b = occupied_pixels([event(Hits.from_views(fine))])
    for name in ("place", "value", "view", "vertex"):
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
@pytest.mark.parametrize("encode", [occupied_pixels, rasterize])
def test_pixels_that_are_not_finite_are_refused(bad, encode):
    views = np.zeros((2, 64, 64), dtype=np.float32)
    views[0, 3, 4] = bad
    views[0, 5, 4] = 1
    broken = Event("odd", 7, PIXELS, Hits.from_views(views))
    with pytest.raises(ModelError, match=r"Event 7 \(odd\) has pixels that are not finite"):
        encode([broken])
