"""R9 to R12: the forms in which callbacks can be declared."""

from __future__ import annotations

import textwrap

import pytest

HEAD = """
import functools
from arctic_codegen import CallbackMixin

def a(self): print("a")
def b(self): print("b")
class Trainer(CallbackMixin):
    def step(self) -> None: print("step")
    def load_data(self) -> None: print("load")
"""

LISTS = {
    "display": "[('pre-step', a), ('pre-step', b)]",
    "tuple": "(('pre-step', a), ('pre-step', b))",
    "star": "[*COMMON, ('pre-step', b)]",
    "plus": "COMMON + [('pre-step', b)]",
    "list-call": "list((('pre-step', a), ('pre-step', b)))",
    "tuple-call": "tuple([('pre-step', a), ('pre-step', b)])",
    "bound": "BOTH",
    "attribute": "Holder.both",
    "base": "Base.callbacks + [('pre-step', b)]",
    "comprehension": "[('pre-step', f) for f in (a, b)]",
    "comprehension-two": "[(p + '-' + e, f) for p in ['pre'] for e in ('step',) for f in [a, b]]",
    "conditional": "BOTH if FLAG else []",
    "f-string": "[(f'{PRE}-step', a), (f'pre-{\"step\"}', b)]",
    "percent": "[('%s-step' % PRE, a), ('%s-%s' % (PRE, 'step'), b)]",
    "format": "[('{}-step'.format(PRE), a), ('{p}-{0}'.format('step', p=PRE), b)]",
    "names": "[A_ENTRY, ('pre-step', b)]",
}


def each_form(project, text: str, forms: dict[str, str]) -> dict[str, str]:
    """The output of ``step`` for one class per form, in a single program."""
    classes = [
        f"class T{number}(Trainer):\n    callbacks = {value}\n"
        for number, value in enumerate(forms.values())
    ]
    p = project(HEAD + text + "".join(classes)).built()
    out = p.python(
        f"""
        from generated.app import main
        for number in range({len(forms)}):
            print(">", end=" ")
            getattr(main, f"T{{number}}")().step()
        """
    )
    return dict(zip(forms, (" ".join(part.split()) for part in out.split(">")[1:]), strict=True))


def test_R9_lists(project):
    """``tests/unit/resolve`` tests how each form is read."""
    text = """
PRE = "pre"
FLAG = True
A_ENTRY = ("pre-" + "step", a)
COMMON = [A_ENTRY]
BOTH: list = COMMON + [("pre-step", b)]
class Holder:
    both = BOTH
class Base(Trainer):
    callbacks = [("pre-step", a)]
"""
    assert each_form(project, text, LISTS) == dict.fromkeys(LISTS, "a b step")


def test_R5_dashes_and_underscores_and_init(project):
    p = project(
        HEAD
        + """
class T(Trainer):
    callbacks: list = [("pre-load-data", a), ("pre-load_data", b), ("post-init", lambda self: print("i"))]
"""
    ).built()
    out = p.python("from generated.app.main import T; T().load_data()")
    assert out.split() == ["i", "a", "b", "load"]


CALLABLES = {
    "function": "a",
    "lambda": "lambda self: print('a')",
    "static": "Tools.static",
    "plain": "Tools.plain",
    "partial": "functools.partial(say, text='a')",
    "nested-partial": "functools.partial(functools.partial(say), text='a')",
    "instance": "Say('a')",
    "module-instance": "SAY",
    "factory": "make('a')",
    "factory-lambda": "make_lambda('a')",
    "factory-wraps": "every(1, a)",
    "bound": "SAY.hello",
    "decorated": "decorated",
    "no-grad": "wrapped",
    "class-method": "Tools.cm",
}


def test_R10_callables(project):
    """``tests/unit/resolve`` tests how each form is read."""
    text = """
def say(self, text): print(text)
class Say:
    def __init__(self, text): self.text = text
    def __call__(self, trainer): print(self.text)
    def hello(self, trainer): print(self.text)
SAY = Say("a")
class Tools:
    @staticmethod
    def static(trainer): print("a")
    def plain(trainer): print("a")
    @classmethod
    def cm(cls, trainer): print("a")
def make(text):
    def inner(trainer):
        print(text)
    return inner
def make_lambda(text):
    return lambda trainer: print(text)
def every(n, fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)
    return wrapper
def deco(fn):
    def inner(trainer):
        return fn(trainer)
    return inner
@deco
def decorated(one, two=None): print("a")
@functools.lru_cache(maxsize=None)
def wrapped(trainer): print("a")
"""
    forms = {form: f"[('pre-step', {value})]" for form, value in CALLABLES.items()}
    assert each_form(project, text, forms) == dict.fromkeys(CALLABLES, "a step")


