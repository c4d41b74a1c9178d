"""Nucleon structure functions at the few-GeV scale.

Leading-order parton densities of M. Glück, E. Reya and A. Vogt, Z. Phys. C 67 (1995) 433 (GRV94),
carried to low Q² by the scaling variable and K factors of A. Bodek and U. K. Yang,
hep-ex/0308007, which were fitted with GRV98: the few per cent between the two sets are taken up
by `dis.NORMALISATION`.
"""

from __future__ import annotations

import math

from numba import njit

from classifier.simulation.constants import M_NUCLEON, SIN2_WEINBERG

# Bodek-Yang, hep-ex/0308007, table I.
BY_A, BY_B = 0.538, 0.305
BY_C_SEA_U, BY_C_SEA_D = 0.363, 0.621
BY_C1_U, BY_C1_D = 0.291, 0.202
BY_C2_U, BY_C2_D = 0.189, 0.255
Q2_FREEZE = 0.8
"""Below this Q² in GeV² the parton densities stay as they are; Bodek-Yang."""
CHARM_MASS = 1.3
"""Charm mass in GeV of slow rescaling; Barnett, Phys. Rev. Lett. 36 (1976) 1163, PDG 2022."""
CHARM_W_MIN = 2.29 + 0.14
"""Lightest charmed final state, Lambda_c pi, in GeV."""
Q2_OF_R = 0.35
"""Least Q² in GeV² of the fits to R; Bodek-Yang."""
VUS2 = 0.0503
"""|V_us|² = |V_cd|²; PDG 2022."""


@njit(cache=True)
def _valence(
    x: float, n: float, ak: float, bk: float, a: float, b: float, c: float, d: float
) -> float:
    return n * x**ak * (1.0 + a * x**bk + x * (b + c * math.sqrt(x))) * (1.0 - x) ** d


