"""Creating an object of a source class with callbacks fails; compiled classes pay nothing (R35)."""

from __future__ import annotations

import abc
import copy
import copyreg
import dataclasses
import gc
import inspect
import pickle
import sys
import types
from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar, get_type_hints

import pytest

import arctic_codegen
from arctic_codegen import CallbackMixin, UncompiledClassError
from arctic_codegen.runtime import closed
from arctic_codegen.runtime import source_lists as _source

T = TypeVar("T")


def log(self):
    return None


def compiled(source, **namespace):
    """A class as a build would write it."""
    namespace = {
        "__arctic_source__": source,
        "__module__": __name__,
        "callbacks": closed(("post-step", log)),
        **namespace,
    }
    return types.new_class(source.__name__, (source,), {}, lambda body: body.update(namespace))


def refused(cls, *args):
    with pytest.raises(UncompiledClassError) as caught:
        cls(*args)
    assert f"{cls.__module__}.{cls.__qualname__}" in str(caught.value)
    assert "arctic-codegen build" in str(caught.value)
    return str(caught.value)


class Plain(CallbackMixin):
    def __init__(self, value=1):
        self.value = value

    def step(self):
        return self.value


class Entry(Plain):
    callbacks = [("post-step", log)]


class Method(Plain):
    def pre_step_callback(self): ...


class CompiledEntry(Entry):
    __arctic_source__ = Entry
    callbacks = closed(("post-step", log))


def test_R35_a_class_without_callbacks_is_free():
    assert Plain(3).value == 3
    assert CallbackMixin() is not None
    assert Plain.__new__ is object.__new__


@pytest.mark.parametrize("base", [Entry, Method])
def test_R35_callbacks_are_refused_and_inherited(base):
    refused(base, 1)

    class Child(base): ...

    refused(Child)

    class Emptied(base):
        callbacks = []

    refused(Emptied)


def test_R35_it_costs_a_compiled_class_nothing():
    assert CompiledEntry.__new__ is object.__new__
    assert type(CompiledEntry).__call__ is type.__call__
    assert CompiledEntry.__init__ is Plain.__init__
    assert "__abstractmethods__" not in vars(CompiledEntry)
    assert not hasattr(CompiledEntry, "__abstractmethods__")
    assert not inspect.isabstract(CompiledEntry)
    calls = []
    sys.setprofile(lambda frame, event, arg: calls.append((event, frame.f_code.co_name)))
    try:
        CompiledEntry(2)
    finally:
        sys.setprofile(None)
    assert [name for event, name in calls if event == "call"] == ["__init__"]


def test_R35_where_output_is_loaded_the_error_names_the_compiled_class():
    assert f"{__name__}.CompiledEntry" in refused(Entry)


