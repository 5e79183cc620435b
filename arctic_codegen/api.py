"""The commands as functions with typed results, for the command line and for programs.

Nothing here prints. Mistakes in the sources are findings in the result. Incorrect use raises
:class:`~arctic_codegen.diagnostics.faults.WrongUse`, and a bug in arctic-codegen raises
:class:`~arctic_codegen.diagnostics.faults.InternalFault`.
"""

from arctic_codegen.commands.annotate import AnnotateResult, annotate
from arctic_codegen.commands.build import build
from arctic_codegen.commands.check import CheckResult, check
from arctic_codegen.commands.diff import DiffResult, diff
from arctic_codegen.commands.results import BuildResult, ExplainResult, ListResult
from arctic_codegen.commands.show import explain, list_classes
from arctic_codegen.model.file_changes import FileChange

__all__ = [
    "AnnotateResult",
    "BuildResult",
    "CheckResult",
    "DiffResult",
    "ExplainResult",
    "FileChange",
    "ListResult",
    "annotate",
    "build",
    "check",
    "diff",
    "explain",
    "list_classes",
]
