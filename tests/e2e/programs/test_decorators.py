"""R7, R10, R24: decorators of events and callbacks, in the forms of real projects."""

from __future__ import annotations

import pytest

BRANCHES = """
import asyncio
import functools
import inspect
import os
from functools import update_wrapper, wraps
from inspect import iscoroutinefunction

def one_name(fn):
    if inspect.iscoroutinefunction(fn):
        @functools.wraps(fn)
        async def wrapper(*args, **kwargs):
            return await fn(*args, **kwargs)
    else:
        @functools.wraps(fn)
        def wrapper(*args, **kwargs):
            return fn(*args, **kwargs)
    return wrapper

def two_names(fn):
    import asyncio
    @wraps(fn)
    async def async_wrapper(*args, **kwargs):
        result = await fn(*args, **kwargs)
        return result
    @wraps(fn)
    def sync_wrapper(*args, **kwargs):
        result = fn(*args, **kwargs)
        return result
    if asyncio.iscoroutinefunction(fn):
        return async_wrapper
    return sync_wrapper

def condition(name=None):
    def decorator(fn):
        label = name or fn.__name__
        @wraps(fn)
        async def async_wrapper(*args, **kwargs):
            return await fn(*args, **kwargs)
        @wraps(fn)
        def sync_wrapper(*args, **kwargs):
            return fn(*args, **kwargs)
        return async_wrapper if iscoroutinefunction(fn) else sync_wrapper
    return decorator

def kept_answer(fn):
    is_async = asyncio.iscoroutinefunction(fn)
    if not is_async:
        def wrapper(*args, **kwargs):
            return fn(*args, **kwargs)
    else:
        async def wrapper(*args, **kwargs):
            return await fn(*args, **kwargs)
    wrapper = functools.wraps(fn)(wrapper)
    return wrapper

def every_kind(fn):
    if inspect.isasyncgenfunction(fn):
        @wraps(fn)
        async def wrapper(*args, **kwargs):
            async for item in fn(*args, **kwargs):
                yield item
    elif _is_async(fn):
        @wraps(fn)
        async def wrapper(*args, **kwargs):
            return await fn(*args, **kwargs)
    elif inspect.isgeneratorfunction(fn):
        @wraps(fn)
        def wrapper(*args, **kwargs):
            yield from fn(*args, **kwargs)
    else:
        @wraps(fn)
        def wrapper(*args, **kwargs):
            return fn(*args, **kwargs)
    return wrapper

def _is_async(fn):
    return inspect.iscoroutinefunction(fn)

def _around_async(fn):
    @wraps(fn)
    async def inner(*args, **kwargs):
        return await fn(*args, **kwargs)
    return inner

def _around_plain(fn):
    @wraps(fn)
    def inner(*args, **kwargs):
        return fn(*args, **kwargs)
    return inner

class Timer:
    def __call__(self, fn):
        return _around_async(fn) if iscoroutinefunction(fn) else _around_plain(fn)

def updated(fn):
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)
    update_wrapper(wrapper, fn)
    return wrapper

def with_or_without(*dargs, **options):
    if len(dargs) == 1 and callable(dargs[0]):
        def simple(fn):
            return one_name(fn)
        return simple(dargs[0])
    else:
        def named(fn):
            return one_name(fn)
        return named

def text_or_function(arg=None):
    def decorate(fn):
        return one_name(fn)
    if arg is None or isinstance(arg, str):
        return decorate
    return decorate(arg)

def by_environment(fn):
    return _around_plain(fn) if os.environ.get("NO_SUCH_VARIABLE") else fn

def nested(fn):
    return one_name(two_names(fn))

def local_import(fn):
    try:
        import no_such_module
    except ImportError:
        return fn
    return no_such_module.annotate("x")(fn)

def fallback(fn):
    try:
        import no_such_module
    except ImportError:
        no_such_module = None
    if no_such_module is None:
        return one_name(fn)
    return no_such_module.annotate("x")(fn)

def unwrapped(fn):
    original = fn
    if isinstance(fn, (functools.partial, staticmethod)):
        original = fn.func
    fn = original if original is not None else fn
    return one_name(fn)
"""