@njit(cache=True)
def grv94(x: float, q2: float) -> tuple[float, float, float, float, float]:
    """X times u valence, d valence, u sea, d sea, strange sea of the proton; GRV94 LO, appendix.

    `q2` in GeV², valid from 0.4 GeV².
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    lam2 = 0.2322 * 0.2322
    s = math.log(math.log(q2 / lam2) / math.log(0.23 / lam2))
    s2, rs = s * s, math.sqrt(s)
    uv = _valence(
        x,
        2.284 + 0.802 * s + 0.055 * s2,
        0.590 - 0.024 * s,
        0.131 + 0.063 * s,
        -0.449 - 0.138 * s - 0.076 * s2,
        0.213 + 2.669 * s - 0.728 * s2,
        8.854 - 9.135 * s + 1.979 * s2,
        2.997 + 0.753 * s - 0.076 * s2,
    )
    dv = _valence(
        x,
        0.371 + 0.083 * s + 0.039 * s2,
        0.376,
        0.486 + 0.062 * s,
        -0.509 + 3.310 * s - 1.248 * s2,
        12.41 - 10.52 * s + 2.267 * s2,
        6.373 - 6.208 * s + 1.418 * s2,
        3.691 + 0.799 * s - 0.071 * s2,
    )
    delta = _valence(
        x,
        0.082 + 0.014 * s + 0.008 * s2,
        0.409 - 0.005 * s,
        0.799 + 0.071 * s,
        -38.07 + 36.13 * s - 0.656 * s2,
        90.31 - 74.15 * s + 7.645 * s2,
        0.0,
        7.486 + 1.217 * s - 0.159 * s2,
    )
    log = math.log(1.0 / x)
    udb = (
        x ** (0.410 - 0.232 * s)
        * (0.890 - 0.140 * s + x * (-0.981 + x * (0.320 + 0.683 * s)))
        * log ** (0.534 - 0.457 * s)
        + s**1.451
        * math.exp(-(4.119 + 1.713 * s) + math.sqrt((0.682 + 2.978 * s) * s**0.271 * log))
    ) * (1.0 - x) ** (4.752 + 1.164 * s + 0.286 * s2)
    sb = 0.0
    if s > 0.0:
        sb = (
            s**0.914
            / log ** (1.798 - 0.596 * s)
            * (
                1.0
                + (-5.548 + 3.669 * rs - 0.616 * s) * math.sqrt(x)
                + (18.92 - 16.73 * rs + 5.168 * s) * x
            )
            * (1.0 - x) ** (6.379 - 0.350 * s + 0.142 * s2)
            * math.exp(-(3.981 + 1.638 * s) + math.sqrt(6.402 * s**0.577 * log))
        )
    return uv, dv, max(0.5 * (udb - delta), 0.0), max(0.5 * (udb + delta), 0.0), max(sb, 0.0)


@njit(cache=True)
def partons(x: float, q2: float) -> tuple[float, float, float, float, float]:
    """Bodek-Yang densities, times x, of the proton: u and d valence, u, d and strange sea."""
    root = math.sqrt(1.0 + 4.0 * M_NUCLEON * M_NUCLEON * x * x / q2)
    xi = 2.0 * x * (q2 + BY_B) / (q2 * (1.0 + root) + 2.0 * BY_A * x)
    uv, dv, us, ds, st = grv94(xi, max(q2, Q2_FREEZE))
    gd2 = (1.0 + q2 / 0.71) ** -4
    return (
        uv * (1.0 - gd2) * (q2 + BY_C2_U) / (q2 + BY_C1_U),
        dv * (1.0 - gd2) * (q2 + BY_C2_D) / (q2 + BY_C1_D),
        us * q2 / (q2 + BY_C_SEA_U),
        ds * q2 / (q2 + BY_C_SEA_D),
        st * q2 / (q2 + BY_C_SEA_D),
    )


@njit(cache=True)
def longitudinal_ratio(x: float, q2: float) -> float:
    """Ratio R of longitudinal to transverse absorption.

    Mean of the three fits R1990 of L. W. Whitlow et al., Phys. Lett. B 250 (1990) 193, which hold
    above `Q2_OF_R`; below, R goes to zero with Q² as in Bodek-Yang.
    """
    q = max(q2, Q2_OF_R)
    theta = 1.0 + 12.0 * q / (1.0 + q) * 0.125**2 / (0.125**2 + x * x)
    log = theta / math.log(q / 0.04)
    threshold = 5.0 * (1.0 - x) ** 5
    a = 0.0672 * log + 0.4671 / (q**4 + 1.8979**4) ** 0.25
    b = 0.0635 * log + 0.5747 / q - 0.3534 / (q * q + 0.09)
    c = 0.0599 * log + 0.5088 / math.sqrt((q - threshold) ** 2 + 2.1081**2)
    mean = (a + b + c) / 3.0
    return mean if q2 >= Q2_OF_R else 3.207 * q2 / (q2 * q2 + 1.0) * mean


@njit(cache=True)
def f2_xf3(
    x: float, q2: float, w: float, charged: bool, proton: bool, anti: bool
) -> tuple[float, float]:
    """F2 and x F3 of the weak current; the sign of x F3 is that of neutrinos and antineutrinos.

    Quark-parton model with PDG 2022, sec. 18.2; charm by slow rescaling.
    """
    uv, dv, us, ds, st = partons(x, q2)
    if not proton:
        uv, dv, us, ds = dv, uv, ds, us
    if charged:
        quark = (us + uv if anti else ds + dv) * (1.0 if anti else 1.0 - VUS2)
        anti_quark = ds * (1.0 - VUS2) if anti else us
        if w > CHARM_W_MIN:
            xi = x * (1.0 + CHARM_MASS * CHARM_MASS / q2)
            if xi < 1.0:
                _, dv_c, us_c, ds_c, st_c = partons(xi, q2)
                if not proton:
                    uv_c, _, _, _, _ = partons(xi, q2)
                    dv_c, ds_c = uv_c, us_c
                if anti:
                    anti_quark += (1.0 - VUS2) * st_c + VUS2 * ds_c
                else:
                    quark += (1.0 - VUS2) * st_c + VUS2 * (dv_c + ds_c)
        f2, xf3 = 2.0 * (quark + anti_quark), 2.0 * (quark - anti_quark)
    else:
        ul, ur = 0.5 - 2.0 / 3.0 * SIN2_WEINBERG, -2.0 / 3.0 * SIN2_WEINBERG
        dl, dr = -0.5 + 1.0 / 3.0 * SIN2_WEINBERG, 1.0 / 3.0 * SIN2_WEINBERG
        f2 = 2.0 * (
            (ul * ul + ur * ur) * (uv + 2.0 * us) + (dl * dl + dr * dr) * (dv + 2.0 * ds + 2.0 * st)
        )
        xf3 = 2.0 * ((ul * ul - ur * ur) * uv + (dl * dl - dr * dr) * dv)
    return f2, -xf3 if anti else xf3
