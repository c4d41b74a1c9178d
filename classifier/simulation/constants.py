"""Masses and couplings of the interaction generator, in GeV.

Values: R. L. Workman et al. (Particle Data Group), Prog. Theor. Exp. Phys. 2022, 083C01; the
masses are checked against the `particle` package in the tests.
"""

from __future__ import annotations

M_ELECTRON = 0.00051099895
M_MUON = 0.1056583755
M_TAU = 1.77686
M_PROTON = 0.93827208816
M_NEUTRON = 0.93956542052
M_NUCLEON = 0.5 * (M_PROTON + M_NEUTRON)
M_PION = 0.13957039
M_PION0 = 0.1349768
M_KAON = 0.493677
M_KAON0 = 0.497611
M_ETA = 0.547862
M_LAMBDA = 1.115683
M_SIGMA_PLUS = 1.18937
M_SIGMA_ZERO = 1.192642
M_SIGMA_MINUS = 1.197449
M_RHO = 0.77526
M_A1 = 1.230

FERMI_CONSTANT = 1.1663788e-5
"""G_F in GeV^-2."""
SIN2_WEINBERG = 0.23122
COS2_CABIBBO = 0.97435**2
AXIAL_COUPLING = 1.2754
"""g_A; neutron beta decay."""
MAGNETIC_PROTON = 2.7928473446
MAGNETIC_NEUTRON = -1.9130427
GEV2_TO_CM2 = 0.3893793721e-27
"""(hbar c)^2 in GeV^2 cm^2."""
HBARC_FM = 0.1973269804
"""hbar c in GeV fm."""

ARGON_PROTONS = 18
ARGON_NEUTRONS = 22

QE, RES, DIS, MEC, COH = 0, 1, 2, 3, 4
MODES = ("qe", "res", "dis", "mec", "coh")
