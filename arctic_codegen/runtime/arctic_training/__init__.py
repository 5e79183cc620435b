"""The runtime of compiled classes on ArcticTraining, which bypass its callback machinery.

ArcticTraining wraps methods when a class is created, and collects callbacks when an object is
created. In a compiled class the calls are written out, so this package bypasses that machinery,
replaces the source class in the registry, and makes the class available under one name however
its file is loaded.
"""

from __future__ import annotations

from arctic_codegen.runtime.arctic_training.classes import plain, take_over
from arctic_codegen.runtime.arctic_training.entering import enter, leave
from arctic_codegen.runtime.arctic_training.order import log_order

__all__ = ["enter", "leave", "log_order", "plain", "take_over"]
