"""``callbacks`` at run time: closed on compiled classes, mutable on sources (R12, R34)."""

from __future__ import annotations

import copy
import functools
import pickle
import types

import pytest

from arctic_codegen import (
    CallbackMixin,
    CallbacksDifferError,
    ClosedCallbacksError,
    UncompiledClassError,
)
from arctic_codegen.runtime import closed, listed
from arctic_codegen.runtime.source_lists import added_by, adopt_assigned, original_list


def log(self): ...


def other(self): ...


def make(n):
    def inner(self):
        return n

    return inner


def wrapped(function):
    @functools.wraps(function)
    def wrapper(self):
        return function(self)

    return wrapper


class Recorder:
    def __call__(self, obj): ...
    def record(self, obj): ...


RECORDER = Recorder()
MADE = make(1)
PARTIAL = functools.partial(log, key=1)
LAMBDA = lambda self: None  # noqa: E731
WRAPPED = wrapped(log)

ENTRIES = (
    ("post-step", log),
    ("pre-create_dataloader", PARTIAL),
    ("post-step", RECORDER),
    ("post-step", RECORDER.record),
    ("post-init", LAMBDA),
    ("post-step", MADE),
    ("post-step", WRAPPED),
    ("post-step", print),
)


class Source(CallbackMixin):
    callbacks = list(ENTRIES)


class Compiled(Source):
    __arctic_source__ = Source
    callbacks = closed(*ENTRIES)


def twin(function):
    """A copy of the same function, as if a script is both imported and run as a program."""
    return types.FunctionType(function.__code__, globals(), function.__name__)


SAME = [
    *ENTRIES,
    ("post-step", twin(log)),
    ("pre-create-dataloader", PARTIAL),
    ("pre-create-dataloader", functools.partial(twin(log), key=1)),
    ("post-step", Recorder.record.__get__(RECORDER)),
    ("post-__init__", LAMBDA),
    ("post-step", make(1)),
    ("post-step", wrapped(log)),
    ["post-step", log],
]

DIFFERENT = [
    ("post-step", other),
    ("pre-step", log),
    ("post_step", log),
    ("pre-create-dataloader", functools.partial(log, key=2)),
    ("pre-create-dataloader", functools.partial(log)),
    ("pre-create-dataloader", functools.partial(other, key=1)),
    ("post-step", Recorder()),
    ("post-step", Recorder().record),
    ("post-step", lambda self: None),
    ("post-step", make(2)),
    ("post-step", wrapped(other)),
    ("post-step", len),
    ("post-step",),
    "post-step",
    None,
]


@pytest.mark.parametrize("holder", [Compiled, Compiled()], ids=["class", "object"])
@pytest.mark.parametrize("entry", SAME, ids=range(len(SAME)))
def test_R34_adding_an_entry_that_is_there_changes_nothing(holder, entry):
    before = list(holder.callbacks)
    holder.callbacks.append(entry)
    holder.callbacks.extend([entry])
    holder.callbacks.insert(0, entry)
    holder.callbacks += [entry]
    assert list(holder.callbacks) == before
    assert list(Compiled.callbacks) == before


@pytest.mark.parametrize("holder", [Compiled, Compiled()], ids=["class", "object"])
@pytest.mark.parametrize("entry", DIFFERENT, ids=range(len(DIFFERENT)))
def test_R34_adding_another_is_an_error(holder, entry):
    before = list(holder.callbacks)
    for change in (
        lambda: holder.callbacks.append(entry),
        lambda: holder.callbacks.extend([("post-step", log), entry]),
        lambda: holder.callbacks.insert(0, entry),
        lambda: holder.callbacks.__iadd__([entry]),
    ):
        with pytest.raises(ClosedCallbacksError, match="arctic-codegen build"):
            change()
    assert list(holder.callbacks) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries.remove(entries[0]),
        lambda entries: entries.pop(),
        lambda entries: entries.clear(),
        lambda entries: entries.sort(key=repr),
        lambda entries: entries.reverse(),
        lambda entries: entries.__setitem__(0, ("post-step", log)),
        lambda entries: entries.__setitem__(slice(None), []),
        lambda entries: entries.__delitem__(0),
        lambda entries: entries.__imul__(2),
    ],
)
def test_R34_any_other_change_is_an_error(change):
    before = list(Compiled.callbacks)
    with pytest.raises(ClosedCallbacksError, match="arctic-codegen build"):
        change(Compiled().callbacks)
    assert list(Compiled.callbacks) == before


def test_R34_assignment_on_an_object_is_an_error():
    made = Compiled()
    with pytest.raises(ClosedCallbacksError, match="arctic-codegen build"):
        made.callbacks = []
    with pytest.raises(ClosedCallbacksError, match="arctic-codegen build"):
        made.callbacks = list(made.callbacks)
    with pytest.raises(ClosedCallbacksError):
        del made.callbacks
    assert "callbacks" not in vars(made)


