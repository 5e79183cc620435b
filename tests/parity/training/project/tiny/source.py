"""Data sources: questions and answers from Python's own help texts."""

from pydoc_data.topics import topics

from arctic_training.config.data import DataSourceConfig
from arctic_training.data.source import DataSource
from datasets import Dataset

from tiny.kinds import Every, Hooks, decorated, recorder
from tiny.trace import entered, note, returned


class TopicsConfig(DataSourceConfig):
    rows: int = 10
    """The number of topics."""


class Topics(DataSource):
    name = "topics"
    config: TopicsConfig
    callbacks = [
        ("pre-load", entered("load")),
        ("pre-load", lambda self, split: f"{split}-half"),
        ("post-load", returned("load")),
        ("post-init", Every("source")),
    ]

    def pre_load_callback(self, split):
        note(f"{type(self).__name__}: pre_load_callback of {split}")
        return split.removesuffix("-half")

    def load(self, config: TopicsConfig, split: str) -> Dataset:
        names = sorted(topics)[: 2 * config.rows]
        chosen = names[0::2] if split == "train" else names[1::2]
        return Dataset.from_list([self.row(name, topics[name][40:160]) for name in chosen])

    def row(self, name, text):
        question = {"role": "user", "content": f"What is {name}?"}
        return {"messages": [question, {"role": "assistant", "content": text}]}


class ShortTopics(Topics):
    name = "short_topics"
    callbacks = [
        ("post-load", decorated),
        ("pre-init", Hooks.begin),
        ("post-load", recorder.weigh),
    ]

    def pre_load_callback(self, split):
        note(f"{type(self).__name__}: the short one")
        return super().pre_load_callback(split)

    def post_load_callback(self, dataset):
        note(f"{type(self).__name__}: drops a row of {len(dataset)}")
        return dataset.select(range(len(dataset) - 1))


class TextTopics(ShortTopics):
    """The same rows as plain text, for the causal trainer."""

    name = "text_topics"

    def row(self, name, text):
        return {"text": f"{name}: {text}"}