DECORATORS = [
    "one_name",
    "two_names",
    "condition()",
    "condition('x')",
    "kept_answer",
    "every_kind",
    "Timer()",
    "updated",
    "with_or_without",
    "with_or_without(times=3)",
    "text_or_function",
    "text_or_function('x')",
    "by_environment",
    "nested",
    "local_import",
    "fallback",
    "unwrapped",
]


def _program(decorators: list[str]) -> str:
    lines = ["from arctic_codegen import CallbackMixin", "from app import deco", ""]
    for number, decorator in enumerate(decorators):
        for prefix, name in (("", f"P{number}"), ("async ", f"A{number}")):
            lines += [
                f"@deco.{decorator}",
                f"{prefix}def add_{name}(self, batch): return batch + 1",
                f"class {name}(CallbackMixin):",
                f"    callbacks = [('pre-step', add_{name})]",
                f"    @deco.{decorator}",
                f"    {prefix}def step(self, batch): return [batch]",
                f"    @deco.{decorator}",
                f"    {prefix}def post_step_callback(self, value): return value * 2",
                "",
            ]
    return "\n".join(lines)


def test_R7_R24_wrappers_for_plain_and_async_functions(project):
    p = project(
        {"app/__init__.py": "", "app/deco.py": BRANCHES, "app/main.py": _program(DECORATORS)}
    ).built()
    out = p.python(
        """
import asyncio, inspect
from generated.app import main
for name, cls in vars(main).items():
    if name[0] in "PA" and name[1:].isdigit():
        assert inspect.iscoroutinefunction(cls.step) is (name[0] == "A"), name
        result = cls().step(1)
        if name[0] == "A":
            result = asyncio.run(result)
        print(name, result)
"""
    )
    assert {line.split(" ", 1)[1] for line in out.splitlines()} == {"[2, 2]"}
    assert len(out.splitlines()) == 2 * len(DECORATORS)


def test_R24_the_outermost_function_is_the_one_that_is_tested(project):
    """Inside ``torch.no_grad`` or ``lru_cache``, an ``async def`` is not a coroutine function."""
    p = project(
        {
            "app/__init__.py": "",
            "app/deco.py": BRANCHES,
            "app/main.py": """
import functools
from arctic_codegen import CallbackMixin
from app import deco
class T(CallbackMixin):
    callbacks = [("post-step", lambda self, value: value + 1)]
    @deco.one_name
    @functools.lru_cache
    async def step(self, batch): return batch
""",
        }
    ).built()
    assert p.python(
        "import asyncio; from generated.app.main import T; print(asyncio.run(T().step(1)))"
    ).split() == ["2"]


STUB = """
def __getattr__(name):
    def made(*args, **options):
        return args[0] if len(args) == 1 and callable(args[0]) and not options else lambda fn: fn
    return made
"""
LIBRARIES = {
    "import tenacity": ["tenacity.retry", "tenacity.retry(stop=3)"],
    "from tenacity import retry": ["retry", "retry(reraise=True)"],
    "from beartype import beartype": ["beartype", "beartype(conf=3)"],
    "import typeguard as tg": ["tg.typechecked"],
    "from deprecated import deprecated": ["deprecated", "deprecated(reason='x')"],
    "from deprecated.sphinx import versionadded as added": ["added(version='1')"],
    "import backoff": ["backoff.on_exception(backoff.expo, ValueError)"],
    "from accelerate import Accelerator\naccelerator = Accelerator()": [
        "accelerator.on_main_process",
        "accelerator.on_process(process_index=1)",
    ],
    "from lightning.pytorch.utilities import rank_zero_only": ["rank_zero_only"],
    "from loguru import logger": ["logger.catch", "logger.catch(reraise=True)"],
    "from langsmith import traceable": ["traceable(name='x')"],
    "from typing_extensions import deprecated, override": ["deprecated('no more')", "override"],
    "import functools": ["functools.lru_cache", "functools.lru_cache(maxsize=2)"],
}


