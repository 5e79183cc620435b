"""Finds, by the bytes of files, those that can have to do with callbacks."""

from __future__ import annotations

from arctic_codegen.relevance.chosen import Chosen, still_chosen
from arctic_codegen.relevance.imports import imported_modules, relevant_files, texts_of
from arctic_codegen.relevance.kept import Choice, KeptChoice
from arctic_codegen.relevance.relevant import Relevance

__all__ = [
    "Choice",
    "Chosen",
    "KeptChoice",
    "Relevance",
    "imported_modules",
    "relevant_files",
    "still_chosen",
    "texts_of",
]
