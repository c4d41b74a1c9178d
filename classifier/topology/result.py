"""What the picture of an event shows, in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topology:
    """Tracks, showers and the vertex of one event, measured or (from simulation) true.

    Attributes
    ----------
    n_hits : int
        Pixels that are not zero, over all views.
    visible_energy : float
        Deposited energy in MeV, mean of the views that see charge, uncorrected for saturation.
    n_prongs : int
        Distinct directions in which charge leaves the vertex, at least 2 cm long.
    n_tracks : int
        Track-like prongs and detached tracks of at least 5 cm.
    longest_track_cm : float
        Length in space of the longest track inside the images; 0 where there is none.
    second_track_cm : float
        Length in space of the next one; 0 where there is none.
    track_straightness : float or None
        Distance between the ends of the longest track over its length, 0 to 1.
    track_contained : bool or None
        Whether the longest track ends inside the images.
    track_dedx : float or None
        Median energy loss along the longest track in MeV/cm.
    has_track : bool
        Whether there is a muon-like track: longer than 50 cm, or leaving the images after 20 cm,
        straight, and losing energy at about the minimum-ionising rate.
    shower_score : float
        How shower-like the event's most shower-like object is, 0 to 1.
    has_shower : bool
        Whether ``shower_score`` is at least 0.5.
    n_showers : int
        Separate electromagnetic showers of at least about 30 MeV.
    shower_energy : float
        Deposit of the largest shower in MeV; 0 where there is none.
    vertex_gap_cm : float or None
        Distance in space from the vertex to the start of the largest shower; None without one.
    initial_dedx : float or None
        Energy loss in MeV/cm over the first 3 cm of the largest shower, or, where there is none, of
        the longest track.
    vertex_activity : float
        Deposit in MeV within 5 cm of the vertex.
    """

    n_hits: int
    visible_energy: float
    n_prongs: int
    n_tracks: int
    longest_track_cm: float
    second_track_cm: float
    track_straightness: float | None
    track_contained: bool | None
    track_dedx: float | None
    has_track: bool
    shower_score: float
    has_shower: bool
    n_showers: int
    shower_energy: float
    vertex_gap_cm: float | None
    initial_dedx: float | None
    vertex_activity: float
