"""Data factories for both trainers."""

from arctic_training.data.causal_factory import CausalDataFactory
from arctic_training.data.sft_factory import SFTDataFactory

from tiny.kinds import Every, Hooks, decorated, recorder
from tiny.trace import entered, note, returned, show


def reversed_sources(self, data_sources):
    note(f"{type(self).__name__}: {show(data_sources)} the other way round")
    return data_sources[::-1]


class Chat(SFTDataFactory):
    name = "chat"
    callbacks = [(f"pre-{event}", entered(event)) for event in ("load", "process", "split")] + [
        ("post-process", returned("process")),
    ]

    def post_process_callback(self, dataset):
        note(f"{type(self).__name__}: post_process_callback")
        return dataset

    def post_split_callback(self, data):
        raise AssertionError("dropped below")


class OrderedChat(Chat):
    name = "ordered_chat"
    callbacks = [
        ("pre-load", reversed_sources),
        ("post-load", decorated),
        ("post-init", Every("data")),
        *[("post-load", returned("load"))],
    ]
    post_split_callback = None


# The uncompiled runtime reads the list when a subclass is created: earlier changes count.
OrderedChat.callbacks.append(("post-init", Hooks.finish))
OrderedChat.callbacks.extend([("post-load", recorder.weigh)])
OrderedChat.callbacks += [("pre-process", lambda self: note("appended: process begins"))]
OrderedChat.callbacks.insert(0, ("pre-init", entered("init")))


class TinyChat(OrderedChat):
    name = "tiny_chat"

    def post_load_callback(self, dataset):
        note(f"{type(self).__name__}: {show(dataset)} the other way round")
        return dataset.select(reversed(range(len(dataset))))


class TinyText(CausalDataFactory):
    name = "tiny_text"
    callbacks = [
        ("pre-load", entered("load")),
        ("post-load", returned("load")),
        ("post-process", returned("process")),
        # The uncompiled runtime recognizes this event only with an underscore.
        ("pre-create_dataloader", entered("create_dataloader")),
        ("post-create_dataloader", returned("create_dataloader")),
    ]

    def pre_split_callback(self, training_data):
        note(f"{type(self).__name__}: splits {show(training_data)}")
        return training_data

    def post_split_callback(self, both):
        note(f"{type(self).__name__}: into {show(both)}")
        return both
