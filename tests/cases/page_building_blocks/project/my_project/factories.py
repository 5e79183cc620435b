"""Each kind of building block takes callbacks, and has a function in the registry."""

from typing import Any

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def train(self) -> None:
        print("train")


class DataFactory(CallbackMixin):
    def load(self, split: str) -> list[int]:
        return [1, 2, 3]

    def create_dataloader(self, dataset: list[int]) -> list[list[int]]:
        return [dataset]


class CheckpointEngine(CallbackMixin):
    def load(self, model: Any) -> None:
        print("load a checkpoint")

    def save(self, model: Any) -> None:
        print("save a checkpoint")


class ModelFactory(CallbackMixin):
    def create_config(self) -> dict[str, int]:
        return {"hidden": 8}

    def create_model(self, model_config: dict[str, int]) -> str:
        return f"a model of {model_config}"


class OptimizerFactory(CallbackMixin):
    def create_optimizer(self, model: Any, learning_rate: float) -> str:
        return f"an optimizer of {model} at {learning_rate}"


class SchedulerFactory(CallbackMixin):
    def create_scheduler(self, optimizer: Any) -> str:
        return f"a scheduler of {optimizer}"


class TokenizerFactory(CallbackMixin):
    def create_tokenizer(self) -> str:
        return "a tokenizer"
