"""Baryon resonances: D. Rein and L. M. Sehgal, Ann. Phys. 133 (1981) 79 (RS below).

The ten resonances that matter below the cut of `W_MAX`, without interference and without lepton
mass terms, dipole form factors. Neutral currents take the isovector part only: RS amplitudes of
isospin 3/2 are then those of the charged current, of isospin 1/2 half of them, the vector part
times 1 - 2 sin² theta_W.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from classifier.simulation.constants import (
    COS2_CABIBBO,
    FERMI_CONSTANT,
    GEV2_TO_CM2,
    M_ETA,
    M_NUCLEON,
    M_PION,
    SIN2_WEINBERG,
)
from classifier.simulation.kinematics import breakup_momentum, q2_limits

W_MIN = M_NUCLEON + M_PION
W_MAX = 1.7
"""Above this W in GeV the deep inelastic model takes over; arXiv:1510.05494, sec. 2.5."""
OMEGA = 1.05
"""Oscillator constant in GeV² (RS)."""
Z_AXIAL = 0.762
"""Axial renormalisation of the quark current; RS use 0.75."""
VECTOR_MASS2 = 0.84**2
AXIAL_MASS2 = 1.12**2
"""Squared resonance axial mass in GeV²; Kuzmin et al., Acta Phys. Polon. B 37 (2006) 2337."""

P33_1232, P11_1440, D13_1520, S11_1535, P33_1600 = 0, 1, 2, 3, 4
S31_1620, S11_1650, D15_1675, F15_1680, D33_1700 = 5, 6, 7, 8, 9
N_RESONANCES = 10

# Mass and width in GeV, orbital momentum of N pi, oscillator level, twice the isospin, share of
# N pi and N eta in the decays (the rest is N pi pi): PDG 2022, rounded Breit-Wigner values.
TABLE = np.array(
    [
        (1.232, 0.117, 1, 0, 3, 1.00, 0.00),
        (1.440, 0.350, 1, 2, 1, 0.65, 0.00),
        (1.515, 0.110, 2, 1, 1, 0.60, 0.00),
        (1.530, 0.150, 0, 1, 1, 0.45, 0.42),
        (1.570, 0.250, 1, 2, 3, 0.16, 0.00),
        (1.610, 0.130, 0, 1, 3, 0.30, 0.00),
        (1.650, 0.125, 0, 1, 1, 0.60, 0.20),
        (1.675, 0.145, 2, 1, 1, 0.40, 0.00),
        (1.685, 0.120, 3, 2, 1, 0.65, 0.00),
        (1.710, 0.300, 2, 1, 3, 0.15, 0.00),
    ]
)


@njit(cache=True)
def width(i: int, w: float) -> float:
    """Width in GeV of resonance `i` at mass `w`, growing with the N pi momentum (RS eq. 2.31)."""
    k = breakup_momentum(w, M_NUCLEON, M_PION)
    k0 = breakup_momentum(TABLE[i, 0], M_NUCLEON, M_PION)
    return TABLE[i, 1] * (k / k0) ** (2.0 * TABLE[i, 2] + 1.0)


@njit(cache=True)
def _breit_wigner(i: int, w: float) -> float:
    g = width(i, w)
    return g / (2.0 * math.pi) / ((w - TABLE[i, 0]) ** 2 + 0.25 * g * g)


def _normalisations() -> np.ndarray:
    # RS normalise each line to one; the upper end follows arXiv:1510.05494, sec. 2.4.
    out = np.empty(N_RESONANCES)
    for i in range(N_RESONANCES):
        spread = 6.0 if i == P33_1232 else 2.0 if TABLE[i, 3] == 2 else 4.0
        w = np.linspace(W_MIN, TABLE[i, 0] + spread * TABLE[i, 1], 400)
        k = np.sqrt((w**2 - (M_NUCLEON + M_PION) ** 2) * (w**2 - (M_NUCLEON - M_PION) ** 2))
        w0 = TABLE[i, 0]
        k0 = math.sqrt((w0**2 - (M_NUCLEON + M_PION) ** 2) * (w0**2 - (M_NUCLEON - M_PION) ** 2))
        g = TABLE[i, 1] * (k / w / (k0 / w0)) ** (2 * TABLE[i, 2] + 1)
        line = g / (2 * math.pi) / ((w - w0) ** 2 + g * g / 4)
        out[i] = np.trapezoid(line, w)
    return out


_NORM = _normalisations()


@njit(cache=True)
def _amplitudes(
    i: int, lam: float, rv: float, ra: float, tv: float, ta: float, s: float, b: float, c: float
) -> tuple[float, float, float, float, float, float]:
    """Charged-current helicity amplitudes f-1, f+1, f-3, f+3, f0-, f0+ of RS, table II."""
    rp, rm = -(rv + ra), -(rv - ra)
    tp, tm = -(tv + ta), -(tv - ta)
    lb, lc = lam * b, lam * c
    if i == P33_1232:
        z = -2.0 * math.sqrt(2.0) * c
        f1, f3 = math.sqrt(2.0), math.sqrt(6.0)
        return f1 * rm, -f1 * rp, f3 * rm, -f3 * rp, z, z
    if i == S11_1535:
        d, e = 2.0 * math.sqrt(3.0), 4.0 / math.sqrt(6.0) * lam
        x, y = math.sqrt(6.0) * lam * s, 2.0 * math.sqrt(2.0 / 3.0) * (lc - 3.0 * b)
        return d * tm + e * rm, -d * tp - e * rp, 0.0, 0.0, y - x, y + x
    if i == D13_1520:
        d, e = math.sqrt(6.0), 4.0 / math.sqrt(3.0) * lam
        t3 = 6.0 / math.sqrt(2.0)
        x, y = 2.0 * math.sqrt(3.0) * lam * s, 4.0 / math.sqrt(3.0) * lc
        return d * tm - e * rm, d * tp - e * rp, t3 * tm, t3 * tp, y - x, -x - y
    if i == S11_1650:
        d = lam / math.sqrt(6.0)
        y = -math.sqrt(2.0 / 3.0) * (lc - 3.0 * b)
        return d * rm, -d * rp, 0.0, 0.0, y, y
    if i == D15_1675:
        d, e, y = math.sqrt(0.3) * lam, math.sqrt(0.6) * lam, math.sqrt(1.2) * lc
        return -d * rm, d * rp, -e * rm, e * rp, y, y
    if i == S31_1620:
        d, e = math.sqrt(3.0), lam / math.sqrt(6.0)
        x, y = math.sqrt(1.5) * lam * s, (lc - 3.0 * b) / math.sqrt(6.0)
        return -d * tm + e * rm, d * tp - e * rp, 0.0, 0.0, x + y, y - x
    if i == D33_1700:
        d, e, t3 = math.sqrt(1.5), lam / math.sqrt(3.0), 3.0 / math.sqrt(2.0)
        x, y = math.sqrt(3.0) * lam * s, lc / math.sqrt(3.0)
        return -d * tm - e * rm, -d * tp - e * rp, -t3 * tm, -t3 * tp, x + y, x - y
    l2 = lam * lam
    if i == P11_1440:
        d = 5.0 * math.sqrt(3.0) / 6.0
        x, y = math.sqrt(0.75) * l2 * s, d * (l2 * c - 2.0 * lb)
        return -d * l2 * rm, -d * l2 * rp, 0.0, 0.0, y - x, -x - y
    if i == P33_1600:
        d, e = l2 / math.sqrt(6.0), l2 / math.sqrt(2.0)
        y = math.sqrt(2.0 / 3.0) * (l2 * c - 2.0 * lb)
        return -d * rm, d * rp, -e * rm, e * rp, y, y
    # F15(1680)
    d, e, t3 = 3.0 / math.sqrt(5.0) * lam, math.sqrt(2.5) * l2, math.sqrt(3.6) * lam
    x, y = math.sqrt(0.9) * l2 * s, math.sqrt(2.5) * l2 * c
    return -d * tm + e * rm, -d * tp + e * rp, -t3 * tm, -t3 * tp, x - y, x + y


@njit(cache=True)
def parts(e: float, w: float, q2: float, charged: bool, proton: bool, anti: bool) -> np.ndarray:
    """d²sigma/dW dQ² in cm²/GeV³ of each resonance on a free nucleon at rest, shape (10,).

    RS eq. 2.16 ff.; `e` is the neutrino energy, `w` and `q2` are W and Q².
    """
    out = np.zeros(N_RESONANCES)
    m, m2, w2 = M_NUCLEON, M_NUCLEON * M_NUCLEON, w * w
    v = (w2 - m2 + q2) / (2.0 * m)
    if v >= e:
        return out
    qq = v * v + q2
    q = math.sqrt(qq)
    u_ = (2.0 * e - v + q) / (2.0 * e)
    v_ = (2.0 * e - v - q) / (2.0 * e)
    d = (w + m) ** 2 + q2
    root = math.sqrt(2.0 / OMEGA)
    mqw = m * q / w
    vector = 1.0 if charged else 1.0 - 2.0 * SIN2_WEINBERG
    g2 = FERMI_CONSTANT**2 * (COS2_CABIBBO if charged else 1.0)
    sig0 = 0.125 * g2 / math.pi * q2 / qq * w / m * GEV2_TO_CM2
    for i in range(N_RESONANCES):
        half = TABLE[i, 4] == 1.0
        # Charge: isospin 1/2 has no state of charge 2 or -1.
        doubly = charged and (proton != anti)
        if half and doubly:
            continue
        share = 3.0 if doubly else 1.0
        if half and not charged:
            share = 0.25
        level = TABLE[i, 3]
        go = (1.0 + 0.25 * q2 / m2) ** (0.5 - level)
        gv = vector * go * (1.0 + q2 / VECTOR_MASS2) ** -2
        ga = go * (1.0 + q2 / AXIAL_MASS2) ** -2
        n_omega = level * OMEGA
        lam = root * mqw
        tv = gv / (3.0 * w * root)
        rv = math.sqrt(2.0) * mqw * (w + m) * gv / d
        s = q2 / qq * (3.0 * w * m - q2 - m2) * gv / (6.0 * m2)
        ta = 2.0 / 3.0 * Z_AXIAL / root * mqw * ga / d
        ra = math.sqrt(2.0) / 6.0 * Z_AXIAL * ga / w * (w + m + 2.0 * n_omega * w / d)
        b = Z_AXIAL / (3.0 * w * root) * (1.0 + (w2 - m2 - q2) / d) * ga
        c = Z_AXIAL / (6.0 * q) * (w2 - m2 + n_omega * (w2 - m2 - q2) / d) * ga / m
        fm1, fp1, fm3, fp3, f0m, f0p = _amplitudes(i, lam, rv, ra, tv, ta, s, b, c)
        left = w / m * (fp1 * fp1 + fp3 * fp3)
        right = w / m * (fm1 * fm1 + fm3 * fm3)
        scalar = m / w * qq / q2 * (f0m * f0m + f0p * f0p)
        if anti:
            left, right = right, left
        value = sig0 * (u_ * u_ * left + v_ * v_ * right + 2.0 * u_ * v_ * scalar)
        out[i] = share * value * _breit_wigner(i, w) / _NORM[i]
    return out


# W is proposed from the Delta line over a flat floor; Q² from a dipole-like fall.
_DELTA_SHARE = 0.6
_Q2_SCALE = 0.5


@njit(cache=True)
def _delta_cdf(w: float) -> float:
    return math.atan2(w - 1.225, 0.06)


@njit(cache=True)
def _propose_density(w: float, top: float) -> float:
    a, b = _delta_cdf(W_MIN), _delta_cdf(top)
    line = 0.06 / ((w - 1.225) ** 2 + 0.0036) / (b - a)
    return _DELTA_SHARE * line + (1.0 - _DELTA_SHARE) / (top - W_MIN)


@njit(cache=True)
def _weight(
    e: float, w: float, u: float, top: float, charged: bool, proton: bool, anti: bool, ml: float
) -> tuple[float, float]:
    """Cross section over proposal density, and Q²; `u` in 0 to 1 places Q² in its limits."""
    low, high = q2_limits(e, w, M_NUCLEON, ml)
    if high <= low:
        return 0.0, 0.0
    a, b = 1.0 / (low + _Q2_SCALE), 1.0 / (high + _Q2_SCALE)
    x = a + (b - a) * u
    q2 = 1.0 / x - _Q2_SCALE
    value = parts(e, w, q2, charged, proton, anti).sum()
    return value * (a - b) / (x * x) / _propose_density(w, top), q2


@njit(cache=True)
def highest_w(e: float, lepton_mass: float) -> float:
    """Largest W in GeV of a resonance at this neutrino energy."""
    return min(W_MAX, math.sqrt(M_NUCLEON**2 + 2.0 * M_NUCLEON * e) - lepton_mass)


@njit(cache=True)
def scan(
    e: float, charged: bool, proton: bool, anti: bool, lepton_mass: float
) -> tuple[float, float]:
    """Cross section in cm² of a free nucleon, and the largest sampling weight."""
    top = highest_w(e, lepton_mass)
    if top <= W_MIN + 1e-4:
        return 0.0, 0.0
    n_w, n_q = 50, 16
    total = largest = 0.0
    for i in range(n_w):
        w = W_MIN + (top - W_MIN) * (i + 0.5) / n_w
        density = _propose_density(w, top)
        for j in range(n_q):
            weight, _ = _weight(e, w, (j + 0.5) / n_q, top, charged, proton, anti, lepton_mass)
            total += weight * density * (top - W_MIN) / (n_w * n_q)
            largest = max(largest, weight)
    return total, largest


@njit(cache=True)
def draw(
    rng: np.random.Generator,
    e: float,
    charged: bool,
    proton: bool,
    anti: bool,
    lepton_mass: float,
    largest: float,
) -> tuple[float, float, int]:
    """Draw W, Q² and the resonance number; W is -1 below threshold."""
    top = highest_w(e, lepton_mass)
    if top <= W_MIN + 1e-4:
        return -1.0, 0.0, 0
    a, b = _delta_cdf(W_MIN), _delta_cdf(top)
    w = q2 = 0.0
    for _ in range(2000):
        if rng.random() < _DELTA_SHARE:
            w = 1.225 + 0.06 * math.tan(a + (b - a) * rng.random())
        else:
            w = W_MIN + (top - W_MIN) * rng.random()
        weight, q2 = _weight(e, w, rng.random(), top, charged, proton, anti, lepton_mass)
        if weight > 0.0 and rng.random() * largest < weight:
            break
    else:
        return -1.0, 0.0, 0
    each = parts(e, w, q2, charged, proton, anti)
    pick = rng.random() * each.sum()
    for i in range(N_RESONANCES):
        pick -= each[i]
        if pick <= 0.0:
            return w, q2, i
    return w, q2, P33_1232


@njit(cache=True)
def decay_products(rng: np.random.Generator, i: int, w: float, charge: int) -> np.ndarray:
    """PDG codes of the hadrons that resonance `i` of mass `w` and this charge decays to.

    Charge states follow Clebsch-Gordan coefficients; N pi pi goes through Delta pi.
    """
    pick = rng.random()
    if pick < TABLE[i, 6] and w > M_NUCLEON + M_ETA:
        return np.array([2212 if charge == 1 else 2112, 221])
    two_pions = pick > TABLE[i, 5] + TABLE[i, 6] and w > M_NUCLEON + 2.0 * M_PION + 0.02
    twice_isospin = int(TABLE[i, 4])
    if not two_pions:
        nucleon, pion = _pion_nucleon(rng, twice_isospin, charge)
        return np.array([nucleon, pion])
    delta_charge = charge - _delta_pion(rng, twice_isospin, charge)
    nucleon, pion = _pion_nucleon(rng, 3, delta_charge)
    return np.array([nucleon, pion, _pion(charge - delta_charge)])


@njit(cache=True)
def _pion(charge: int) -> int:
    return 111 if charge == 0 else 211 * charge


@njit(cache=True)
def _pion_nucleon(rng: np.random.Generator, twice_isospin: int, charge: int) -> tuple[int, int]:
    """Nucleon and pion of an N pi state of given isospin and charge."""
    if charge == 2:
        return 2212, 211
    if charge == -1:
        return 2112, -211
    neutral_share = 2.0 / 3.0 if twice_isospin == 3 else 1.0 / 3.0
    neutral = rng.random() < neutral_share
    if charge == 1:
        return (2212, 111) if neutral else (2112, 211)
    return (2112, 111) if neutral else (2212, -211)


@njit(cache=True)
def _delta_pion(rng: np.random.Generator, twice_isospin: int, charge: int) -> int:
    """Charge of the pion of a Delta pi state; squared Clebsch-Gordan of 3/2 x 1 (PDG 2022, 45)."""
    mirrored = charge <= 0
    z = 1 - charge if mirrored else charge
    pick = rng.random()
    if z == 2:
        # Isospin 3/2: Delta++ pi0 3/5, Delta+ pi+ 2/5.
        pion = 0 if pick < 0.6 else 1
    elif twice_isospin == 3:
        # Delta++ pi- 6/15, Delta+ pi0 1/15, Delta0 pi+ 8/15.
        pion = -1 if pick < 0.4 else 0 if pick < 7.0 / 15.0 else 1
    else:
        # Isospin 1/2: Delta++ pi- 1/2, Delta+ pi0 1/3, Delta0 pi+ 1/6.
        pion = -1 if pick < 0.5 else 0 if pick < 5.0 / 6.0 else 1
    return -pion if mirrored else pion
