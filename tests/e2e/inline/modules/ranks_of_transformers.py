"""AC702: methods of a transformers trainer that all ranks have to call together (R62)."""

import torch
from transformers import Trainer

from arctic_codegen import CallbackMixin


class Right(CallbackMixin, Trainer):
    def post_training_step_callback(self, loss: torch.Tensor) -> torch.Tensor:
        mean = self.accelerator.gather(loss).mean()
        if self.is_world_process_zero():
            self.log({"loss": mean.item()})
        with self.args.main_process_first(desc="cache"):
            self.accelerator.print("first")
        if self.args.should_save and self.args.process_index == 0:
            torch.save(loss, "loss.pt")
        return loss


class Evaluates(CallbackMixin, Trainer):
    def post_training_step_callback(self, loss: torch.Tensor) -> torch.Tensor:
        if self.state.is_world_process_zero:
            self.evaluate()  # error: [AC702]
        return loss


class OfItsOwn(CallbackMixin, Trainer):
    def evaluate(self) -> dict[str, float]:  # type: ignore[override]
        return super().evaluate()

    def post_training_step_callback(self, loss: torch.Tensor) -> torch.Tensor:
        if self.args.process_index == 0:
            self.evaluate()  # error: [AC702]
        return loss
