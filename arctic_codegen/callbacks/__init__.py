"""Ready-made callbacks, and the base class for objects that serve several events (R66).

Importing this loads neither torch nor a logger.
"""

from __future__ import annotations

from arctic_codegen.callbacks.callback import Callback

__all__ = ["Callback"]
