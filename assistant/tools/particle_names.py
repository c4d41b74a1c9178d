"""Everyday names of particles with their PDG numbers (PDG, Monte Carlo particle numbering scheme)."""

from __future__ import annotations

PDG_IDS: dict[str, int] = {
    "electron": 11, "e-": 11, "positron": -11, "e+": -11,
    "muon": 13, "mu": 13, "mu-": 13, "muon minus": 13, "negative muon": 13, "mu+": -13, "antimuon": -13, "anti-muon": -13, "muon plus": -13, "positive muon": -13,
    "tau": 15, "tau lepton": 15, "tauon": 15, "tau-": 15, "tau+": -15,
    "electron neutrino": 12, "nue": 12, "nu_e": 12, "muon neutrino": 14, "numu": 14, "nu_mu": 14, "tau neutrino": 16, "nutau": 16, "nu_tau": 16, "neutrino": 12,
    "photon": 22, "gamma": 22, "gamma ray": 22, "γ": 22,
    "proton": 2212, "antiproton": -2212, "anti-proton": -2212, "neutron": 2112,
    "pi0": 111, "pi-0": 111, "pi 0": 111, "pi zero": 111, "pizero": 111, "neutral pion": 111, "π0": 111, "pion zero": 111, "pion0": 111, "neutral pi": 111,
    "pi+": 211, "pi plus": 211, "positive pion": 211, "charged pion": 211, "pion": 211, "pi": 211, "pion plus": 211, "pi-": -211, "pi minus": -211, "negative pion": -211, "pion minus": -211,
    "k+": 321, "kaon": 321, "charged kaon": 321, "positive kaon": 321, "kaon plus": 321, "k-": -321, "negative kaon": -321, "kaon minus": -321,
    "k0": 311, "neutral kaon": 311, "kaon zero": 311, "kaon0": 311, "k0s": 310, "k_s": 310, "k short": 310, "k0 short": 310, "k0-short": 310, "k 0 short": 310, "k0 s": 310, "k-short": 310, "kshort": 310, "k0_s": 310, "ks": 310, "short-lived kaon": 310,
    "k0l": 130, "k long": 130, "k0 long": 130, "k0-long": 130, "k0 l": 130, "k-long": 130, "klong": 130, "k0_l": 130, "kl": 130, "long-lived kaon": 130,
    "lambda": 3122, "lambda0": 3122, "lambda 0": 3122, "lambda baryon": 3122, "lambda hyperon": 3122,
    "sigma": 3222, "sigma+": 3222, "sigma plus": 3222, "sigma0": 3212, "sigma zero": 3212, "sigma-": 3112, "sigma minus": 3112,
    "xi": 3322, "xi0": 3322, "xi-": 3312, "xi minus": 3312, "omega": 3334, "omega-": 3334, "omega minus": 3334, "omega baryon": 3334,
    "eta": 221, "eta meson": 221, "rho": 113, "rho meson": 113, "phi meson": 333,
    "delta": 2224, "delta++": 2224, "delta ++": 2224, "delta(1232)": 2224, "delta resonance": 2224, "delta baryon": 2224,
    "w": 24, "w boson": 24, "w-boson": 24, "w+": 24, "w-": -24, "z": 23, "z boson": 23, "z-boson": 23, "z0": 23, "z 0": 23,
    "higgs": 25, "higgs boson": 25, "gluon": 21, "j/psi": 443, "d+": 411, "d-": -411, "d0": 421, "b+": 521, "b-": -521, "b0": 511,
    "deuteron": 1000010020, "alpha": 1000020040, "alpha particle": 1000020040, "argon": 1000180400, "argon-40": 1000180400, "argon 40": 1000180400, "argon nucleus": 1000180400,
    "up quark": 2, "down quark": 1, "strange quark": 3, "charm quark": 4, "bottom quark": 5, "top quark": 6,
}  # fmt: skip
