"""Runs checks in a separate process, in the folder of a built project, and prints failures.

Each function is a check; its name, with a traceback or null, is a line of JSON.
"""

import copy
import json
import pickle
import sys
import traceback
import warnings

warnings.simplefilter("ignore")
sys.path.insert(0, ".")

import generated.trainers as compiled  # noqa: E402
import trainers as sources  # noqa: E402
from arctic_training.callback.callback import Callback  # noqa: E402
from arctic_training.callback.mixin import CallbackMixin  # noqa: E402
from arctic_training.logging import logger  # noqa: E402
from arctic_training.registry import RegistryMeta, get_registered_trainer  # noqa: E402
from blocks import calls  # noqa: E402

from arctic_codegen import ClosedCallbacksError  # noqa: E402

LATE = "late" in sys.argv


def during(function, *args):
    """What the sources record during a call."""
    calls.clear()
    result = function(*args)
    return result, list(calls)


def R38_each_callback_runs_once_over_three_levels():
    after = ["first", "partial", "every 2", "closure", "far"]
    assert during(compiled.One().step, 1) == (None, ["step", "step", *after])
    assert during(compiled.Two().step, 1)[1] == ["two", "step", "step", *after]
    assert during(compiled.Three().step, 1)[1] == ["three", "two", "step", "step", *after]


def R38_decorators_of_a_person_stay():
    assert during(compiled.Three().loss, 1) == (9, ["decorated", "loss", "post-loss"])
    assert during(compiled.Three().evaluate)[1] == ["decorated", "evaluate"]


def R38_an_event_without_callbacks_is_the_plain_method():
    trainer = sources.Trainer
    if LATE:  # any event may have callbacks
        assert "loss" in vars(compiled.One)
        return
    assert compiled.One.loss is trainer.loss.__wrapped__
    assert compiled.Made.step is trainer.step.__wrapped__
    assert compiled.Two.loss is trainer.loss.__wrapped__


def R7_a_method_that_is_not_wrapped_is_an_event_too():
    assert during(compiled.Two().unwrapped) == (2, ["pre-unwrapped", "unwrapped"])


def R38_nothing_is_collected_or_inspected_when_an_object_is_made():
    import inspect

    def refuse(*args, **kwargs):
        raise AssertionError("inspected")

    kept = inspect.getmembers
    inspect.getmembers = refuse
    try:
        compiled.Three(5)
        compiled.Made(5)
    finally:
        inspect.getmembers = kept


def R38_a_new_of_a_persons_own_is_called():
    before = compiled.Made.made
    result, told = during(compiled.Made, 4)
    assert compiled.Made.made == before + 1
    assert (result.size, told) == (4, ["made"])


def R12_statements_on_an_inherited_list_are_found():
    assert during(compiled.Unlisted().step, 1)[1] == ["step", "unlisted"]


def R38_a_class_that_is_not_registered_is_compiled():
    assert compiled.Helper().run() == "run!"


def R39_the_compiled_class_stands_in_the_registry():
    for name in ("one", "two", "three", "made", "unlisted", "concrete"):
        assert get_registered_trainer(name).__module__ == "generated.trainers", name
    assert sorted(RegistryMeta._registry["Trainer"]) == sorted(
        ["causal", "dpo", "sft", "one", "two", "three", "made", "unlisted", "common", "concrete"]
    )


def R39_an_abstract_class_stays_in_the_registry():
    assert get_registered_trainer("common") is sources.Common
    assert get_registered_trainer("concrete") is compiled.Concrete
    assert during(compiled.Concrete().step, 1)[1] == ["step", "common"]


def R39_a_root_of_the_registry_is_not_registered():
    import generated.blocks

    assert generated.blocks.Trainer(2).loss(1) == 3
    assert generated.blocks.Trainer not in RegistryMeta._registry["Trainer"].values()


def R28_objects_behave_as_those_of_a_class_by_hand():
    made = compiled.Three(8)
    assert isinstance(made, sources.Three)
    assert issubclass(compiled.Three, sources.One)
    assert pickle.loads(pickle.dumps(made)).size == copy.deepcopy(made).size == 8
    assert type(copy.copy(made)) is compiled.Three


def R28_the_order_of_callbacks_is_logged_as_compiled():
    lines = []
    number = logger.add(lambda message: lines.append(str(message)), level="INFO")
    compiled.Two()
    logger.remove(number)
    text = "".join(lines)
    assert "Callback methods for Two:" in text
    wanted = "Post-callbacks:[trainers.tell, trainers.tell, trainers.Every.__call__, "
    assert wanted in text.replace("trainers.bound.<locals>.<lambda>, trainers.tell", ""), text
    assert "Pre-callbacks:[trainers.Two.pre_unwrapped_callback]" in text
    assert text.count("Initializing Two") == text.count("Initialized Two") == 1


def R38_sources_keep_their_runtime():
    assert during(sources.Made().step, 1)[1] == ["step"]
    assert sources.Made.__new__ is not CallbackMixin.__new__
    assert sources.Two._run_callbacks is CallbackMixin._run_callbacks


def refusal(function):
    """The message with which a call is rejected."""
    try:
        function()
    except ClosedCallbacksError as error:
        return str(error)
    raise AssertionError("nothing was raised")


def R46_a_class_is_compiled_in_memory():
    from arctic_codegen.testing import compiled as compiled_class

    class Local(sources.Made):
        name = "local"
        callbacks = []

        def post_loss_callback(self, value: int) -> int:
            calls.append("local")
            return value + 1

    Local.callbacks.append(("post-loss", lambda self, value: value * 2))
    made = compiled_class(Local, semantics="documented")
    assert get_registered_trainer("local") is made
    assert during(made().loss, 1) == (9, ["loss", "local"])


def _late(event, function):
    methods = compiled.Three._get_all_callback_event_methods()
    return Callback(event, function, methods[event])


def tell_late(self) -> None:
    calls.append("late")


def change_late(self, value):
    calls.append(f"late {value}")
    return value + 1


def R40_callbacks_that_are_added_late():
    trainer = compiled.Three()
    added = [_late("post-step", tell_late), _late("post-loss", change_late)]
    if not LATE:
        assert trainer._initialized_callbacks == []
        for add in (
            lambda: trainer._initialized_callbacks.extend(added),
            lambda: trainer._initialized_callbacks.append(added[0]),
            lambda: trainer._initialized_callbacks.insert(0, added[0]),
            lambda: trainer._initialized_callbacks.__iadd__(added),
            lambda: trainer._initialized_callbacks.__setitem__(slice(0, 0), added),
        ):
            assert "late-callbacks = true" in refusal(add)
        assert trainer._initialized_callbacks == []
        return
    trainer._initialized_callbacks.extend(added)
    assert during(trainer.step, 1)[1][-2:] == ["far", "late"]
    value, told = during(trainer.loss, 1)
    assert (value, told[-2:]) == (10, ["post-loss", "late 9"])
    assert during(compiled.Three().step, 1)[1][-1] == "far"  # as in ArcticTraining


def R40_only_post_events_of_wrapped_methods_can_be_added():
    trainer = compiled.Three()

    def pre(self) -> None: ...

    added = _late("pre-step", pre)
    told = refusal(lambda: trainer._initialized_callbacks.append(added))
    assert ("post-step" if LATE else "late-callbacks = true") in told


def main() -> None:
    for name, check in list(globals().items()):
        if name.startswith("R") and name[1].isdigit():
            try:
                check()
            except Exception:
                print(json.dumps([name, traceback.format_exc()]))
            else:
                print(json.dumps([name, None]))


main()
