"""Statistics against closed forms, SciPy and scikit-learn, and their coverage on pseudo-data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from classifier import statistics as s
from classifier.events import CLASSES
from classifier.models.base import Predictions
from nulens.errors import NuLensError

NUE, NUMU, NC = (label.value for label in CLASSES)


# Proportions and counts


@given(st.integers(0, 200), st.integers(1, 200), st.sampled_from([0.6827, 0.9, 0.95]))
@settings(deadline=None, max_examples=60)
def test_proportions_as_scipy_has_them(passed: int, n: int, confidence: float) -> None:
    passed = min(passed, n)
    for ours, theirs in (("Clopper-Pearson", "exact"), ("Wilson", "wilson")):
        found = s.proportion(passed, n, confidence=confidence, method=ours)
        expected = stats.binomtest(passed, n).proportion_ci(confidence, method=theirs)
        assert found.low == pytest.approx(expected.low, abs=1e-9)
        assert found.high == pytest.approx(expected.high, abs=1e-9)
        assert found.low <= found.value <= found.high
        assert (found.passed, found.n) == (passed, n)


def test_proportion_closed_forms() -> None:
    # None of n: the upper limit solves (1 - p)^n = (1 - confidence) / 2.
    assert s.proportion(0, 10, confidence=0.9).high == pytest.approx(1 - 0.05 ** (1 / 10))
    assert s.proportion(10, 10, confidence=0.9).low == pytest.approx(0.05 ** (1 / 10))
    nothing = s.proportion(0, 0)
    assert np.isnan(nothing.value)
    assert (nothing.low, nothing.high, nothing.n) == (0.0, 1.0, 0)
    assert pytest.approx(0.682689492) == s.ONE_SIGMA


@pytest.mark.parametrize(("passed", "n", "confidence"), [(3, 2, 0.9), (-1, 2, 0.9), (1, 2, 1.0)])
def test_proportions_that_are_none(passed: int, n: int, confidence: float) -> None:
    with pytest.raises(NuLensError):
        s.proportion(passed, n, confidence=confidence)


@pytest.mark.parametrize("count", [0, 1, 4, 50, 3000])
def test_poisson_interval_as_garwood(count: int) -> None:
    found = s.poisson(count, confidence=0.9)
    low = stats.chi2.ppf(0.05, 2 * count) / 2 if count else 0.0
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(stats.chi2.ppf(0.95, 2 * count + 2) / 2)


# Means, medians, histograms


def test_mean_interval_is_that_of_the_standard_error() -> None:
    x = np.random.default_rng(1).exponential(3, 400)
    found = s.mean(x)
    error = x.std(ddof=1) / 20
    assert found.value == pytest.approx(x.mean())
    assert found.high - found.value == pytest.approx(error, rel=0.15)
    assert found.value - found.low == pytest.approx(error, rel=0.15)
    assert s.mean(x) == found  # seeded
    many = np.random.default_rng(1).exponential(3, 20_000)
    assert s.mean(many).method == "standard error"
    low, high = stats.t.interval(s.ONE_SIGMA, 19_999, many.mean(), stats.sem(many))
    assert (s.mean(many).low, s.mean(many).high) == pytest.approx((low, high))


def test_few_values() -> None:
    assert np.isnan(s.mean([]).value)
    one = s.mean([4.0])
    assert (one.value, one.n) == (4.0, 1)
    assert np.isnan(one.low)
    assert s.mean([2.0, np.nan, 4.0]).value == 3.0
    assert np.isnan(s.median([]).value)
    assert np.isnan(s.median([1.0]).low)


def test_median_covers_at_least_its_confidence() -> None:
    rng = np.random.default_rng(2)
    for n in (5, 20, 101):
        inside = 0
        for _ in range(400):
            found = s.median(rng.exponential(1, n))
            inside += found.low <= np.log(2) <= found.high
        assert inside / 400 > s.ONE_SIGMA - 0.03
    # By hand: of 10 values the 4th to the 7th cover 1 - 2 P(B <= 3) = 65.6 %, the 3rd to 8th 89 %.
    found = s.median(np.arange(1.0, 11.0))
    assert (found.low, found.value, found.high) == (3.0, 5.5, 8.0)


def test_describe() -> None:
    found = s.describe([1.0, 2.0, 6.0, np.nan])
    assert (found.n, found.unknown, found.minimum, found.maximum) == (3, 1, 1.0, 6.0)
    assert found.std == pytest.approx(np.std([1, 2, 6], ddof=1))
    assert found.mean.value == 3.0
    assert found.median.value == 2.0


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=80))
@settings(deadline=None, max_examples=80)
def test_histogram_loses_no_value(values: list[float]) -> None:
    found = s.histogram(values)
    assert found.n + found.below + found.above + found.unknown == len(values)
    assert found.below == found.above == 0
    assert (found.low <= found.counts).all()
    assert (found.counts <= found.high).all()


def test_histogram_with_given_edges() -> None:
    found = s.histogram([0.0, 1.0, 1.0, 2.0, 3.0, -1.0, 9.0], [0, 1, 2])
    assert found.counts.tolist() == [1, 3]
    assert (found.below, found.above) == (1, 2)
    assert found.high[0] == pytest.approx(s.poisson(1).high)
    with pytest.raises(NuLensError, match="increase"):
        s.histogram([1.0], [2, 1])
    with pytest.raises(NuLensError, match="bins"):
        s.histogram([1.0], bins=0)
    assert len(s.histogram([1.0, 5.0], bins=7).counts) == 7


def test_whole_numbers_get_a_bin_each() -> None:
    assert s.bin_edges([0, 1, 3]).tolist() == [-0.5, 0.5, 1.5, 2.5, 3.5]


def test_histograms_share_their_bins() -> None:
    found = s.histograms([1.0, 2.5, 3.5, 8.0], ["a", None, "a", "b"])
    assert list(found) == ["a", "unknown", "b"]
    assert len({tuple(h.edges) for h in found.values()}) == 1
    assert sum(h.n for h in found.values()) == 4


# Selections


def test_efficiency_and_purity_by_hand() -> None:
    signal = np.array([1, 1, 1, 1, 0, 0], bool)
    selected = np.array([1, 1, 1, 0, 1, 0], bool)
    assert (s.efficiency(signal, selected).passed, s.efficiency(signal, selected).n) == (3, 4)
    assert (s.purity(signal, selected).passed, s.purity(signal, selected).n) == (3, 4)
    assert np.isnan(s.purity(signal, np.zeros(6, bool)).value)
    with pytest.raises(NuLensError, match="lengths"):
        s.purity(signal, [True])


def test_a_working_point_keeps_the_most_signal() -> None:
    signal = np.array([1, 1, 1, 1, 0, 0], bool)
    scores = [0.95, 0.9, 0.6, 0.2, 0.7, 0.1]
    assert s.working_point(signal, scores, 0.75, "efficiency") == 0.6
    assert s.working_point(signal, scores, 1.0, "efficiency") == 0.2
    assert s.working_point(signal, scores, 0.8, "purity") == 0.101
    assert s.working_point(signal, scores, 1.0, "purity") == 0.701
    assert s.working_point(~signal, scores, 0.9, "purity") is None
    assert s.working_point(np.zeros(6, bool), scores, 0.5, "efficiency") is None


# Confusion

TRUTH = [NUE, NUE, NUE, NUMU, NUMU, NC, NC, "nutau_cc", None]
GUESS = [NUE, NUE, NC, NUMU, NUMU, NC, NUMU, NUE, NC]


def test_rows_are_truth_and_columns_predictions() -> None:
    found = s.confusion_matrix(TRUTH, GUESS)
    assert found.truth == (NUE, NUMU, NC, "nutau_cc")
    assert found.predicted == (NUE, NUMU, NC)
    assert found.counts.tolist() == [[2, 0, 1], [0, 2, 0], [0, 1, 1], [1, 0, 0]]
    assert found.unknown == 1
    expected = metrics.confusion_matrix(TRUTH[:7], GUESS[:7], labels=[NUE, NUMU, NC])
    np.testing.assert_array_equal(found.counts[:3], expected)


def test_both_normalisations() -> None:
    found = s.confusion_matrix(TRUTH, GUESS)
    np.testing.assert_allclose(found.normalised("truth").sum(axis=1), 1)
    np.testing.assert_allclose(found.normalised("prediction").sum(axis=0), 1)
    assert found.normalised("truth")[0, 2] == pytest.approx(1 / 3)
    assert found.normalised("prediction")[0, 0] == pytest.approx(2 / 3)
    assert (found.share(NUE, NC).passed, found.share(NUE, NC).n) == (1, 3)
    assert found.share(NUE, NUE, "prediction").n == 3
    empty = s.confusion_matrix([NUE], [NC])
    assert np.isnan(empty.normalised("truth")[1]).all()


def test_accuracy_leaves_other_classes_out() -> None:
    found = s.accuracy(TRUTH, GUESS)
    assert (found.passed, found.n) == (5, 7)
    assert found.value == metrics.accuracy_score(TRUTH[:7], GUESS[:7])


MATRIX = s.ConfusionMatrix(
    (NUE, NUMU, NC), (NUE, NUMU, NC), np.array([[80, 5, 15], [2, 190, 8], [20, 30, 250]])
)


def test_corrected_counts_undo_the_confusion() -> None:
    true = np.array([1000.0, 3000.0, 500.0])
    observed = true @ MATRIX.normalised("truth")
    found = s.corrected_counts(observed, MATRIX)
    np.testing.assert_allclose(found.values, true)
    np.testing.assert_allclose(found.covariance, found.counting + found.response)
    np.testing.assert_allclose(found.errors**2, np.diag(found.covariance))
    background = np.array([10, 0, 5])
    with_background = s.corrected_counts(observed + background, MATRIX, background=background)
    np.testing.assert_allclose(with_background.values, true)


def test_a_perfect_classifier_needs_no_correction() -> None:
    perfect = s.ConfusionMatrix(MATRIX.truth, MATRIX.predicted, np.diag([50, 60, 70]))
    found = s.corrected_counts([9, 16, 25], perfect)
    np.testing.assert_allclose(found.values, [9, 16, 25])
    np.testing.assert_allclose(found.errors, [3, 4, 5])
    assert found.condition == pytest.approx(1)


def test_covariance_of_corrected_counts_on_pseudo_data() -> None:
    rng = np.random.default_rng(3)
    true = np.array([1000, 3000, 800])
    shares = MATRIX.normalised("truth")
    measured = MATRIX.counts.sum(axis=1)
    expected = s.corrected_counts(true @ shares, MATRIX)
    values, inside = [], np.zeros(3)
    for _ in range(1500):
        observed = rng.poisson(true @ shares)
        counts = np.stack([rng.multinomial(m, p) for m, p in zip(measured, shares, strict=True)])
        found = s.corrected_counts(
            observed, s.ConfusionMatrix(MATRIX.truth, MATRIX.predicted, counts)
        )
        values.append(found.values)
        inside += np.abs(found.values - true) < found.errors
    spread = np.cov(np.array(values).T)
    np.testing.assert_allclose(np.sqrt(np.diag(spread)), expected.errors, rtol=0.1)
    scale = np.outer(expected.errors, expected.errors)
    np.testing.assert_allclose(spread / scale, expected.covariance / scale, atol=0.1)
    np.testing.assert_allclose(inside / 1500, s.ONE_SIGMA, atol=0.04)
    np.testing.assert_allclose(np.mean(values, axis=0), true, rtol=0.02)


@pytest.mark.parametrize(
    ("observed", "counts", "says"),
    [
        ([1, 2], MATRIX.counts, "three counts"),
        ([1, 2, -3], MATRIX.counts, "three counts"),
        ([1, 2, 3], [[5, 0, 0], [0, 0, 0], [0, 0, 5]], "νμ CC"),
        ([1, 2, 3], [[5, 5, 0], [5, 5, 0], [0, 0, 5]], "cannot be inverted"),
    ],
)
def test_counts_that_cannot_be_corrected(observed, counts, says: str) -> None:
    matrix = s.ConfusionMatrix(MATRIX.truth, MATRIX.predicted, np.array(counts))
    with pytest.raises(NuLensError, match=says):
        s.corrected_counts(observed, matrix)


# Ranking


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=2, max_size=60).filter(
        lambda rows: 0 < sum(r[0] for r in rows) < len(rows)
    )
)
@settings(deadline=None, max_examples=25)
def test_areas_as_scikit_learn_has_them(rows: list[tuple[bool, int]]) -> None:
    signal, scores = (np.array(c) for c in zip(*rows, strict=True))
    auc, pr = s.roc_auc(signal, scores), s.pr_auc(signal, scores)
    assert auc.value == pytest.approx(metrics.roc_auc_score(signal, scores))
    assert pr.value == pytest.approx(metrics.average_precision_score(signal, scores))
    assert auc.low <= auc.value <= auc.high
    curve = s.roc_curve(signal, scores)
    assert np.trapezoid(curve.signal, curve.background) == pytest.approx(auc.value)
    for background, kept, cut in zip(curve.background, curve.signal, curve.cut, strict=True):
        passed = scores >= cut
        assert kept == pytest.approx((passed & signal).sum() / signal.sum())
        assert background == pytest.approx((passed & ~signal).sum() / (~signal).sum())


def test_auc_interval_is_as_wide_as_the_scatter() -> None:
    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        signal = np.arange(200) < 80
        return signal, rng.normal(signal * 1.0, 1)

    rng = np.random.default_rng(4)
    scatter = np.std([metrics.roc_auc_score(*draw(rng)) for _ in range(400)])
    widths = []
    for _ in range(8):
        found = s.roc_auc(*draw(rng))
        widths.append((found.high - found.low) / 2)
    assert np.mean(widths) == pytest.approx(scatter, rel=0.2)


def test_areas_without_one_of_the_classes() -> None:
    assert np.isnan(s.roc_auc([True, True], [0.1, 0.2]).value)
    with pytest.raises(NuLensError, match="not finite"):
        s.roc_auc([True, False], [0.1, np.nan])
    with pytest.raises(NuLensError, match="lengths"):
        s.roc_auc([True], [0.1, 0.2])


# Comparisons


@pytest.mark.parametrize(("b", "c"), [(0, 0), (3, 9), (10, 10), (0, 7)])
def test_mcnemar_as_the_exact_binomial_test(b: int, c: int) -> None:
    first = np.array([1] * b + [0] * c + [1] * 20 + [0] * 5, bool)
    second = np.array([0] * b + [1] * c + [1] * 20 + [0] * 5, bool)
    found = s.mcnemar(first, second)
    expected = stats.binomtest(b, b + c).pvalue if b + c else 1.0
    assert found.p_value == pytest.approx(expected)
    assert (found.only_first, found.only_second) == (b, c)
    assert found.difference.value == pytest.approx(first.mean() - second.mean())
    assert found.difference.low <= found.difference.value <= found.difference.high


def test_agreement() -> None:
    first, second = [NUE, NUE, NUMU, NC, NC], [NUE, NC, NUMU, NC, NUMU]
    found = s.agreement(first, second)
    assert (found.share.passed, found.share.n) == (3, 5)
    assert found.kappa == pytest.approx(metrics.cohen_kappa_score(first, second))
    assert found.differ.tolist() == [1, 4]
    assert found.table.tolist() == [[1, 0, 1], [0, 1, 0], [0, 1, 1]]
    assert np.isnan(s.agreement([NC], [NC]).kappa)
    with pytest.raises(NuLensError, match="different events"):
        s.agreement([NC], [NC, NC])


PREDICTIONS = Predictions(
    np.array([10, 11, 12, 13, 14]),
    np.array(
        [[0.9, 0.05, 0.05], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.34, 0.33, 0.33], [0.0, 0.0, 1.0]],
        np.float32,
    ),
    np.zeros(5, np.float32),
)


def test_worst_mistakes_come_worst_first() -> None:
    found = s.worst_mistakes(PREDICTIONS, [NUMU, NC, NUMU, NC, "nutau_cc"], n=2)
    assert found["index"].tolist() == [10, 11]
    assert found["label"].tolist() == [NUE, NUE]
    assert found["truth"].tolist() == [NUMU, NC]
    assert found["confidence"].tolist() == pytest.approx([0.9, 0.6])
    assert found["p_truth"].tolist() == pytest.approx([0.05, 0.1])
    assert s.worst_mistakes(PREDICTIONS, [None] * 5).empty


def test_least_sure_come_least_sure_first() -> None:
    found = s.least_sure(PREDICTIONS, n=3)
    assert found["index"].tolist() == [13, 11, 12]
    assert found["confidence"].tolist() == pytest.approx([0.34, 0.6, 0.8])