def test_R35_where_output_stands_on_the_disk_the_error_names_it(tmp_path, monkeypatch):
    (tmp_path / "proj_r35").mkdir()
    (tmp_path / "proj_r35" / "__init__.py").write_text("")
    (tmp_path / "proj_r35" / "trainers.py").write_text(
        "from arctic_codegen import CallbackMixin\n"
        "class A(CallbackMixin):\n    callbacks = [('post-step', print)]\n"
        "class B(A): ...\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    from proj_r35.trainers import A, B

    assert "generated" not in refused(A)
    output = tmp_path / "generated"
    (output / "proj_r35").mkdir(parents=True)
    (output / "arctic-codegen.lock").write_text(
        '{"modules": {"proj_r35.trainers": {}}, "files": {"proj_r35/trainers.py": ""}}'
    )
    (output / "proj_r35" / "trainers.py").write_text("x = 1\nclass A(_A):\n    pass\n")
    assert "generated.proj_r35.trainers.A" in refused(A)
    assert "(if that lacks the class, run 'arctic-codegen build')" in refused(B)


def test_R35_helpers_are_no_callback_methods():
    class Helper(CallbackMixin):
        post_step_callback = None

        def pre_step_callback_helper(self): ...
        def _pre_step_callback(self): ...
        def pre_callback(self): ...

    Helper()


def test_R19_a_method_that_is_dropped_does_not_count():
    class Dropped(Method):
        pre_step_callback = None

    Dropped()

    class Back(Dropped):
        def pre_step_callback(self): ...

    refused(Back)


def test_R35_plain_mixins_count():
    class WithList:
        callbacks = [("post-step", log)]

    class WithMethod:
        def post_step_callback(self): ...

    class A(WithList, CallbackMixin): ...

    class B(WithMethod, CallbackMixin): ...

    class C(CallbackMixin, WithMethod): ...

    for cls in (A, B, C):
        refused(cls)
    WithList()
    WithMethod()


def test_R35_entries_in_a_tuple_count():
    class Tuple(CallbackMixin):
        callbacks = (("post-step", log),)

    refused(Tuple)


def test_R35_abstract_base_classes():
    class Root(CallbackMixin, ABC):
        @abstractmethod
        def step(self): ...

    class Abstract(Root):
        def post_step_callback(self): ...

    class Concrete(Abstract):
        def step(self): ...

    class Free(Root):
        def step(self): ...

    Free()
    refused(Concrete)
    for cls in (Root, Abstract):
        with pytest.raises(TypeError, match=r"abstract method.* '?step") as caught:
            cls()
        assert not isinstance(caught.value, UncompiledClassError)
    made = compiled(Concrete)()
    assert isinstance(made, Concrete)
    assert "callbacks" in refused(Concrete)
    assert inspect.isabstract(Root)
    assert not inspect.isabstract(type(made))
    assert type(made).__abstractmethods__ == frozenset()


def test_R35_a_host_class_below_which_abc_comes_in():
    class Free(CallbackMixin): ...

    class Below(Free, ABC): ...

    class Refused(Below):
        callbacks = [("post-step", log)]

    Below()
    refused(Refused)
    compiled(Refused)()


def test_R35_an_abstract_method_stays_one_through_a_compiled_class():
    class Root(CallbackMixin, ABC):
        callbacks = [("post-step", log)]

        @abstractmethod
        def step(self): ...

    with pytest.raises(TypeError, match="abstract"):
        compiled(Root)()


def test_abc_reads_the_real_names_of_host_classes():
    class Root(CallbackMixin, ABC):
        def post_step_callback(self): ...

        @abstractmethod
        def step(self): ...

    class Child(Root):
        def step(self): ...

    class Grandchild(Child): ...

    real = {name for name in Grandchild.__abstractmethods__ if not name.startswith("__")}
    assert real == set()
    assert "step" in Root.__abstractmethods__
    abc.update_abstractmethods(Grandchild)
    refused(Grandchild)
    repr(Grandchild.__abstractmethods__)


@pytest.mark.parametrize("options", [{}, {"frozen": True}, {"slots": True}, {"kw_only": True}])
def test_R35_dataclasses(options):
    @dataclasses.dataclass(**options)
    class Data(CallbackMixin):
        callbacks = [("post-step", log)]
        value: int = 1

    refused(Data)
    cls = compiled(Data, __slots__=())
    made = cls(value=5)
    assert made.value == 5
    assert cls.__new__ is object.__new__
    assert dataclasses.replace(made, value=6).value == 6
    refused(Data)
    assert [field.name for field in dataclasses.fields(Data)] == ["value"]

    @dataclasses.dataclass(**options)
    class Free(CallbackMixin):
        value: int = 1

    assert Free(value=2).value == 2


def test_R35_slots():
    class Slotted(CallbackMixin):
        __slots__ = ("value",)
        callbacks = [("post-step", log)]

        def __init__(self, value):
            self.value = value

    refused(Slotted, 1)
    made = compiled(Slotted, __slots__=())(1)
    assert not hasattr(made, "__dict__")


def test_R35_generic_and_protocol():
    class Steps(Protocol):
        def step(self): ...

    class Typed(CallbackMixin, Steps, Generic[T]):
        callbacks = [("post-step", log)]

        def __init__(self, value: T):
            self.value = value

        def step(self): ...

    class First(Steps, CallbackMixin):
        def post_step_callback(self): ...
        def step(self): ...

    refused(Typed, 1)
    with pytest.raises(UncompiledClassError):
        Typed[int](1)
    refused(First)
    assert compiled(Typed)(4).value == 4
    compiled(First)()


def test_R28_class_keywords_reach_a_users_init_subclass():
    seen = []

    class Registered(CallbackMixin):
        def __init_subclass__(cls, *, key=None, **kwargs):
            super().__init_subclass__(**kwargs)
            seen.append(key)

    class A(Registered, key="a"):
        callbacks = [("post-step", log)]

    refused(A)
    types.new_class("A", (A,), {"key": "b"}, lambda ns: ns.update(__arctic_source__=A))()
    assert seen == ["a", "b"]
    with pytest.raises(TypeError):

        class B(CallbackMixin, nobody="x"): ...


def test_R35_a_users_new():
    class Made(CallbackMixin):
        callbacks = [("post-step", log)]

        def __new__(cls, value):
            made = super().__new__(cls)
            made.extra = value
            return made

        def __init__(self, value): ...

    refused(Made, 1)
    assert compiled(Made)(7).extra == 7


def test_R35_a_users_metaclass():
    class Meta(type):
        def __setattr__(cls, name, value):
            raise AttributeError("closed")

        def __eq__(cls, other):
            return NotImplemented

        register = None

    class Made(CallbackMixin, metaclass=Meta):
        callbacks = [("post-step", log)]

    refused(Made)
    compiled(Made)()


@pytest.mark.parametrize("base, args", [(dict, ()), (Exception, ("x",)), (int, (3,))])
def test_R35_bases_whose_new_does_not_look_at_the_flag(base, args):
    class Built(CallbackMixin, base):
        callbacks = [("post-step", log)]

    class Child(Built):
        def __new__(cls, *args):
            return super().__new__(cls, *args)

    class Free(CallbackMixin, base): ...

    refused(Built, *args)
    refused(Child, *args)
    assert isinstance(compiled(Built)(*args), base)
    assert isinstance(compiled(Child)(*args), base)
    assert isinstance(Free(*args), base)


def test_R35_a_later_change_makes_a_class_and_its_children_refuse():
    class Later(CallbackMixin): ...

    class Child(Later): ...

    class ChildOfAbc(Later, ABC): ...

    class Other(CallbackMixin): ...

    made = compiled(Child)
    Later()
    Child()
    Later.callbacks.append(("post-step", log))
    for cls in (Later, Child, ChildOfAbc):
        refused(cls)
    Other()
    made()


def test_R35_an_assigned_list_refuses_once_it_is_seen():
    class Later(CallbackMixin): ...

    Later.callbacks = [("post-step", log)]
    made = compiled(Later)
    refused(Later)
    made()


def test_R20_classes_that_libraries_derive_work():
    derived = type("ParametrizedEntry", (CompiledEntry,), {})
    assert derived(3).value == 3
    assert derived.__new__ is object.__new__
    made = CompiledEntry()
    made.__class__ = derived
    assert made.callbacks == CompiledEntry.callbacks


def test_R20_a_class_that_adds_callbacks_to_a_compiled_one_is_refused():
    class More(CompiledEntry):
        def post_step_callback(self): ...

    class Listed(CompiledEntry):
        callbacks = [("post-step", log)]

    refused(More)
    refused(Listed)


def test_R28_compiled_objects_are_pickled_and_copied():
    made = CompiledEntry(5)
    for twin in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        assert type(twin) is CompiledEntry
        assert twin.value == 5


def test_R35_unpickling_a_source_object_is_refused():
    with pytest.raises(UncompiledClassError):
        copyreg.__newobj__(Entry)


def test_R28_hints_can_be_evaluated():
    class Annotated(Entry):
        extra: list[int]

    hints = get_type_hints(Annotated)
    assert hints["extra"].__origin__ is list
    assert "callbacks" not in hints  # code that collects fields from annotations finds none of ours


def test_R35_modules_of_torch():
    torch = pytest.importorskip("torch")

    class Net(CallbackMixin, torch.nn.Module):
        callbacks = [("post-forward", log)]

        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(2, 2)

        def forward(self, x):
            return self.layer(x)

    class Reversed(torch.nn.Module, CallbackMixin):
        def post_forward_callback(self, value):
            return value

    refused(Net)
    refused(Reversed)
    made = compiled(Net)()
    assert made(torch.ones(2)).shape == (2,)
    assert type(made).__new__ is object.__new__
    with pytest.raises(arctic_codegen.ClosedCallbacksError):
        made.callbacks = []
    torch.nn.utils.parametrizations.weight_norm(made.layer)
    torch.nn.utils.parametrize.register_parametrization(made.layer, "bias", torch.nn.Identity())
    assert type(copy.deepcopy(made)) is type(made)


def test_R35_classes_on_arctic_trainings_mixin_have_a_runtime():
    theirs = type("CallbackMixin", (), {"__module__": "arctic_training.callback.mixin"})

    class Both(CallbackMixin, theirs):
        callbacks = [("post-step", log)]

        def post_step_callback(self): ...

    Both()
    Both.callbacks.append(("post-step", log))
    assert type(Both.callbacks) is list


def test_classes_can_be_collected():
    from arctic_codegen.runtime import refusal as _refusal

    class Gone(CallbackMixin):
        callbacks = [("post-step", log)]

    key = id(Gone)
    assert key in _refusal._refused
    del Gone
    gc.collect()
    assert key not in _refusal._refused


def test_R35_a_compiled_class_looks_at_its_own_ancestors_alone(monkeypatch):
    """Otherwise a module with many classes on one base takes minutes to import."""
    looked_at = []
    known = _source.is_refused
    monkeypatch.setattr(_source, "is_refused", lambda cls: looked_at.append(cls) or known(cls))
    base = type("Base", (CallbackMixin,), {"pre_step_callback": lambda self: None})
    sources = [type(f"T{n}", (base,), {}) for n in range(100)]
    for source in sources:
        type(source.__name__, (source,), {"__arctic_source__": source})
    assert len(looked_at) < 1000