def test_R7_R10_decorators_of_libraries_that_keep_signatures(project):
    """They are recognized by name, even if the library cannot be read or is not installed."""
    lines, values = ["from arctic_codegen import CallbackMixin"], []
    for imports, decorators in LIBRARIES.items():
        lines.append(imports)
        for decorator in decorators:
            # A callback for some ranks may not change a value: the other ranks would lack it.
            for_ranks = "process" in decorator or "rank" in decorator
            pre, post = ("batch", "value") if for_ranks else ("batch + 1", "value * 2")
            values.append(1 if for_ranks else 4)
            number = len(values)
            lines += [
                f"@{decorator}",
                f"def add{number}(self, batch): return {pre}",
                f"class T{number}(CallbackMixin):",
                f"    callbacks = [('pre-step', add{number})]",
                f"    @{decorator}",
                "    def step(self, batch: int) -> int: return batch",
                f"    @{decorator}",
                f"    def post_step_callback(self, value): return {post}",
            ]
    modules = ["tenacity", "beartype", "typeguard", "deprecated/__init__", "deprecated/sphinx"]
    modules += ["backoff", "loguru", "langsmith"]
    stubs = {f"{name}.py": STUB for name in modules}
    files = {"app/__init__.py": "", "app/main.py": "\n".join(lines) + "\n"}
    assert project(files).build().code == 0  # none, or only some of them are installed
    runnable = "\n".join(lines)
    runnable = runnable.replace("from lightning.pytorch.utilities import", "from loguru import")
    runnable = runnable.replace("from loguru import logger", "import loguru as logger")
    runnable = runnable.replace(
        "from accelerate import Accelerator\naccelerator = Accelerator()",
        "import loguru as accelerator",
    )
    config = """
[tool.arctic-codegen]
sources = ["app"]
signature-preserving = ["loguru.rank_zero_only",
    "loguru.on_main_process", "loguru.on_process", "loguru.catch"]
"""
    p = project({**stubs, "app/__init__.py": "", "app/main.py": runnable}, config).built()
    out = p.python(
        f"""
from generated.app import main
print([getattr(main, f"T{{n}}")().step(1) for n in range(1, {number + 1})])
"""
    )
    assert out.strip() == str(values)


def test_R7_a_decorator_that_wrapt_makes(project):
    ran = project(
        """
        import wrapt
        from arctic_codegen import CallbackMixin
        @wrapt.decorator
        def logged(wrapped, instance, args, kwargs): return wrapped(*args, **kwargs)
        class T(CallbackMixin):
            @logged
            def step(self, batch): return batch
            def pre_step_callback(self, batch): return batch
        """
    ).build()
    assert [code for _, _, code in ran.codes] == ["AC202"], ran.stdout
    assert "the result of '@logged' cannot be determined" in ran.stdout


OWN = """
import functools

class memo:
    def __init__(self, fn):
        self.fn = fn
    def __call__(self, *args):
        return self.fn(*args)
    def __get__(self, obj, owner=None):
        return self if obj is None else functools.partial(self.fn, obj)

def _make():
    return eval("lambda fn: fn")

made = _make()

class Tracer:
    def span(self, name):
        return eval("lambda fn: fn")
    def __call__(self, *args):
        def inner(*given):
            return args[0](*given)
        return inner

tracer = Tracer()
"""
OWN_MAIN = """
from arctic_codegen import CallbackMixin
import app.deco
from app import again
from app.deco import made as other_name, memo, tracer as t
class A(CallbackMixin):
    @memo
    def step(self, batch): return batch
    @other_name
    def pre_step_callback(self, batch): return batch + 1
class B(CallbackMixin):
    @again.made
    def step(self, batch): return batch
    @t.span("x")
    def pre_step_callback(self, batch): return batch + 1
class C(CallbackMixin):
    @app.deco.tracer
    def step(self, batch): return batch
    @again.memo
    def pre_step_callback(self, batch): return batch + 1
"""


