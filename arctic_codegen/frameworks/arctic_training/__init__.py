"""ArcticTraining, as of version 0.8.

What the compiler knows of it is here. What its compiled classes import at run time is
:mod:`arctic_codegen.runtime.arctic_training`; :mod:`arctic_codegen.recipes` reads its recipes.
"""
