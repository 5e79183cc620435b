"""What compiled classes on ArcticTraining run on: its machinery does nothing for them.

ArcticTraining wraps methods when a class is made, and gathers callbacks when an object is. A
compiled class has its calls written out, so here it is taken out of that machinery, takes its
source's place in the registry, and is found under one name however its file is loaded.
"""

from __future__ import annotations

from arctic_codegen.runtime.arctic_training.classes import plain, take_over
from arctic_codegen.runtime.arctic_training.entering import enter, leave
from arctic_codegen.runtime.arctic_training.order import log_order

__all__ = ["enter", "leave", "log_order", "plain", "take_over"]
