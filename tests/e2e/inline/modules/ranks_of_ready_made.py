"""AC702: ready-made callbacks for all ranks that run on some ranks only (R62, R66)."""

from arctic_codegen import optional, rank_zero, when
from arctic_codegen.blocks import CausalTrainer
from arctic_codegen.callbacks import (
    BestCheckpoint,
    EarlyStopping,
    MemoryMonitor,
    NaNGuard,
    SampleGenerations,
    SpikeGuard,
    Throughput,
)

best = BestCheckpoint()
stopping = EarlyStopping(patience=2)
memory = MemoryMonitor()
guard = NaNGuard()
samples = SampleGenerations(["The"])
spikes = SpikeGuard()
throughput = Throughput()


class Stopping(EarlyStopping):
    def pre_checkpoint(self, trainer: CausalTrainer) -> None:
        if trainer.global_rank == 0:
            self.post_evaluate(trainer)  # error: [AC702]


class MyTrainer(CausalTrainer):
    name = "mine"
    callbacks = [
        ("post-evaluate", rank_zero(stopping.post_evaluate)),  # error: [AC702]
        ("post-evaluate", when("is_first", samples.post_evaluate)),  # error: [AC702]
        ("post-step", when("is_first", throughput.post_step)),
        ("post-step", when("is_first", lambda it: guard.post_backward(it))),  # error: [AC702]
        ("post-backward", optional(guard.post_backward)),  # warning: [AC703]
        ("post-backward", when("ends_soon", guard.post_backward)),
        *Stopping(),
    ]
    ends_soon = False

    @property
    def is_first(self) -> bool:
        return self.global_rank == 0

    def post_checkpoint_callback(self) -> None:
        if self.global_rank == 0:
            throughput.post_checkpoint(self)
            best.post_evaluate(self)  # error: [AC702]
            memory.post_step(self)  # error: [AC702]
            spikes.post_backward(self)  # error: [AC702]
            stopping.post_evaluate(self)  # error: [AC702]
