"""AC302: a class is among its own ancestors."""

import app.other as other
from arctic_codegen import CallbackMixin


class Trainer(other.Other, CallbackMixin):  # error: [AC302]
    pass


# file: app/other.py
import app.cycles as cycles


class Other(cycles.Trainer):  # error: [AC302]
    pass