BOTH_WAYS = {
    "partial": """
    if fn is None:
        return functools.partial(maybe, times=times)
    return wrap(fn)
""",
    "lambda": """
    if not fn:
        return lambda given: maybe(given, times=times)
    return wrap(fn)
""",
    "not-none": """
    if fn is not None:
        return wrap(fn)
    return wrap
""",
    "callable": """
    if callable(fn):
        return wrap(fn)
    else:
        return wrap
""",
    "expression": """
    return wrap if fn is None else wrap(fn)
""",
}


def test_R7_decorators_with_and_without_a_call(project):
    """R7: the argument decides which branch of ``@maybe`` or ``@maybe(times=3)`` counts."""
    program = """
def maybe(fn=None, *, times=1):
    def wrap(inner):
        @functools.wraps(inner)
        def wrapper(*args, **kwargs): return inner(*args, **kwargs)
        return wrapper
{body}

@maybe
def plain(self, n): return n + 1
@maybe(times=2)
def called(self, n): return n + 1
class T(Trainer):
    callbacks = [("pre-one", plain), ("pre-two", called)]
    @maybe
    def one(self, n): return n
    @maybe(times=3)
    def two(self, n): return n
"""
    files = {
        f"app/way{number}.py": HEAD + program.replace("{body}", body.strip("\n"))
        for number, body in enumerate(BOTH_WAYS.values())
    }
    p = project({"app/__init__.py": "", **files}).built()
    out = p.python(
        f"""
        import importlib
        for number in range({len(BOTH_WAYS)}):
            t = importlib.import_module(f"generated.app.way{{number}}").T()
            print(t.one(1), t.two(n=1))
        """
    )
    assert dict(zip(BOTH_WAYS, out.splitlines(), strict=True)) == dict.fromkeys(BOTH_WAYS, "2 2")


def test_R10_the_sources_own_object_one_for_each_place(project):
    p = project(
        """
from arctic_codegen import CallbackMixin
class Count:
    def __init__(self): self.n = 0
    def __call__(self, trainer):
        self.n += 1
        print(self.n)
class A(CallbackMixin):
    callbacks = [("pre-step", Count())]
    def step(self) -> None: ...
class B(A):
    callbacks = A.callbacks + [("pre-step", Count())]
"""
    )
    p.write(
        {
            "app/zother.py": """
from app.main import A
A.callbacks.insert(0, ("pre-step", lambda self: print("first")))
"""
        }
    )
    p.built()
    out = p.python(
        """
import app.zother
from generated.app.main import A, B
A().step(); B().step()
from app.main import A as S
"""
    )
    assert out.split() == ["first", "1", "first", "2", "1"]


def test_R11_a_callback_method_that_a_call_makes(project):
    """A call may return a function, which becomes a method of the class."""
    p = project(
        HEAD
        + """
def told(word):
    def tell(self): print(word, type(self).__name__)
    return tell
def shown(function):
    return lambda self: function(self)
class T(Trainer):
    pre_step_callback = told("before")
    post_step_callback = shown(a)
class U(T):
    pre_step_callback = told("then")
    post_step_callback = None
"""
    ).built()
    out = p.python("from generated.app.main import T, U; T().step(); U().step()")
    assert out.splitlines() == ["before T", "step", "a", "before U", "then U", "step"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("functools.partial(b)", "AC209"),
        ("functools.partial(a, 1)", "AC209"),
        ("Plain()", "AC209"),
        ("len('a')", "AC207"),
    ],
)
def test_R11_what_is_no_function_is_no_method(project, value, code):
    ran = project(
        HEAD
        + f"""
class Plain:
    def __call__(self, trainer): print("called")
class T(Trainer):
    pre_step_callback = {value}
"""
    ).build()
    assert (ran.code, [found for _, _, found in ran.codes]) == (1, [code]), ran.stdout