def test_R34_it_reads_like_a_list():
    entries = Compiled().callbacks
    assert isinstance(entries, list)
    assert entries == list(ENTRIES)
    assert len(entries) == len(ENTRIES)
    assert entries[0] == ENTRIES[0]
    assert ENTRIES[1] in entries
    assert entries.index(ENTRIES[2]) == 2
    assert entries[:2] == list(ENTRIES[:2])
    joined = entries + []  # noqa: RUF005  # another way
    for plain in (joined, entries.copy(), copy.copy(entries), [*entries], entries[:]):
        assert type(plain) is list
        plain.append(("post-step", other))
    assert type(copy.deepcopy(closed(("post-step", log)))) is list
    assert pickle.loads(pickle.dumps(closed(("post-step", log)))) == [("post-step", log)]
    empty = closed()
    empty.clear()
    empty.extend([])


def test_R34_a_compiled_class_without_a_list_of_its_own_has_an_empty_one():
    class Bare(CallbackMixin): ...

    class CompiledBare(Bare):
        __arctic_source__ = Bare

    assert CompiledBare().callbacks == []
    with pytest.raises(ClosedCallbacksError):
        CompiledBare().callbacks.append(("post-step", log))
    with pytest.raises(ClosedCallbacksError):
        CompiledBare().callbacks = [("post-step", log)]


def find(cls, function, nth=0, of=1, event="post-step", by=None):
    """The result of ``listed`` for the name of a function."""
    name = f"{function.__module__}.{function.__qualname__}"
    return listed(cls, event, name, nth, of=of, by=by)


def test_R10_entries_are_found_by_event_and_name_wherever_they_stand():
    def first(self): ...

    def second(self): ...

    class Base(CallbackMixin):
        callbacks = [("post-step", first)]

    class Child(Base):
        callbacks = Base.callbacks + [("post-step", second)]  # noqa: RUF005  # another way

    Base.callbacks.insert(0, ("post-step", other))
    assert find(Base, first) is first
    assert find(Child, first) is first
    assert find(Child, second) is second
    with pytest.raises(CallbacksDifferError, match="arctic-codegen build"):
        find(Base, second)
    with pytest.raises(CallbacksDifferError, match="arctic-codegen build"):
        find(Base, first, of=3)
    with pytest.raises(CallbacksDifferError, match="arctic-codegen build"):
        find(Base, first, event="pre-step")


def test_R10_entries_of_plain_mixins_and_other_classes_are_found_too():
    class Mixin:
        callbacks = (("post-step", log),)

    class Listed:
        callbacks = [("post-step", other)]

    class Host(Mixin, Listed, CallbackMixin): ...

    Listed.callbacks.insert(0, ("post-step", log))
    assert find(Mixin, log) is log
    assert find(Listed, other) is other

    class Foreign:
        callbacks = [("post-step", log)]

    assert find(Foreign, log) is log
    assert Host.__mro__


def change_from(module, statement, **names):
    """Execute a statement as if it were in a module with that name."""
    exec(statement, {"__name__": module, **names})


def test_R10_entries_that_modules_add_are_counted_for_each_module_by_itself():
    class X(CallbackMixin):
        callbacks = [("post-step", print)]

    change_from("b", "X.callbacks.append(('post-step', log))", X=X, log=log)
    change_from("a", "X.callbacks.insert(0, ('post-step', other))", X=X, other=other)
    again = functools.partial(log)
    change_from("b", "X.callbacks += [('a', 1), ('post-step', other)]", X=X, other=other)
    change_from("b", "X.callbacks.extend(e for e in [('post-step', log)])", X=X, log=again)
    assert [name for _, name in X.callbacks] == [other, print, log, 1, other, again]
    assert find(X, log, 0, 2, by="b") is log
    assert find(X, log, 1, 2, by="b") is again
    assert find(X, other, by="a") is other
    assert find(X, other, by="b") is other
    assert find(X, print) is print
    for function, by in ((log, "a"), (log, None), (print, "b"), (other, "c"), (other, None)):
        with pytest.raises(CallbacksDifferError, match="arctic-codegen build"):
            find(X, function, of=9, by=by)
    assert set().union(*added_by(X).values()) == {"a", "b"}


def test_R12_changes_go_to_the_own_list_of_the_class_that_is_named():
    class Base(CallbackMixin):
        callbacks = [("post-step", log)]

    class Child(Base): ...

    class Grandchild(Child): ...

    Child.callbacks.append(("post-step", other))
    assert Base.callbacks == [("post-step", log)]
    assert Child.callbacks == [("post-step", log), ("post-step", other)]
    assert Grandchild.callbacks == Child.callbacks
    assert find(Child, other) is other
    Base.callbacks.append(("post-step", print))
    assert [one for _, one in Grandchild.callbacks] == [log, print, other]
    Child.callbacks += [("post-step", len)]
    assert [one for _, one in Child.callbacks] == [log, print, other, len]
    assert find(Child, len) is len
    assert Base.callbacks == [("post-step", log), ("post-step", print)]


