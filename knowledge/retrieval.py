"""What the knowledge room offers: passages for a question, and answers quoted from them."""

from __future__ import annotations

from knowledge.extractive import ExtractiveAnswer, answer_extractively
from knowledge.hits import Passage
from knowledge.ranking import search

__all__ = ["ExtractiveAnswer", "Passage", "answer_extractively", "search"]