def test_R2_R7_signature_preserving_in_the_configuration(project):
    """The names under which decorators are defined or re-exported; findings say what to add."""
    files = {
        "app/__init__.py": "",
        "app/deco.py": OWN,
        "app/again.py": "from app.deco import made, memo\n",
        "app/main.py": OWN_MAIN,
    }
    p = project(files)
    ran = p.cli("build")
    assert ran.code == 1
    for name in ("app.deco.made", "app.deco.tracer.span"):
        assert f'signature-preserving = ["{name}"]' in ran.stdout, name
    assert "add the decorator to 'signature-preserving'" in ran.stdout
    p.write({"app/main.py": OWN_MAIN.replace("    @other_name\n", "")})
    assert 'signature-preserving = ["app.deco.memo"]' in p.cli("build").stdout
    p.write({"app/main.py": OWN_MAIN})
    listed = ["app.again.memo", "app.deco.made", "app.deco.tracer.span", "app.deco.tracer"]
    names = ", ".join(f'"{name}"' for name in listed)
    config = f'[tool.arctic-codegen]\nsources = ["app"]\nsignature-preserving = [{names}]\n'
    p.write({"pyproject.toml": config})
    assert (
        p.built()
        .python(
            "from generated.app.main import A, B, C; print(A().step(1), B().step(1), C().step(1))"
        )
        .split()
        == ["2"] * 3
    )
    # The meaning of a name in the list is looked up: editing it is detected.
    p.write({"app/again.py": "from app.deco import made\ndef memo(fn): return 3\n"})
    assert p.build().code == 1


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("app.deco.mmo", "app.deco.memo"),
        ("app.dec.memo", "app.deco.memo"),
        ("appp.deco.memo", "app.deco.memo"),
        ("app.deco.trcer.span", "app.deco.tracer.span"),
        ("app.deco.made.again.quite.other", None),
        ("app.main.quite_other", ""),
        ("not_installed.timed", None),
    ],
)
def test_R2_a_decorator_in_the_configuration_that_is_not_there(project, name, near):
    """A decorator that is not installed is recognized by its name in import statements."""
    files = {"app/__init__.py": "", "app/deco.py": OWN, "app/main.py": "x = 1\n"}
    config = f'''[tool.arctic-codegen]
sources = ["app"]
signature-preserving = [
    "app.deco.memo",
    "{name}",
]
'''
    p = project(files, config)
    ran = p.build()
    if near is None:
        assert ran.code == 0, ran.stdout
        return
    assert ran.codes == [("pyproject.toml", 5, "AC010")]
    (found,) = ran.findings
    assert found.column == 5
    assert f"'signature-preserving' names '{name}'" in found.message
    shown = p.cli("build").stdout
    assert (f"did you mean '{near}'?" in shown) if near else ("did you mean" not in shown)


def test_R24_an_async_callback_behind_a_decorator_that_waits_for_it(project):
    """What callers receive counts: it is a plain callback, and valid on a plain event."""
    p = project(
        """
import asyncio
import functools
import inspect
from arctic_codegen import CallbackMixin
def coro(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return asyncio.run(fn(*args, **kwargs))
    return wrapper
def looped(fn):
    def wrapper(*args, **kwargs):
        loop = asyncio.new_event_loop()
        result = loop.run_until_complete(fn(*args, **kwargs))
        return result
    functools.update_wrapper(wrapper, fn)
    return wrapper
def _wait(coroutine):
    outcome = asyncio.run(coroutine)
    return outcome
def helped(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return _wait(fn(*args, **kwargs))
    return wrapper
def if_needed(fn):
    if not inspect.iscoroutinefunction(fn):
        return fn
    return coro(fn)
@coro
async def one(self, batch): return batch + 1
@looped
async def two(self, batch): return batch + 10
@helped
async def three(self, batch): return batch + 100
@if_needed
async def four(self, batch): return batch + 1000
class T(CallbackMixin):
    callbacks = [("pre-step", one), ("pre-step", two), ("pre-step", three), ("pre-step", four)]
    def step(self, batch): return batch
    @coro
    async def post_step_callback(self, value): return value * 2
"""
    ).built()
    assert p.python("from generated.app.main import T; print(T().step(0))").split() == ["2222"]


