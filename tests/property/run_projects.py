"""Creates and calls every class of some projects, and prints what happened as JSON.

    python -m tests.property.run_projects reference|compiled REQUEST.json

The request is a list of ``{"root", "name", "modules", "calls"}``.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
from pathlib import Path


def show(value):
    plain = (int, str, tuple, list, type(None))
    return repr(value) if isinstance(value, plain) else type(value).__name__


async def drain(iterator):
    return [item async for item in iterator]


async def wait(awaitable):
    return await awaitable


def attempt(function, args, kwargs, flavour, log):
    """One call: its result or exception, and the log lines during it."""
    log.clear()
    try:
        value = function(*args, **kwargs)
        if flavour == "async":
            value = asyncio.run(wait(value))
        elif flavour == "gen":
            value = list(value)
        elif flavour == "asyncgen":
            value = asyncio.run(drain(value))
        result = show(value)
    except Exception as error:
        value, result = None, chain(error)
    return value, {"result": result, "log": [list(line) for line in log]}


def chain(error):
    """An exception with those that were handled when it was raised (R58)."""
    found = []
    while error is not None:
        found.append(f"{type(error).__name__}: {error}")
        error = error.__context__
    return " <- ".join(found)


def exercise(cls, calls, log, entries):
    """Everything about one class that is visible from outside."""
    seen = {"entries": entries, "calls": {}}
    obj = None
    if cls.__init__ is object.__init__ or "__init__" not in names(cls):
        ways = [[[], {}]]
    else:
        ways = calls["__init__"]["ways"]
    for i, (args, kwargs) in enumerate(ways):
        made, what = attempt(cls, args, kwargs, "plain", log)
        what["result"] = what["result"].split(" object at")[0]
        seen["calls"][f"__init__#{i}"] = what
        obj = made if made is not None else obj
    if obj is None:
        return seen
    for name, call in calls.items():
        if name == "__init__" or not hasattr(obj, name):
            continue
        for i, (args, kwargs) in enumerate(call["ways"]):
            _, what = attempt(getattr(obj, name), args, kwargs, call["flavour"], log)
            seen["calls"][f"{name}#{i}"] = what
    return seen


def names(cls):
    """Attributes that the project's own classes define."""
    return {
        name
        for c in cls.__mro__
        if c.__module__.startswith("proj")
        for name, value in c.__dict__.items()
        # ArcticTraining puts the mixin's own into each class that wraps it.
        if not getattr(value, "__qualname__", "").startswith("CallbackMixin.")
    }


def project(request, mode):
    sys.path.insert(0, request["root"])
    modules = [importlib.import_module(name) for name in request["modules"]]
    log = importlib.import_module(request["name"] + ".trace").LOG
    result = {}
    for module in modules:
        for name, cls in sorted(vars(module).items()):
            if not inspect.isclass(cls) or cls.__module__ != module.__name__:
                continue
            if not any(base.__name__ == "CallbackMixin" for base in cls.__mro__):
                continue
            result[f"{module.__name__}.{name}"] = one(cls, request["calls"], log, mode)
    sys.path.remove(request["root"])
    return result


def one(cls, calls, log, mode):
    if mode == "reference":
        from tests.property import reference

        if inspect.isabstract(cls):
            return None
        compiled = reference.compile_class(cls)
        entries = [event for _, _, _, event in compiled.compiled_entries]
        return exercise(compiled, calls, log, entries)
    package = cls.__module__.partition(".")[0]
    try:
        module = importlib.import_module(f"out_{package}.{cls.__module__}")
    except ModuleNotFoundError:
        return None
    compiled = getattr(module, cls.__name__, None)
    if compiled is None:
        return None
    assert issubclass(compiled, cls)
    entries = [
        event
        for event, function in compiled.callbacks
        if not getattr(function, "__module__", "").startswith("arctic_training")
    ]
    return exercise(compiled, calls, log, entries)


def main():
    mode, path = sys.argv[1:]
    if mode == "reference":
        from tests.property import reference

        reference.install()
        from tests.property import arctic

        arctic.install()
    results = []
    for request in json.loads(Path(path).read_text()):
        try:
            results.append(project(request, mode))
        except BaseException as error:
            raise RuntimeError(f"{request['name']} in {request['root']}") from error
        forget_additions()
    print(json.dumps(results))


def forget_additions():
    """Remove a project's additions to ArcticTraining's own list, which would affect the next
    one."""
    mixin = sys.modules.get("arctic_training.callback.mixin")
    if mixin is not None:
        mixin.CallbackMixin.callbacks[:] = [
            entry
            for entry in mixin.CallbackMixin.callbacks
            if getattr(entry[1], "__module__", "").startswith("arctic_training")
        ]


if __name__ == "__main__":
    main()
