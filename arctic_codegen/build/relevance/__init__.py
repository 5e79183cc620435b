"""Finds, by the bytes of files, those that can have to do with callbacks."""

from __future__ import annotations

from arctic_codegen.build.relevance.choice import Chosen, still_chosen
from arctic_codegen.build.relevance.folder import imported_modules, relevant_files
from arctic_codegen.build.relevance.kept import KeptChoice
from arctic_codegen.build.relevance.relevant import Relevance

Choice = Relevance | KeptChoice
"""Which modules matter: chosen anew, or taken up."""

__all__ = [
    "Choice",
    "Chosen",
    "KeptChoice",
    "Relevance",
    "imported_modules",
    "relevant_files",
    "still_chosen",
]
