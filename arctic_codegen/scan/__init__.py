"""Reads one file: from its bytes to the records of :mod:`arctic_codegen.model.decls`."""

from arctic_codegen.scan.entry import scan

__all__ = ["scan"]
