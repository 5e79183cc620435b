"""ArcticTraining, as of version 0.8.

This package contains what the compiler knows about it. Its compiled classes import
:mod:`arctic_codegen.runtime.arctic_training` at run time; :mod:`arctic_codegen.recipes` reads its
recipes.
"""
