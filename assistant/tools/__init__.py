"""The assistant's tools: typed arguments in, typed results out; one file a tool."""

from __future__ import annotations

from assistant.tools import (
    aggregate_statistics,
    classify_events,
    compare_classifiers,
    describe_dataset,
    display_event,
    explain_event,
    find_similar_events,
    particle_properties,
    probe_event,
    search_knowledge,
    select_events,
)
from assistant.tools.base import ToolSpec

TOOLS: tuple[ToolSpec, ...] = (
    ToolSpec("describe_dataset", describe_dataset.DescribeDataset, describe_dataset.run),
    ToolSpec("select_events", select_events.SelectEvents, select_events.run),
    ToolSpec("classify_events", classify_events.ClassifyEvents, classify_events.run),
    ToolSpec(
        "compare_classifiers", compare_classifiers.CompareClassifiers, compare_classifiers.run
    ),
    ToolSpec(
        "aggregate_statistics", aggregate_statistics.AggregateStatistics, aggregate_statistics.run
    ),
    ToolSpec("explain_event", explain_event.ExplainEvent, explain_event.run),
    ToolSpec("display_event", display_event.DisplayEvent, display_event.run),
    ToolSpec("find_similar_events", find_similar_events.FindSimilarEvents, find_similar_events.run),
    ToolSpec("probe_event", probe_event.ProbeEvent, probe_event.run),
    ToolSpec("search_knowledge", search_knowledge.SearchKnowledge, search_knowledge.run),
    ToolSpec(
        "particle_properties", particle_properties.ParticleProperties, particle_properties.run
    ),
)
"""Every tool, in the order of the design."""