def test_R7_a_decorator_is_read_that_calls_itself_or_half_of_a_library(project):
    p = project(
        """
import functools
import inspect
from arctic_codegen import CallbackMixin
def again(fn=None, depth=3):
    if fn is None:
        return functools.partial(again, depth=depth)
    if depth:
        return again(fn, depth - 1)
    return fn
def checked(fn):
    signature = inspect.signature(fn)
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        signature.bind(*args, **kwargs)
        return fn(*args, **kwargs)
    return wrapper
class T(CallbackMixin):
    @checked
    def step(self, batch): return batch
    def post_step_callback(self, value): return value + 1
    @again
    def other(self, batch): return batch
    def post_other_callback(self, value): return value + 1
"""
    )
    ran = p.build()
    assert [f.code for f in ran.findings if f.severity == "error"] in ([], ["AC202"]), ran.stdout
    assert "too many steps" not in ran.stdout


def test_R28_compiled_methods_have_attributes_and_docstrings_of_their_sources(project):
    p = project(
        {
            "app/__init__.py": "",
            "app/sizes.py": """
                class Size: ...
            """,
            "app/quoted.py": """
                from __future__ import annotations
                from typing import TYPE_CHECKING
                from app.sizes import Size
                if TYPE_CHECKING:
                    from decimal import Decimal
                class Quoted:
                    def __init__(self, size: Size, sizes: list[Size]) -> None: ...
                    def show(self) -> None:
                        "Doc."
                class Hidden:
                    def __init__(self, size: Decimal) -> None: ...
            """,
            "app/main.py": """
                import functools
                from typing import Optional
                from arctic_codegen import CallbackMixin
                from app.quoted import Hidden, Quoted
                from app.sizes import Size
                def mark(fn):
                    fn.is_hook = fn._rank = True
                    return fn
                def timed(fn):
                    @functools.wraps(fn)
                    def timed(*args, **kwargs):
                        return fn(*args, **kwargs)
                    timed.cost = 3
                    timed.original = fn
                    return timed
                def is_hook(value):
                    return hasattr(value, "is_hook")
                class Finds:
                    def __init_subclass__(cls):
                        cls.hooks = [n for n in dir(cls) if is_hook(getattr(cls, n, None))]
                        super().__init_subclass__()
                class T(Finds, CallbackMixin, Quoted):
                    @mark
                    def step(self): ...
                    step.tag = [1]
                    @timed
                    def fit(self): ...
                    def pre_step_callback(self) -> None: ...
                    def pre_fit_callback(self) -> None: print("pre")
                    def post___init___callback(self) -> None: ...
                    def pre_show_callback(self) -> None: ...
                    @classmethod
                    def names(cls): ...
                class Plain(CallbackMixin):
                    def __init__(self, size: Optional[Size]) -> None: ...
                    def post___init___callback(self) -> None: ...
                class Unknown(CallbackMixin, Hidden):
                    def post___init___callback(self) -> None: ...
            """,
        }
    ).built()
    p.python(
        """
        import inspect
        from typing import get_type_hints
        from app import main
        from app.main import T as Source
        from generated.app.main import Plain, T, Unknown
        assert T.hooks == Source.hooks == ["step"], T.hooks
        assert T.step is not Source.step and T.step.tag is Source.step.tag and T.step._rank
        assert T.fit.cost == 3 and vars(T.fit) == {"cost": 3}
        assert T.show.__doc__ == "Doc."
        for ours, theirs in ((T, Source), (Plain, main.Plain)):
            ours, theirs = ours.__init__, theirs.__init__
            assert ours is not theirs
            assert get_type_hints(ours) == get_type_hints(theirs) != {}
            assert inspect.signature(ours, eval_str=True) == inspect.signature(theirs, eval_str=True)
        assert Unknown.__init__.__annotations__["return"] == "None"
        """
    )