def test_R11_callback_methods(project):
    p = project(
        HEAD
        + """
class T(Trainer):
    def pre_step_callback_helper(self): print("no")
    def _pre_step_callback(self): print("no")
    def xpre_step_callback(self): print("no")
    post_step_callback = a
    def pre_load_data_callback(self): print("pre")
    pre_step_callback = lambda self: print("lambda")
"""
    ).built()
    out = p.python("from generated.app.main import T; T().step(); T().load_data()")
    assert out.split() == ["lambda", "step", "a", "pre", "load"]


def test_R12_changes_after_the_class(project):
    p = project(
        HEAD
        + """
class T(Trainer):
    callbacks = [("pre-step", a)]
class Sub(T):
    pass
T.callbacks.append(("pre-step", b))
T.callbacks.insert(0, ("pre-step", lambda self: print("zero")))
T.callbacks.extend([("post-step", a)])
T.callbacks += [("post-step", b)]
class U(Trainer): pass
U.callbacks = [("pre-step", b)]
alias = Trainer
alias.callbacks.append(("pre-step", functools.partial(lambda text, self: print(text), "all")))
if __name__ == "__main__":
    Sub.callbacks.append(("pre-step", a))
"""
    ).built()
    out = p.python("from generated.app.main import T, Sub, U; Sub().step(); U().step()")
    assert out.split() == ["all", "zero", "a", "b", "step", "a", "b", "all", "b", "step"]


SCRIPT = """
from generated.app.main import T

def init_cb(self):
    print("init", type(self).__name__)

def make_cb(self):
    print("step of", __name__)

trainer = T()
trainer.callbacks.append(("pre-init", init_cb))
trainer.callbacks.append(("pre-step", make_cb))
if __name__ == "__main__":
    T().step()
"""


