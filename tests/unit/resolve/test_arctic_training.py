"""R6 and R45 on the installed arctic-training."""

from __future__ import annotations

import functools

import msgspec

from arctic_codegen.model.parameters import Default
from tests.unit.resolve.hosts_support import SETTINGS, resolved

USER = """
from arctic_training.trainer.sft_trainer import SFTTrainer
from arctic_training.data.sft_factory import SFTDataFactory
from arctic_training.model.hf_factory import HFModelFactory

def log(self) -> None: ...

class A(SFTTrainer):
    name = "a"
    callbacks = [("pre-step", log)]
    def post_epoch_callback(self) -> None: ...
    def post_checkpoint_callback(self) -> None: ...

class B(A):
    name = "b"
    callbacks = [("post-epoch", log), ("pre-step", log)]
    def post_epoch_callback(self) -> None: ...

class Data(SFTDataFactory):
    name = "data"
    callbacks = [("pre-split", log), ("pre-split_data", lambda self: None)]

class Model(HFModelFactory):
    name = "model"
    def post_create_model_callback(self, model):
        return super().post_create_model_callback(model)
"""


@functools.cache
def got():
    return resolved(USER)


def test_R6_the_wrapper_s_name_is_the_event():
    assert [finding.code for finding in got().findings] == ["AC219"]
    method = got().method("Data", "split")
    assert method.name == "split_data"
    assert got().order("Data", "pre-split")[-2:] == ["log", "Data.<lambda>"]
    labels = [event.label for event in got().host("Data").events]
    assert "split-data" not in labels
    assert "create-dataloader" in labels


def test_documented_order_begins_with_the_mixin_s_own_list():
    assert got().order("B", "post-init") == [
        "callback.logging._post_init_log",
        "callback.logging._log_callback_ordering",
    ]
    assert got().order("B", "post-loss") == ["callback.logging._log_loss_value"]
    assert got().order("B", "post-epoch") == [
        "A.post_epoch_callback",
        "log",
        "B.post_epoch_callback",
    ]
    assert got().order("B", "pre-step") == ["log"]


def test_runtime_order_is_that_of_a_fresh_process():
    assert got().runtime("B", "post-init") == []
    assert got().runtime("B", "post-loss") == ["callback.logging._log_loss_value"]
    assert got().runtime("B", "post-epoch") == ["log", "B.post_epoch_callback"]
    assert got().runtime("B", "pre-step") == ["log"]
    assert got().runtime("Model", "post-init") == [
        "callback.logging._post_init_log",
        "callback.logging._log_callback_ordering",
    ]


def test_R18_on_the_installed_parent():
    (callback,) = got().callbacks("Model", "post-create-model")
    assert callback.nested == (
        "arctic_training.model.hf_factory.HFModelFactory.post_create_model_callback",
    )
    assert got().runtime("Model", "post-create-model") == ["Model.post_create_model_callback"]


def test_kinds():
    kinds = {name: got().host(name).kind for name in ("A", "Data", "Model")}
    assert kinds == {"A": "Trainer", "Data": "DataFactory", "Model": "ModelFactory"}
    assert got().host("A").framework == "arctic_training"


def test_runtime_sees_a_parent_s_list_as_it_is_when_the_class_is_made():
    got = resolved(
        """
from arctic_training.data.factory import DataFactory
def one(self) -> None: ...
def two(self) -> None: ...
class A(DataFactory):
    name = "a"
    callbacks = [("pre-load", one)]
class B(A):
    name = "b"
A.callbacks.append(("pre-load", two))
class C(A):
    name = "c"
A.callbacks = [("post-process", one)]
class D(A):
    name = "d"
"""
    )
    assert [got.runtime(name, "pre-load") for name in "ABCD"] == [
        ["one"],
        ["one"],
        ["one", "two"],
        ["one"],
    ]
    assert [got.order(name, "pre-load") for name in "ABCD"] == [[], [], [], []]
    assert [got.runtime(name, "post-process") for name in "ABCD"] == [[], [], [], ["one"]]


def test_runtime_order_in_a_diamond_follows_the_first_base():
    got = resolved(
        """
from arctic_training.data.factory import DataFactory
def one(self) -> None: ...
def two(self) -> None: ...
class A(DataFactory):
    name = "a"
    callbacks = [("pre-load", one)]
    def post_load_callback(self, data): return data
class B(DataFactory):
    name = "b"
    callbacks = [("pre-load", two)]
    def post_load_callback(self, data): return data
    def pre_load_callback(self): ...
class D(A, B):
    name = "d"
"""
    )
    assert got.runtime("D", "pre-load") == ["one", "B.pre_load_callback"]
    assert got.order("D", "pre-load") == ["two", "B.pre_load_callback", "one"]
    assert got.runtime("D", "post-load") == ["A.post_load_callback"]
    assert got.order("D", "post-load") == ["B.post_load_callback", "A.post_load_callback"]


def test_R40_an_event_that_only_late_callbacks_run_on_has_its_whole_signature():
    text = """
    from arctic_training.callback.mixin import callback_wrapper
    from arctic_training.data.factory import DataFactory
    class Data(DataFactory):
        @callback_wrapper("thing")
        def thing(self, batch, scale=3): ...
    """
    late = msgspec.structs.replace(SETTINGS, late_callbacks=True)
    method = resolved(text, settings=late).method("Data", "thing")
    assert method.params[2].default == Default("3")
