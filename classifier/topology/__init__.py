"""Tracks, showers and the vertex of an event, measured from its pictures alone."""

from classifier.topology.measurement import measure
from classifier.topology.reconstruction import Reconstruction, reconstruct
from classifier.topology.result import Topology
from classifier.topology.truth import true_topology

__all__ = [
    "Reconstruction",
    "Topology",
    "measure",
    "reconstruct",
    "true_topology",
]