@pytest.mark.parametrize("how", [["-m", "app.script"], ["app/script.py"]])
def test_R12_a_script_that_imports_the_output(project, how):
    import subprocess
    import sys

    p = project(HEAD + "\nclass T(Trainer): pass\n")
    p.write({"app/script.py": SCRIPT})
    p.built()
    done = subprocess.run(
        [sys.executable, *how],
        cwd=p.root,
        capture_output=True,
        text=True,
        env={**__import__("os").environ, "PYTHONPATH": str(p.root)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["init T", "init T", "step of __main__", "step"]


def test_R34_the_compiled_list_is_closed(project):
    p = project(
        HEAD
        + """
class T(Trainer):
    callbacks = [("pre-step", a), ("pre-step", functools.partial(b))]
"""
    ).built()
    out = p.python(
        """
import functools
from app.main import a, b
from generated.app.main import T
t = T()
t.callbacks.append(("pre-step", a))
t.callbacks.extend([("pre-step", a), ("pre-step", functools.partial(b))])
t.callbacks += [("pre-step", a)]
T.callbacks.insert(0, ("pre-step", a))
print(len(T.callbacks), [e for e, f in t.callbacks])
for change in (
    lambda: t.callbacks.append(("pre-step", b)),
    lambda: t.callbacks.clear(),
    lambda: t.callbacks.remove(("pre-step", a)),
    lambda: setattr(t, "callbacks", []),
    lambda: t.callbacks.__setitem__(0, ("pre-step", b)),
):
    try:
        change()
        print("changed")
    except Exception as error:
        print(type(error).__name__, "arctic-codegen build" in str(error))
"""
    ).splitlines()
    assert out[0] == "2 ['pre-step', 'pre-step']"
    assert len(out) == 6
    assert all(line.endswith("True") for line in out[1:]), out


def test_R35_a_source_class_refuses_to_be_made(project):
    p = project(
        HEAD
        + """
import abc
class T(Trainer):
    callbacks = [("pre-step", a)]
class M(Trainer):
    def pre_step_callback(self): ...
class Inherits(M): ...
class Abstract(Trainer, abc.ABC):
    def pre_step_callback(self): ...
class Free(Trainer): ...
"""
    )
    code = """
import app.main as m
m.Free()
for cls in (m.T, m.M, m.Inherits, m.Abstract):
    try:
        cls()
        print("made")
    except TypeError as error:
        print("arctic-codegen build" in str(error))
"""
    assert p.python(code).split() == ["True"] * 4
    p.built()
    out = p.python(
        """
from generated.app.main import T, Abstract
import app.main
T().step(); Abstract().step()
try:
    app.main.T()
except TypeError as error:
    print("generated.app.main" in str(error))
"""
    )
    assert out.split() == ["a", "step", "step", "True"]


REGISTERS = {
    "a list": ("HOOKS: list = []", "HOOKS.append(('post-step', fn))", "HOOKS"),
    "a list with entries": ("HOOKS = [('pre-step', base)]", "HOOKS.append(('x', fn))", "[*HOOKS]"),
    "a list, under a condition": (
        "HOOKS = []",
        "if fn: HOOKS.extend([('post-step', fn)])",
        "list(HOOKS)",
    ),
}


OUT_OF_SIGHT = {
    "a class method": (
        """class Hooks:
    all = []
    @classmethod
    def add(cls, fn):
        cls.all.append(("post-step", fn))
        return fn
""",
        "Hooks.add",
        "Hooks.all",
    ),
    "a method": (
        """class Hooks:
    all = []
    def add(self, fn):
        self.all.append(("post-step", fn))
        return fn
""",
        "Hooks().add",
        "Hooks.all",
    ),
    "a global name": (
        """class Hooks: ...
ALL = []
def add(fn):
    global ALL
    ALL = ALL + [("post-step", fn)]
    return fn
""",
        "hooks.add",
        "hooks.ALL",
    ),
}


@pytest.mark.parametrize("how", OUT_OF_SIGHT)
def test_R48_what_registers_out_of_sight_is_refused_at_import(project, how):
    """Which list a method changes, and when a function rebinds a name, is known only at run
    time."""
    hooks, register, read = OUT_OF_SIGHT[how]
    p = project(
        {
            "app/__init__.py": "",
            "app/hooks.py": hooks,
            "app/main.py": f"""
from app import hooks
from app.hooks import Hooks
from arctic_codegen import CallbackMixin
@{register}
def note(self, value): return value + 1
class T(CallbackMixin):
    callbacks = {read}
    def step(self) -> int:
        return 1
""",
        }
    ).built()
    error = p.python("import generated.app.main", ok=False)
    assert "CallbacksDifferError" in error
    assert "app.main.T: its list has ('post-step', app.main.note)" in error


@pytest.mark.parametrize("how", list(REGISTERS))
def test_R13_what_a_decorator_registers_is_not_lost(project, how):
    """The list's module does not mention callbacks: calls of its functions count nevertheless."""
    bound, change, read = REGISTERS[how]
    p = project(
        {
            "app/__init__.py": "",
            "app/hooks.py": f"""def base(self): pass
{bound}
def register(fn):
    {change}
    return fn
def unrelated(HOOKS):
    HOOKS.append(1)
def local():
    HOOKS = []
    HOOKS.append(1)
""",
            "app/main.py": f"""from app.hooks import HOOKS, register
from arctic_codegen import CallbackMixin
@register
def note(self, value): return value + 1
class T(CallbackMixin):
    callbacks = {read}
    def step(self) -> int:
        return 1
""",
        }
    )
    ran = p.build()
    assert ran.codes == [("app/main.py", 6, "AC205")]
    assert "is changed in the function 'register'" in ran.stdout
    hooks = p.root / "app/hooks.py"
    registering = hooks.read_text()
    hooks.write_text(registering.replace(change, "pass"))
    p.built().python("import generated.app.main")
    # R36: a function that now changes the list makes the output stale.
    hooks.write_text(registering)
    told = p.python("import generated.app.main", ok=False)
    assert "app/hooks.py has changed" in told.splitlines()[-1]


def test_R13_a_list_in_a_dict(project):
    ran = project(
        """
        from arctic_codegen import CallbackMixin
        def note(self): pass
        HOOKS = {"all": [("pre-step", note)]}
        class T(CallbackMixin):
            callbacks = list(HOOKS["all"])
            def step(self): ...
        """
    ).build()
    assert ran.codes == [("app/main.py", 5, "AC205")]
    assert "'HOOKS[\"all\"]' cannot be determined statically" in ran.stdout


def test_R52_methods_that_change_the_list(project):
    """``self`` and ``cls`` refer to the host class, or to a class derived from it."""
    ran = project(
        """
        from arctic_codegen import CallbackMixin
        class A(CallbackMixin):
            def __init_subclass__(cls, **options):
                super().__init_subclass__(**options)
                cls.callbacks = [*cls.callbacks, ("pre-step", lambda self: None)]
            @classmethod
            def hook(klass, fn):
                klass.callbacks.append(("pre-step", fn))
            @staticmethod
            def other(cls):
                cls.callbacks.append(("pre-step", print))
            def later(self):
                self.callbacks.append(("pre-step", print))
            def step(self): ...
        class NoHost:
            callbacks = []
            @classmethod
            def hook(cls, fn):
                cls.callbacks.append(fn)
        """
    ).build()
    assert ran.codes == [("app/main.py", line, "AC220") for line in (5, 8, 13)]
    assert "'klass.callbacks' is changed by 'append' in 'A.hook'" in ran.stdout


@pytest.mark.parametrize("where", ["of another module", "of the same module", "of a class"])
def test_R12_the_list_of_a_class_that_was_made_from_a_named_one(project, where):
    """The mixin copies the list: entries added to the class's own list affect neither the named
    list nor other classes made from it."""
    named = {
        "of another module": ("from app.lists import L", "L", "from app.lists import L"),
        "of the same module": (
            "def a(self): print('a')\nL = [('post-step', a)]",
            "L",
            "from app.main import L",
        ),
        "of a class": (
            "def a(self): print('a')\nclass R:\n    items = [('post-step', a)]",
            "R.items",
            "from app.main import R; L = R.items",
        ),
    }
    bound, name, again = named[where]
    p = project(
        {
            "app/__init__.py": "",
            "app/lists.py": "def a(self): print('a')\nL = [('post-step', a)]\n",
            "app/main.py": f"""
from arctic_codegen import CallbackMixin
{bound}
class X(CallbackMixin):
    callbacks = {name}
    def step(self): print("step")
class Below(X): ...
class Other(CallbackMixin):
    callbacks = {name}
    def step(self): print("step")
""",
            "app/extra.py": """
import app.main as m
from app.main import Below, X
def b(self): print("b")
X.callbacks.append(("post-step", b))
m.X.callbacks.extend([("pre-step", lambda self: print("first"))])
Below.callbacks += [("post-step", b)]
""",
        }
    )
    ran = p.build()
    far = [("app/extra.py", line, "AC211") for line in (4, 5, 6)]
    assert ran.codes == [*far, ("app/extra.py", 6, "AC219")]
    for order in ("import app.extra; import generated.app.main", "import generated.app.main"):
        out = p.python(
            f"""
{order}
from generated.app.main import Below, Other, X
import app.extra
{again}
for cls in X, Below, Other:
    cls().step()
print(len(L))
"""
        )
        assert " ".join(out.split()) == "first step a b first step a b step a 1"


def test_R11_what_a_protocol_states_is_no_callback(project):
    """A stub declares a member; a method with a body is a default that runs, as in Python."""
    p = project(
        """
        from typing import Generic, Protocol, TypeVar
        from typing_extensions import Protocol as Other
        from arctic_codegen import CallbackMixin
        T = TypeVar("T")
        class Hooks(Protocol):
            def post_loss_callback(self, loss: float) -> float: ...
            def pre_loss_callback(self, batch: int) -> int:
                "Changes the batch."
        class More(Hooks, Other[T]):
            def post_loss_callback(self, loss: float) -> float:
                raise NotImplementedError("not here")
        class Default(Protocol):
            def post_loss_callback(self, loss: float) -> float:
                return loss + 100
        class Base(CallbackMixin):
            def loss(self, batch: int) -> float: return float(batch)
        class A(Base, Hooks):
            def post_loss_callback(self, loss: float) -> float: return loss * 2
        class B(Base, More[int]): ...
        class C(Base, Default):
            def post_loss_callback(self, loss: float) -> float: return loss * 2
        class D(Base, Hooks):
            def pre_loss_callback(self, batch: int) -> int:
                return super().pre_loss_callback(batch) or 5
        """
    ).built()
    out = p.python(
        "from generated.app.main import A, B, C, D;print([cls().loss(1) for cls in (A, B, C, D)])"
    )
    assert out.strip() == "[2.0, 1.0, 202.0, 5.0]"


def test_R12_a_list_made_by_statements_alone_is_seen_through_subclasses(project):
    p = project(
        """
from arctic_codegen import CallbackMixin

def first(self): print("first")
def second(self): print("second")
def third(self): print("third")

class Base(CallbackMixin):
    def step(self): ...
Base.callbacks.append(("pre-step", first))
class Child(Base): ...
class Grandchild(Child): ...
Child.callbacks.append(("pre-step", second))
class T(Grandchild):
    callbacks = [*Grandchild.callbacks, ("pre-step", third)]
"""
    ).built()
    assert p.python("from generated.app.main import T; T().step()").split() == [
        "first",
        "second",
        "third",
    ]


CHOICES = {
    "a branch for each": """
        if kind == "a":
            def fn(self): print("a")
        elif kind == "b":
            def fn(self): print("b")
        else:
            raise ValueError(kind)
        return fn
    """,
    "match": """
        match kind:
            case "a":
                fn = first
            case _:
                raise ValueError(kind)
        return fn
    """,
    "seven conditions that decide nothing": """
        one = two = three = four = five = six = seven = None
        if one is None: one = os.environ.get("P", "x")
        if two is None: two = os.environ.get("P", "x")
        if three is None: three = os.environ.get("P", "x")
        if four is None: four = os.environ.get("P", "x")
        if five is None: five = os.environ.get("P", "x")
        if six is None: six = os.environ.get("P", "x")
        if seven is None: seven = os.environ.get("P", "x")
        def inner(self): print("a")
        return inner
    """,
}


@pytest.mark.parametrize("how", CHOICES)
def test_R10_a_factory_that_chooses_and_may_raise(project, how):
    body = textwrap.indent(textwrap.dedent(CHOICES[how]), "    ")
    p = project(
        "import os\n"
        "from arctic_codegen import CallbackMixin\n"
        'kind = os.environ.get("KIND", "a")\n'
        'def first(self): print("a")\n'
        f"def make():\n{body}\n"
        "class T(CallbackMixin):\n"
        '    callbacks = [("pre-step", make())]\n'
        '    def step(self): print("step")\n'
    ).built()
    assert p.python("from generated.app.main import T; T().step()").split() == ["a", "step"]


def test_R10_a_static_method_in_the_list_of_its_own_class(project):
    """There the name refers to the decorator's object, not to the function."""
    p = project(
        """
from functools import partial
from arctic_codegen import CallbackMixin, every
class T(CallbackMixin):
    @staticmethod
    @every(2)
    def log(t): print("log")
    @staticmethod
    def add(t, loss, n): return loss + n
    callbacks = [("post-step", log), ("post-loss", partial(add, n=3)), ("pre-step", every(2, log))]
    def step(self): print("step")
    def loss(self): return 1
class U(T):
    callbacks = [("post-step", T.log), ("post-loss", partial(T.add, n=4))]
U.callbacks.append(("post-loss", staticmethod(lambda t, x: x * 2)))
"""
    ).built()
    out = p.python(
        """
from generated.app.main import U
u = U()
u.step(), u.step(), u.step(), u.step(), print(u.loss(), len(U.callbacks))
"""
    )
    assert out.split() == ["step", "step", "log", "step", "log", "step", "log", "16", "5"]


def test_R10_a_lambda_that_a_lambda_makes(project):
    """Its qualified name has the class or function of the outer one."""
    p = project(
        """
from arctic_codegen import CallbackMixin
def outer(): return (lambda text: lambda self: print(text))("outer")
class T(CallbackMixin):
    make = lambda text: lambda self: print(text)
    callbacks = [("post-step", make("own")), ("post-step", outer())]
    def step(self): ...
class U(T):
    callbacks = [("post-step", (lambda: lambda self: print("at once"))())]
"""
    ).built()
    out = p.python("from generated.app.main import U; U().step()")
    assert out.splitlines() == ["own", "outer", "at once"]
