"""From what a model says of events to probabilities and unlikeness, by detector."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from classifier.models.unlike import Unlikeness

Array = npt.NDArray[np.float32]


def probabilities(
    logits: Array, detectors: npt.NDArray[np.str_], temperatures: Mapping[str, float]
) -> Array:
    """Return the softmax of logits over their detector's temperature.

    Parameters
    ----------
    logits : ndarray of float32, shape (n, 3)
    detectors : ndarray of str, shape (n,)
        See `classifier.models.unlike.detector_key`.
    temperatures : mapping of str to float
        By detector (Guo et al., arXiv:1706.04599); one that is not there gets the mean of those
        that are.

    Returns
    -------
    ndarray of float32, shape (n, 3)
        Each row sums to 1.
    """
    from scipy.special import softmax

    default = float(np.exp(np.mean(np.log(list(temperatures.values()) or [1.0]))))
    temperature = np.array([temperatures.get(d, default) for d in detectors])
    shares: Array = softmax(logits / temperature[:, None].reshape(-1, 1), axis=1)
    return shares.astype(np.float32)


def unlikeness_of(
    features: Array,
    logits: Array,
    statistics: Array,
    detectors: npt.NDArray[np.str_],
    measures: Mapping[str, Unlikeness],
) -> Array:
    """Return how unlike its detector's training data each event is; 1 for an unknown detector.

    Parameters
    ----------
    features, logits, statistics : ndarray of float32, shape (n, d), (n, 3), (n, s)
        See `classifier.models.unlike.Unlikeness`.
    detectors : ndarray of str, shape (n,)
    measures : mapping of str to Unlikeness
        By detector.
    """
    unlike = np.ones(len(detectors), dtype=np.float32)
    for detector, measure in measures.items():
        own = detectors == detector
        if own.any():
            unlike[own] = measure(features[own], logits[own], statistics[own])
    return unlike
