"""The tested versions of arctic-training, and the code that compiled classes rely on (R42).

To support a new version, run the tests with it installed. If that code has changed, a test shows
the new digests; review the changes before adding the digests here.
"""

from __future__ import annotations

from arctic_codegen.frameworks.framework import TestedPart, TestedVersions

TESTED = TestedVersions(
    distribution="arctic-training",
    at_least=(0, 6),
    below=(0, 9),
    parts=(
        TestedPart("arctic_training.callback.mixin", "WRAPPER_NAME_ATTR", "e407feb9bdf06e44"),
        TestedPart("arctic_training.callback.mixin", "callback_wrapper", "aae04137ab6dcacd"),
        TestedPart("arctic_training.callback.mixin", "CallbackMixin", "bd1ed1215c73e708"),
        TestedPart("arctic_training.callback.callback", "Callback", "11156c1f5c89ed0f"),
        TestedPart("arctic_training.registry", "RegistryMeta", "4df81ebeb639a8d1"),
        TestedPart("arctic_training.registry", "get_registered_class", "ff341d8f4866e61a"),
        TestedPart("arctic_training.registry", "_get_class_attr_type_hints", "593ff15087f5ca79"),
    ),
)
"""A compiled class disables the mixin, prevents it from wrapping methods again, replaces its source
in the registry and restates the hints that the registry uses to check classes; late callbacks
are objects of ``Callback``."""