def test_R12_changes_through_a_class_without_a_list_leave_the_mixin_alone():
    class Child(CallbackMixin): ...

    Child.callbacks.append(("post-step", log))
    assert CallbackMixin.callbacks == []
    assert Child.callbacks == [("post-step", log)]


def test_R12_a_class_without_a_list_of_its_own_may_be_changed_by_two_modules():
    """``+=`` stores the list in the class, which does not count as an assignment of everything in
    it."""

    class Base(CallbackMixin):
        callbacks = [("post-step", print)]

    class X(Base):
        pass

    change_from("a", "X.callbacks += [('post-step', log)]", X=X, log=log)
    change_from("b", "X.callbacks += [('post-step', other)]", X=X, other=other)
    assert find(X, other, by="b") is other
    assert find(X, log, by="a") is log
    assert [one for _, one in X.callbacks] == [print, log, other]


def test_R12_changes_do_not_reach_a_plain_mixin():
    class Mixin:
        callbacks = [("post-step", log)]

    class Host(Mixin, CallbackMixin): ...

    class Child(Host): ...

    Host.callbacks.append(("post-step", other))
    assert Mixin.callbacks == [("post-step", log)]
    assert Host.callbacks == [("post-step", log), ("post-step", other)]
    assert Child.callbacks == Host.callbacks
    assert find(Host, other) is other
    assert find(Mixin, log) is log
    with pytest.raises(CallbacksDifferError):
        find(Mixin, log, of=2)


def test_R12_an_assignment_is_a_change_too():
    class X(CallbackMixin):
        callbacks = [("post-step", print)]

    class Bare(CallbackMixin): ...

    X.callbacks.append(("post-step", len))
    assert original_list(X)[1] == (("post-step", print),)
    X.callbacks = [("post-step", log), ("post-step", other)]
    Bare.callbacks = [("post-step", log)]
    assert X.callbacks == [("post-step", log), ("post-step", other)]
    assert find(X, log) is log
    assert find(X, other) is other
    assert find(Bare, log) is log
    for gone in (len, print):
        with pytest.raises(CallbacksDifferError):
            find(X, gone)
    adopt_assigned(X.__mro__)  # as the first compiled class does
    X.callbacks.append(("post-step", print))
    assert find(X, print) is print
    assert len(added_by(X)) == 1
    assert original_list(X) is None, "what the class body bound is not the class's any more"


def test_R9_lists_of_other_classes_are_copied_into_new_ones():
    class Base(CallbackMixin):
        callbacks = [("post-step", log)]

    class Same(Base):
        callbacks = Base.callbacks

    class Starred(Base):
        callbacks = [*Base.callbacks, ("post-step", other)]

    class Super(Base):
        @classmethod
        def of_base(cls):
            return super().callbacks

    Same.callbacks.append(("post-step", other))
    assert Base.callbacks == [("post-step", log)]
    assert Starred.callbacks == Same.callbacks
    assert find(Same, log) is log
    Super.callbacks.append(("post-step", other))
    assert len(Super.callbacks) == 2
    assert isinstance(Base.callbacks, list)
    assert type(Base.callbacks[:]) is list
    assert type(copy.copy(Base.callbacks)) is list


def test_R34_on_an_object_of_a_source_class_nothing_can_be_changed():
    class Free(CallbackMixin): ...

    made = Free()
    assert made.callbacks == []
    for change in (
        lambda: made.callbacks.append(("post-step", log)),
        lambda: setattr(made, "callbacks", []),
        lambda: delattr(made, "callbacks"),
    ):
        with pytest.raises(UncompiledClassError, match="arctic-codegen build"):
            change()
    with pytest.raises(UncompiledClassError):
        made.callbacks += [("post-step", log)]
    assert Free.callbacks == []
    Free()


def test_R34_a_change_that_a_compiled_class_does_not_have_is_an_error():
    """The module that makes it is not among the sources: its callback would be lost."""

    class Base(CallbackMixin): ...

    class Child(Base):
        callbacks = [("post-step", log)]

    class CompiledChild(Child):
        __arctic_source__ = Child
        callbacks = closed(("post-step", log), ("post-step", other))

    Base.callbacks.append(("post-step", other))
    Child.callbacks += [("post-step", twin(other))]
    for cls in (Base, Child):
        before = list(cls.callbacks)
        with pytest.raises(ClosedCallbacksError, match="arctic-codegen build"):
            cls.callbacks.append(("post-step", print))
        assert cls.callbacks == before
    assert len(CompiledChild.callbacks) == 2
