"""Implements the contract by reflection: computes at run time what a compiled class has to do.

It shares no code with the compiler. It inspects live classes, so it does not need what the compiler
determines statically, and it runs their callbacks in a loop, by signature.

``install()`` replaces ``arctic_codegen`` by a module with which source classes can be imported and
created unchanged. ``compile_class(cls)`` returns the class to compare with.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import re
import sys
import types

CALLBACK_METHOD = re.compile(r"(pre|post)_(.+)_callback")


# Wrappers are run as ordinary callables.
WRAPPERS = importlib.import_module("arctic_codegen.runtime.wrappers")


class Entries(list):
    """The value of ``X.callbacks`` on a class: it records who changes it, and how."""

    def __init__(self, visible, own):
        super().__init__(visible)
        self.own = list(own)
        self.changes = []

    def _note(self, kind, *arguments):
        self.changes.append((sys._getframe(2).f_globals["__name__"], kind, arguments))

    def append(self, entry):
        self._note("append", entry)
        super().append(entry)

    def extend(self, entries):
        entries = list(entries)
        self._note("extend", entries)
        super().extend(entries)

    def insert(self, index, entry):
        self._note("insert", index, entry)
        super().insert(index, entry)

    def __iadd__(self, entries):
        entries = list(entries)
        self._note("extend", entries)
        super().extend(entries)
        return self

    def result(self):
        """The class's own list after the changes, with modules in order of name (R12)."""
        own = list(self.own)
        for _, kind, arguments in sorted(self.changes, key=lambda change: change[0]):
            getattr(own, kind)(*arguments)
        return own


class CallbackMixin:
    callbacks: list = []

    def __init_subclass__(cls, **keywords):
        super().__init_subclass__(**keywords)
        own = cls.__dict__.get("callbacks")
        cls.callbacks = Entries(cls.callbacks, [] if own is None else own)


def replaces_inherited(function):
    function.replaces = True
    return function


def with_role(role):
    """R58: a wrapper that only determines when its callback runs. Wrappers around it do the
    same."""

    def wrap(function):
        if inspect.iscoroutinefunction(innermost(function)):

            async def marked(*args, **kwargs):
                return await function(*args, **kwargs)

        else:

            def marked(*args, **kwargs):
                return function(*args, **kwargs)

        marked = functools.wraps(function)(marked) if hasattr(function, "__name__") else marked
        marked.__wrapped__ = function
        marked.role = role
        return marked

    return wrap


def innermost(function):
    while isinstance(function, functools.partial) or hasattr(function, "__wrapped__"):
        function = getattr(function, "__wrapped__", None) or function.func
    return function


def install():
    """Make ``import arctic_codegen`` import the stub."""
    module = types.ModuleType("arctic_codegen")
    module.CallbackMixin = CallbackMixin
    module.replaces_inherited = replaces_inherited
    for name in ("rank_zero", "every", "optional", "when", "unless", "after", "before"):
        setattr(module, name, getattr(WRAPPERS, name))
    module.on_error, module.always = with_role("on_error"), with_role("always")
    sys.modules["arctic_codegen"] = module


# -- which callbacks, in which order ----------------------------------------------------------


def own_entries(cls):
    value = cls.__dict__.get("callbacks", ())
    return value.result() if isinstance(value, Entries) else list(value)


def same(left, right):
    """R16: the same function or object; for bound methods, the same object and function."""
    if inspect.ismethod(left) and inspect.ismethod(right):
        return left.__self__ is right.__self__ and left.__func__ is right.__func__
    return left is right


def entries_of(cls):
    """The entries in walk order (R15, R16), each with its class."""
    found = []
    for owner in reversed(cls.__mro__):
        for event, function in own_entries(owner):
            key = event.replace("-", "_")
            if not any(
                known == key and same(other, function) and where is not owner
                for where, known, other, _ in found
            ):
                found.append((owner, key, function, event))
    return found


def nested_in(cls, owner, name):
    """R18: the classes whose method with this name is called by that of ``owner``.

    ``super`` and the names of ancestors are among the names that the code object uses.
    """
    function = inspect.unwrap(owner.__dict__[name])
    names = function.__code__.co_names
    if name not in names:
        return set()
    reached = set()
    mro = cls.__mro__
    if "super" in names:
        rest = mro[mro.index(owner) + 1 :]
        reached.add(first(rest, name))
    for used in names:
        ancestor = function.__globals__.get(used)
        if isinstance(ancestor, type) and ancestor is not owner and ancestor in owner.__mro__:
            reached.add(first(ancestor.__mro__, name))
    return {c for c in reached if c is not None and callable(c.__dict__[name])}


def first(classes, name):
    return next((c for c in classes if name in c.__dict__), None)


def methods_of(cls):
    """The callback methods that count, as (class, name) (R15, R17 to R19)."""
    found = []
    for owner in reversed(cls.__mro__):
        for name, value in owner.__dict__.items():
            if not CALLBACK_METHOD.fullmatch(name):
                continue
            if value is None or getattr(value, "replaces", False):
                found = [pair for pair in found if pair[1] != name]
            if value is not None:
                found.append((owner, name))
    nested = {(inner, name) for owner, name in found for inner in nested_in(cls, owner, name)}
    return [pair for pair in found if pair not in nested]


