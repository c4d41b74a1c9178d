"""What the picture of an event shows, in numbers."""

from __future__ import annotations

import math
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
    track_end_rise : float
        Loss over the last 3 cm of the longest track over its median loss.
    track_end_activity : float
        Deposit in MeV within 5 cm of the end of the longest track, beside the track.
    track_angle : float
        Angle of the longest track to the beam in degrees.
    second_track_dedx : float
        Median loss of the second longest track in MeV/cm.
    track_share : float
        Share of the charge that lies on the longest track.
    n_heavy_tracks : float
        Tracks of at least 5 cm that lose more than 1.6 times the minimum.
    shower_angle : float
        Angle of the largest shower to the beam in degrees.
    shower_share : float
        Share of the charge that the largest shower has.
    shower_length_cm : float
        Distance from its start that holds 90 % of its charge.
    second_shower_energy : float
        Deposit of the second largest shower in MeV; 0 without one.
    second_shower_gap_cm : float
        Distance from the vertex to its start.
    least_shower_score, most_shower_score : float
        Smallest and largest score of the views.
    near_share, far_share : float
        Share of the charge within 15 cm of the vertex, and beyond 50 cm.
    fullest_share : float
        Share of the charge in the fullest three of 36 sectors around the vertex.
    forward : float
        Mean cosine to the beam of the direction from the vertex, weighted with charge.
    imbalance : float
        Sum of the charge's directions across the beam, of 0 (balanced) to 1.
    diffuse_share : float
        Share of the charge on no track, and on the axis of no shower.
    charge_per_hit : float
        Mean charge of a hit in minimum-ionising pixels.
    extent_along, extent_across : float
        Distance in cm that holds the middle 80 % of the charge, along and across the beam.

    What follows ``vertex_activity`` is measured only, and NaN in the topology of truth, and where
    there is nothing to measure.
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
    track_end_rise: float = math.nan
    track_end_activity: float = math.nan
    track_angle: float = math.nan
    second_track_dedx: float = math.nan
    track_share: float = math.nan
    n_heavy_tracks: float = math.nan
    shower_angle: float = math.nan
    shower_share: float = math.nan
    shower_length_cm: float = math.nan
    second_shower_energy: float = math.nan
    second_shower_gap_cm: float = math.nan
    least_shower_score: float = math.nan
    most_shower_score: float = math.nan
    near_share: float = math.nan
    far_share: float = math.nan
    fullest_share: float = math.nan
    forward: float = math.nan
    imbalance: float = math.nan
    diffuse_share: float = math.nan
    charge_per_hit: float = math.nan
    extent_along: float = math.nan
    extent_across: float = math.nan
