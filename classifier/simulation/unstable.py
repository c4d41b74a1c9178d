"""Decays of the hadrons that do not live long enough to leave a track of their own."""

from __future__ import annotations

import numpy as np
from numba import njit

from classifier.simulation.kinematics import (
    Vector,
    isotropic,
    mass_of,
    phase_space,
    two_body,
)


@njit(cache=True)
def products(rng: np.random.Generator, pdg: int) -> np.ndarray:
    """PDG codes of the decay products; empty for what transport takes over.

    Branching ratios of PDG 2022, normalised to the modes listed.
    """
    pick = rng.random()
    if pdg == 221:
        if pick < 0.396:
            return np.array([22, 22])
        if pick < 0.725:
            return np.array([111, 111, 111])
        if pick < 0.957:
            return np.array([211, -211, 111])
        return np.array([211, -211, 22])
    if abs(pdg) == 311:
        return np.array([130 if pick < 0.5 else 310])
    if pdg == 3212:
        return np.array([3122, 22])
    if pdg == 3222:
        # The charged Sigma fly a few cm times beta gamma; they are decayed where they are born.
        return np.array([2212, 111]) if pick < 0.516 else np.array([2112, 211])
    if pdg == 3112:
        return np.array([2112, -211])
    return np.empty(0, dtype=np.int64)


@njit(cache=True)
def decay(rng: np.random.Generator, codes: np.ndarray, momenta: Vector, n: int) -> int:
    """Replace unstable hadrons in the first `n` rows by their products; return the new count."""
    i = 0
    while i < n:
        daughters = products(rng, codes[i])
        k = len(daughters)
        if k == 0:
            i += 1
            continue
        parent = momenta[i].copy()
        if k == 1:
            codes[i] = daughters[0]
            i += 1
            continue
        masses = np.empty(k)
        for j in range(k):
            masses[j] = mass_of(daughters[j])
        if k == 2:
            first, second = two_body(parent, masses[0], masses[1], isotropic(rng))
            momenta[i] = first
            momenta[n] = second
        else:
            vectors = phase_space(rng, parent, masses)
            momenta[i] = vectors[0]
            for j in range(1, k):
                momenta[n + j - 1] = vectors[j]
        codes[i] = daughters[0]
        for j in range(1, k):
            codes[n + j - 1] = daughters[j]
        n += k - 1
    return n
