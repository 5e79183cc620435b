"""A trainer that does nothing but tell what it does."""

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def train(self) -> None:
        self.epoch()

    def epoch(self) -> None:
        print("epoch")
        self.step(1)

    def step(self, batch: int) -> None:
        print(f"step {batch}")
        print(f"loss {self.loss(batch)}")

    def loss(self, batch: int) -> float:
        return batch / 2

    def checkpoint(self) -> None:
        print("checkpoint")
