"""The checkpoint engine: DeepSpeed's, with messages."""

from __future__ import annotations

from arctic_codegen.blocks import DSCheckpointEngine


class HelpCheckpoint(DSCheckpointEngine):
    """Saves checkpoints from which a stopped run resumes."""

    name = "help"

    def post_save_callback(self) -> None:
        if self.global_rank == 0:
            print(f"        saved {self.checkpoint_dir.name}", flush=True)

    def post_load_callback(self) -> None:
        if self.global_rank == 0:
            print(f"resumed from step {self.trainer.global_step}")
