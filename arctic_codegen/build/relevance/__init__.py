"""Finds the files that may be relevant to callbacks, without scanning the others."""

from __future__ import annotations

from arctic_codegen.build.relevance.choice import Chosen, still_chosen
from arctic_codegen.build.relevance.relevant import Relevance
from arctic_codegen.build.relevance.unconfigured import imported_modules, relevant_files

__all__ = ["Chosen", "Relevance", "imported_modules", "relevant_files", "still_chosen"]
