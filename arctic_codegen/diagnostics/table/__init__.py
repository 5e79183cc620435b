"""The codes, a file for each hundred. :mod:`arctic_codegen.diagnostics.codes` joins them."""