def callbacks_of(cls):
    """For each (phase, method): the callables in order."""
    result = {}
    entries, methods = entries_of(cls), methods_of(cls)
    for owner in reversed(cls.__mro__):
        for where, key, function, _ in entries:
            if where is owner:
                phase, _, event = key.partition("_")
                result.setdefault((phase, attribute(event)), []).append(function)
        for where, name in methods:
            if where is owner:
                phase, event = CALLBACK_METHOD.fullmatch(name).groups()
                result.setdefault((phase, attribute(event)), []).append(owner.__dict__[name])
    return result


def attribute(event):
    return "__init__" if event == "init" else event


# -- how they are called ----------------------------------------------------------------------


def parameters_of(function):
    """The parameters after the object, without those that a ``partial`` has bound."""
    bound = set()
    inner = function
    while isinstance(inner, functools.partial) or hasattr(inner, "__wrapped__"):
        if isinstance(inner, functools.partial):
            bound |= set(inner.keywords)
            inner = inner.func
        else:
            inner = inner.__wrapped__
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return [parameter for parameter in parameters if parameter.name not in bound]


def arguments_for(function, values):
    """How to pass these values, one for each parameter after the object."""
    positional, keywords = [], {}
    for parameter, value in zip(parameters_of(function), values, strict=True):
        if parameter.kind is parameter.KEYWORD_ONLY:
            keywords[parameter.name] = value
        else:
            positional.append(value)
    return positional, keywords


def returns_none(cls, name):
    """R23: the nearest return annotation decides; ``None`` if there is none."""
    if name == "__init__":
        return True
    for owner in cls.__mro__:
        method = owner.__dict__.get(name)
        annotations = getattr(method, "__annotations__", {})
        if "return" in annotations:
            return annotations["return"] in (None, "None", "'None'")
    return None


def plan(cls, name, pre, post):
    """The three parts of an event: what to run before, the method, what to run after."""
    method = getattr(cls, name)
    if method is object.__init__:
        signature = inspect.Signature([inspect.Parameter("self", 0)])
    else:
        signature = inspect.signature(method)
    gives_nothing = returns_none(cls, name)

    def bind(self, args, kwargs):
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        return bound

    def before(self, bound, function):
        names = [parameter.name for parameter in parameters_of(function)]
        positional, keywords = arguments_for(function, [bound.arguments[n] for n in names])
        returned = yield function(self, *positional, **keywords)
        if len(names) == 1:
            bound.arguments[names[0]] = returned
        elif names:
            bound.arguments.update(zip(names, returned, strict=True))

    def after(self, value, function):
        takes_value = bool(parameters_of(function)) and not gives_nothing
        if not takes_value:
            yield function(self)
            return value
        positional, keywords = arguments_for(function, [value])
        return (yield function(self, *positional, **keywords))

    def ordered(self, bound):
        for function in pre:
            yield from before(self, bound, function)
        value = yield method(*bound.args, **bound.kwargs)
        for function in post:
            if role_of(function) is None:
                value = yield from after(self, value, function)
        return None if gives_nothing else value

    def run(self, args, kwargs):
        """Yield each value that may have to be awaited; the result is sent back."""
        bound = bind(self, args, kwargs)
        try:
            return (yield from ordered(self, bound))
        except BaseException as error:
            for function in post:
                if role_of(function) == "on_error":
                    positional, keywords = arguments_for(function, [error])
                    yield function(self, *positional, **keywords)
            raise
        finally:
            yield from each(self, [one for one in post if role_of(one) == "always"])

    def each(self, functions):
        """Run all of them, whatever exceptions they raise."""
        if functions:
            try:
                yield functions[0](self)
            finally:
                yield from each(self, functions[1:])

    return method, run


def role_of(function):
    return getattr(function, "role", None)


def make_event(cls, name, pre, post):
    method, run = plan(cls, name, pre, post)
    if inspect.iscoroutinefunction(method):

        async def event(self, *args, **kwargs):
            steps = run(self, args, kwargs)
            advance, value = steps.send, None
            try:
                while True:
                    step = advance(value)
                    advance, value = steps.send, step
                    if inspect.isawaitable(step):
                        try:
                            value = await step
                        except BaseException as error:
                            advance, value = steps.throw, error
            except StopIteration as stop:
                return stop.value

    else:

        def event(self, *args, **kwargs):
            steps = run(self, args, kwargs)
            try:
                value = next(steps)
                while True:
                    value = steps.send(value)
            except StopIteration as stop:
                return stop.value

    event.__name__ = name
    return event


def compile_class(cls):
    """A subclass whose events run their callbacks."""
    callbacks = callbacks_of(cls)
    namespace = {"__module__": cls.__module__, "compiled_entries": entries_of(cls)}
    for name in {name for _, name in callbacks}:
        pre, post = callbacks.get(("pre", name), []), callbacks.get(("post", name), [])
        namespace[name] = make_event(cls, name, pre, post)
    return type(cls)(cls.__name__, (cls,), namespace)
