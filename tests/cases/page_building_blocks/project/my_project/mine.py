"""One of each."""

from typing import Any

from my_project.factories import (
    CheckpointEngine,
    DataFactory,
    ModelFactory,
    OptimizerFactory,
    SchedulerFactory,
    TokenizerFactory,
    Trainer,
)


def tell(what: str) -> Any:
    """Makes a callback that says what it saw."""

    def show(self: Any, value: Any) -> Any:
        print(f"{what}: {value}")
        return value

    return show


class MyTrainer(Trainer):
    name = "mine"

    def pre_train_callback(self) -> None:
        print("about to train")


class MyData(DataFactory):
    name = "mine"
    callbacks = [("post-create_dataloader", tell("batches"))]

    def pre_load_callback(self, split: str) -> str:
        return split.lower()


class MyEngine(CheckpointEngine):
    name = "mine"

    def post_save_callback(self) -> None:
        print("saved")


class MyModel(ModelFactory):
    name = "mine"
    callbacks = [("post-create-model", tell("model"))]

    def post_create_config_callback(self, config: dict[str, int]) -> dict[str, int]:
        return {**config, "layers": 2}


class MyOptimizer(OptimizerFactory):
    name = "mine"
    callbacks = [("pre-create-optimizer", lambda self, learning_rate: learning_rate / 2)]


class MyScheduler(SchedulerFactory):
    name = "mine"
    callbacks = [("post-create_scheduler", tell("scheduler"))]


class MyTokenizer(TokenizerFactory):
    name = "mine"
    callbacks = [("post-create-tokenizer", tell("tokenizer"))]
