"""AC413: a callback without annotations is reported with --strict."""
# arguments: --strict

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self, batch: int) -> int:
        return batch

    def post_step_callback(self, value):  # note: [AC413]
        return value

    def pre_step_callback(self, batch: int) -> int:
        return batch
