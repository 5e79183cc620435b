"""Hard inputs lead to output or a finding, in limited time and memory.

The limits are several times what the cases take on a slow machine, and far below what they took, or
would take, without the defences.
"""

from __future__ import annotations

import os

import pytest

from arctic_codegen.build.driver import build
from arctic_codegen.config import load
from arctic_codegen.discover.trees import DiskTree
from tests.robustness.reliability.record import measured

HEAD = "from arctic_codegen import CallbackMixin\n"
ARCTIC = "from arctic_training.callback.mixin import CallbackMixin\n"
STEP = "    def step(self) -> None: ...\n"
POST = "    def post_step_callback(self) -> None: ...\n"
LOG = "    callbacks = [('post-step', lambda self: None)]\n"
TRAINER = f"{HEAD}class T(CallbackMixin):\n{STEP}{POST}"


CODES = ",".join(f"X{number}" for number in range(20_000))


def chain(count: int) -> str:
    return TRAINER.replace("T(", "T0(") + "".join(
        f"class T{number}(T{number - 1}): ...\n" for number in range(1, count)
    )


def chain_of_modules(count: int) -> dict[str, str]:
    made = {"app/m0.py": TRAINER}
    for number in range(1, count):
        base = f"from app.m{number - 1} import T as B\n"
        made[f"app/m{number}.py"] = f"{base}class T(B):\n    pass\n"
    return made


def stars(count: int) -> dict[str, str]:
    """Modules that import everything from all others."""
    made = {
        f"app/m{number}.py": "".join(
            f"from app.m{other} import *\n" for other in range(count) if other != number
        )
        for number in range(count)
    }
    made["app/m0.py"] += HEAD
    made["app/main.py"] = f"from app.m1 import *\n{TRAINER}"
    return made


def listed(value: str, before: str = "") -> dict[str, str | bytes]:
    """A class with this list of callbacks, after these statements."""
    return {
        "app/main.py": f"{HEAD}def log(self) -> None: ...\n{before}"
        f"class T(CallbackMixin):\n{STEP}    callbacks = {value}\n"
    }


def outside(statements: str) -> dict[str, str | bytes]:
    """A class with a list, and statements about it."""
    return {"app/main.py": f"{listed('[]')['app/main.py']!s}{statements}"}


def numbers(count: int) -> str:
    return f"N = {list(range(count))}\n"


def doubled(first: str, line: str, count: int) -> str:
    return first + "".join(
        line.format(number=number, before=number - 1) for number in range(1, count)
    )


# Each: the files, the expected codes (none if it is compiled), seconds of processor time,
# megabytes.
CASES: dict[str, tuple[dict[str, str | bytes], set[str], float, float]] = {
    "ten_thousand_lines": (
        {"app/main.py": TRAINER + "def f(a, b=1):\n    return a + b\n\nx = f(1)\n" * 2500},
        set(), 15, 500,
    ),
    "five_thousand_callbacks": (
        {
            "app/main.py": f"{HEAD}def log(self) -> None: ...\nclass T(CallbackMixin):\n{STEP}"
            "    callbacks = [\n" + "        ('post-step', log),\n" * 5000 + "    ]\n"
        },
        {"AC218"}, 15, 500,
    ),
    "levels_of_inheritance": ({"app/main.py": chain(300)}, set(), 30, 500),
    "a_chain_of_names": (
        {
            "app/main.py": doubled(
                f"{HEAD}B0 = CallbackMixin\n", "B{number} = B{before}\n", 3000
            ) + f"class T(B2999):\n{STEP}{POST}"
        },
        set(), 15, 500,
    ),
    "a_cycle_of_names": (
        {
            **{f"app/m{n}.py": f"from app.m{(n + 1) % 300} import T\n" for n in range(300)},
            "app/main.py": f"from app.m0 import T\nclass U(T):\n{LOG}",
        },
        {"AC102"}, 15, 500,
    ),
    "cycles_of_star_imports": (stars(4), set(), 15, 500),
    "many_cycles_of_star_imports": (stars(40), set(), 30, 500),
    "brackets": (
        {"app/main.py": f"{HEAD}x = {'(' * 100_000}{')' * 100_000}\n"}, {"AC001"}, 15, 500,
    ),
    "nested_attributes": ({"app/main.py": f"{HEAD}x = a{'.b' * 50_000}\n"}, {"AC001"}, 15, 500),
    "nested_negations": ({"app/main.py": f"{HEAD}x = {'not ' * 50_000}1\n"}, {"AC001"}, 15, 500),
    "sums": ({"app/main.py": f"{HEAD}x = {'[] + ' * 50_000}[]\n"}, {"AC001"}, 15, 500),
    "a_million_characters": (
        {"app/main.py": TRAINER.replace("post_step", "post_stpe") + f"x = '{'a' * 1_000_000}'\n"},
        {"AC201"}, 15, 500,
    ),
    "an_event_of_a_million_characters": (
        listed(f"[('post-{'s' * 10**6}', lambda self: None)]"),
        {"AC201"}, 15, 500,
    ),
    "a_comprehension_of_a_billion_items": (
        listed("[('post-step', lambda self: None) for _ in range(10**9)]"),
        {"AC205"}, 15, 500,
    ),
    "three_loops_of_ten_thousand": (
        listed(
            "[('post-step', lambda self: None) "
            "for a in range(10**4) for b in range(10**4) for c in range(10**4)]"
        ),
        {"AC205"}, 15, 500,
    ),
    "powers_and_products": (
        {
            "app/main.py": f"{HEAD}class T(CallbackMixin):\n{STEP}"
            "    callbacks = [('post-step', lambda self: None)] * 10 ** 10 ** 10\n"
            f"class U(CallbackMixin):\n{STEP}"
            "    callbacks = [('a' * 10 ** 10, lambda self: None)]\n"
            f"class V(CallbackMixin):\n{STEP}"
            "    callbacks = [('%1000000000s' % 'a', lambda self: None)]\n"
            f"class W(CallbackMixin):\n{STEP}"
            "    callbacks = [('post-step', lambda self: None)] * (1 << 10 ** 10)\n"
        },
        {"AC205", "AC206"}, 15, 500,
    ),
    "types_that_double": (
        {
            "app/main.py": doubled(
                f"{HEAD}from typing import Generic, TypeVar\nP = TypeVar('P')\n"
                "class G0(CallbackMixin, Generic[P]):\n    def step(self, x: P) -> P: ...\n"
                "    def pre_step_callback(self, x: P) -> P: return x\n",
                "class G{number}(G{before}[tuple[P, P]], Generic[P]): ...\n",
                40,
            )
        },
        set(), 15, 500,
    ),
    "a_comment_with_many_codes": (
        {"app/main.py": TRAINER.replace("Mixin):", f"Mixin):  # arctic-codegen: ignore[{CODES}]")},
        {"AC013"}, 15, 500,
    ),
    "an_unterminated_string": (
        {"app/main.py": f"{HEAD}x = '''" + "\\'" * 300_000}, {"AC001"}, 15, 500,
    ),
    "null_bytes": ({"app/main.py": f"{HEAD}x = '\0'\n"}, {"AC001"}, 15, 500),
    "encodings": (
        {
            "app/main.py": b"# coding: utf-8\n" + HEAD.encode() + b"x = '\xff'\n",
            "app/wide.py": HEAD.encode("utf-16"),
            "app/zipped.py": b"# coding: zlib\n",
            "app/unknown.py": b"# coding: nope\n",
            "app/names.py": b"# coding: idna\nx = '" + b"a" * 1_000_000 + b"'\n",
        },
        {"AC003"}, 15, 500,
    ),
    "letters_that_are_normalized": (
        {
            "app/\ufb01le.py": TRAINER,
            "app/main.py": TRAINER.replace("T(", "\uff34(").replace("step", "\uff53tep"),
        },
        {"AC012"}, 15, 500,
    ),
}  # fmt: skip
LONG: dict[str, tuple[dict[str, str | bytes], set[str], float, float]] = {
    "a_chain_of_modules": (chain_of_modules(300), set(), 40, 500),
    "five_thousand_lambdas": (
        {
            "app/main.py": f"{HEAD}class T(CallbackMixin):\n{STEP}    callbacks = [\n"
            + "".join(f"        ('post-step', lambda self: print({n})),\n" for n in range(5000))
            + "    ]\n"
        },
        set(), 60, 1500,
    ),
    "lists_that_double": (
        {
            "app/main.py": doubled(
                f"{HEAD}L0 = [('post-step', lambda self: None)]\n",
                "L{number} = L{before} + L{before}\n",
                40,
            ) + f"class T(CallbackMixin):\n{STEP}    callbacks = L39\n"
        },
        {"AC205"}, 60, 500,
    ),
}  # fmt: skip


MORE: dict[str, tuple[dict[str, str | bytes], set[str], float, float]] = {
    # Lists.
    "a_list_that_adds_itself": (
        outside("T.callbacks = [('post-step', log)]\n" + "T.callbacks += T.callbacks\n" * 40),
        {"AC205"}, 30, 500,
    ),
    "a_named_list_that_adds_itself": (
        listed("L", "L = [('post-step', log)]\n" + "L += L\n" * 40), {"AC205"}, 15, 300,
    ),
    "statements_that_append": (
        outside("T.callbacks.append(('post-step', log))\n" * 5000), {"AC218"}, 20, 500,
    ),
    "statements_that_read_and_assign": (
        outside("T.callbacks = T.callbacks + [('post-step', log)]\n" * 3000), {"AC205"}, 15, 500,
    ),
    "sums_in_many_classes": (
        {
            "app/main.py": f"{HEAD}E = [('post-step', print)]\n" + "".join(
                f"class T{n}(CallbackMixin):\n{STEP}    callbacks = {' + '.join(['E'] * 200)}\n"
                for n in range(200)
            )
        },
        {"AC205"}, 20, 500,
    ),
    "strings_that_double": (
        listed(
            "[(S39, log)]",
            doubled("S0 = 'post-'\n", "S{number} = S{before} + S{before}\n", 40),
        ),
        {"AC206"}, 15, 300,
    ),
    "a_list_of_thousands": (
        listed(
            "[('post-step', L[i]) for i in N]", numbers(2000) + "L = [" + "log, " * 2000 + "]\n"
        ),
        {"AC218"}, 15, 300,
    ),
    "an_index_in_a_long_list": (
        listed(
            "[(L[i], log) for i in N]",
            numbers(20_000) + "L = [" + "'post-step', " * 20_000 + "]\n",
        ),
        {"AC205"}, 20, 300,
    ),
    "a_function_that_is_long_and_called_often": (
        listed(
            "[('post-step', g(log)) for i in N]",
            numbers(3000) + "def g(x):\n" + "    y = 1\n" * 5000 + "    return x\n",
        ),
        {"AC205"}, 20, 300,
    ),
    "two_hundred_long_comprehensions": (
        {
            "app/main.py": f"{HEAD}{numbers(3000)}M = {list(range(30))}\n" + "".join(
                f"class T{n}(CallbackMixin):\n{STEP}    callbacks = [('post-step', print) "
                f"for a in N for b in M if a * b == 7 * {n}]\n"
                for n in range(200)
            )
        },
        {"AC205"}, 60, 500,
    ),
    "nested_starred_lists": (
        listed("[" + "*[" * 200 + "('post-step', log)" + "]" * 200 + "]"), {"AC001"}, 15, 300,
    ),
    "wrappers_with_counts": (
        listed(
            "[" + "".join(f"('post-step', every({n}, log)), " for n in range(2, 2000)) + "]",
            "from arctic_codegen import every\n",
        ),
        set(), 20, 300,
    ),
    # Classes.
    "a_class_of_many_methods": (
        {
            "app/main.py": f"{HEAD}class T(CallbackMixin):\n" + "".join(
                f"    def m{n}(self) -> None: ...\n    def post_m{n}_callback(self) -> None: ...\n"
                for n in range(2500)
            )
        },
        set(), 20, 500,
    ),
    "misspelled_events": (
        {
            "app/main.py": f"{HEAD}class T(CallbackMixin):\n"
            + "".join(f"    def m{n}(self): ...\n" for n in range(2000))
            + "    callbacks = [\n"
            + "".join(f"        ('post-n{n}', lambda self: None),\n" for n in range(2000))
            + "    ]\n"
        },
        {"AC201"}, 20, 300,
    ),
    "a_chain_of_super_calls": (
        {
            "app/main.py": TRAINER.replace("T(", "T0(") + "".join(
                f"class T{n}(T{n - 1}):\n    def step(self): return super().step()\n"
                "    def post_step_callback(self): super().post_step_callback()\n"
                for n in range(1, 300)
            )
        },
        set(), 40, 300,
    ),
    "a_chain_of_classes_in_the_runtime_order": (
        {
            "app/main.py": TRAINER.replace(HEAD, ARCTIC).replace("T(", "T0(") + "".join(
                f"class T{n}(T{n - 1}):\n{POST}" for n in range(1, 200)
            )
        },
        {"AC305"}, 30, 300,
    ),
    "twenty_thousand_levels": ({"app/main.py": chain(20_000)}, {"AC020"}, 60, 800),
    "a_chain_of_a_thousand_modules": (chain_of_modules(1000), {"AC020"}, 60, 500),
    "a_lattice_of_base_classes": (
        {
            "app/main.py": TRAINER.replace("T(", "D0(") + "".join(
                f"class L{n}(D{n - 1}): ...\nclass R{n}(D{n - 1}): ...\n"
                f"class D{n}(L{n}, R{n}): ...\n"
                for n in range(1, 60)
            )
        },
        set(), 20, 300,
    ),
    "a_class_with_a_thousand_bases": (
        {
            "app/main.py": HEAD
            + "".join(f"class B{n}(CallbackMixin):\n{STEP}{POST}" for n in range(1000))
            + f"class T({', '.join(f'B{n}' for n in range(1000))}): ...\n"
        },
        set(), 20, 300,
    ),
    "decorators_on_one_method": (
        {
            "app/main.py": f"{HEAD}import functools\ndef d(f):\n    @functools.wraps(f)\n"
            "    def w(*a, **k): return f(*a, **k)\n    return w\nclass T(CallbackMixin):\n"
            + "    @d\n" * 5000 + STEP + POST
        },
        set(), 20, 300,
    ),
    "thousands_of_type_parameters": (
        {
            "app/main.py": f"{HEAD}from typing import Generic, TypeVar\n"
            + "".join(f"P{n} = TypeVar('P{n}')\n" for n in range(3000))
            + f"class T(CallbackMixin, Generic[{', '.join(f'P{n}' for n in range(3000))}]):\n"
            f"{STEP}{POST}class U(T[{', '.join(['int'] * 3000)}]): ...\n"
        },
        set(), 20, 500,
    ),
    # Modules.
    "a_cycle_of_a_thousand_imports": (
        {
            **{f"app/m{n}.py": f"from app.m{(n + 1) % 1000} import T\n" for n in range(1000)},
            "app/main.py": f"from app.m0 import T\nclass U(T):\n{LOG}",
        },
        {"AC102"}, 20, 300,
    ),
    "a_chain_of_a_thousand_star_imports": (
        {
            **{f"app/m{n}.py": f"from app.m{n - 1} import *\n" for n in range(1, 1000)},
            "app/m0.py": TRAINER,
            "app/main.py": f"from app.m999 import *\nclass U(T):\n{LOG}",
        },
        set(), 20, 300,
    ),
    # Texts.
    "ten_thousand_nested_functions": (
        {
            "app/main.py": TRAINER + "".join(
                f"def g{n}():\n    def h():\n        return 1\n    return h\n"
                for n in range(10_000)
            )
        },
        set(), 40, 500,
    ),
    "three_thousand_elifs": (
        {
            "app/main.py": f"{HEAD}if x == 0:\n    class T(CallbackMixin): ...\n" + "".join(
                f"elif x == {n}:\n    class T(CallbackMixin): ...\n" for n in range(1, 3000)
            ) + f"class U(T):\n{STEP}{LOG}"
        },
        {"AC104"}, 30, 400,
    ),
    "a_tuple_of_a_hundred_thousand_items": (
        {"app/main.py": f"{TRAINER}X = (\n{'  (1, 2),' * 100_000})\n"}, set(), 90, 800,
    ),
    "twenty_thousand_comments": (
        {"app/main.py": TRAINER + "# arctic-codegen: ignore[AC201]\n" * 20_000},
        {"AC013"}, 40, 300,
    ),
    "nested_f_strings": (
        listed("[(" + "f'{" * 100 + "1" + "}'" * 100 + ", log)]"), {"AC206"}, 15, 300,
    ),
    "a_union_of_five_thousand": (
        {
            "app/main.py": f"{HEAD}class T(CallbackMixin):\n"
            f"    def step(self, x: {' | '.join(['int'] * 5000)}) -> None: ...\n{POST}"
        },
        {"AC001"}, 15, 300,
    ),
    "a_string_of_nine_megabytes": (
        {"app/main.py": f"{TRAINER}x = '{'a' * 9_000_000}'\n"}, set(), 20, 300,
    ),
}  # fmt: skip


def check(hostile, name, files, codes, seconds, megabytes) -> None:
    p = hostile(files)
    ended = p.build(timeout=6 * seconds)
    assert ended.code == (1 if codes and codes.isdisjoint({"AC013", "AC102", "AC218"}) else 0), (
        ended.stdout[:2000] + ended.stderr
    )
    assert {found.code for found in ended.findings} >= codes
    assert bool(ended.findings) == bool(codes), ended.stdout[:2000]
    assert ended.seconds < seconds
    assert ended.megabytes < megabytes
    measured(name, ended.seconds, ended.megabytes, "a finding" if codes else "output")


HEAVY = frozenset(
    {
        "ten_thousand_lines",
        "five_thousand_callbacks",
        "levels_of_inheritance",
        "a_chain_of_names",
        "a_cycle_of_names",
        "cycles_of_star_imports",
        "many_cycles_of_star_imports",
        "types_that_double",
    }
)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.long if name in HEAVY else ()) for name in CASES],
)
def test_a_hard_input_ends(hostile, name):
    check(hostile, name, *CASES[name])


QUICK = frozenset({"statements_that_append", "a_list_of_thousands"})


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.long) for name in MORE],
)
def test_what_grows_by_a_square_ends(hostile, name):
    """Each of these took minutes or never ended before it was nearly linear."""
    check(hostile, name, *MORE[name])


@pytest.mark.long
@pytest.mark.parametrize("command", ["check", "list", "annotate", "explain app.main:T"])
@pytest.mark.parametrize(
    "name", ["a_list_that_adds_itself", "a_class_of_many_methods", "strings_that_double"]
)
def test_other_commands_end(hostile, name, command):
    files, codes, seconds, megabytes = MORE[name]
    p = hostile(files)
    ended = p.cli(*command.split(), timeout=6 * seconds)
    assert ended.code in (0, 1), ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.seconds < seconds * (5 if command == "check" and not codes else 2)
    assert ended.megabytes < 2 * megabytes


@pytest.mark.long
@pytest.mark.parametrize("name", LONG)
def test_a_harder_input_ends(hostile, name):
    check(hostile, name, *LONG[name])


def test_files_that_are_none_are_passed_over(hostile):
    """A FIFO would block, a device would never end, and a folder link is a cycle."""
    p = hostile({"app/main.py": TRAINER})
    os.mkfifo(p.root / "app" / "pipe.py")
    (p.root / "app" / "zero.py").symlink_to("/dev/zero")
    (p.root / "app" / "terminal.py").symlink_to("/dev/stdin")
    (p.root / "app" / "loop").symlink_to(p.root, target_is_directory=True)
    (p.root / "app" / "itself.py").symlink_to("itself.py")
    (p.root / "app" / "gone.py").symlink_to("nowhere.py")
    (p.root / "app" / "folder.py").mkdir()
    ended = p.build(timeout=30)
    assert ended.code == 0, ended.stdout + ended.stderr
    assert ended.megabytes < 500
    # If they are named or imported, they are reported.
    (p.root / "app" / "more.py").write_text("from app.pipe import T\nclass U(T): " + LOG.lstrip())
    for command in (("build", "app/pipe.py"), ("build",), ("check",), ("annotate",)):
        ended = p.cli(*command, "--format", "concise", timeout=60)
        assert ended.code in (0, 1), ended.stderr


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(hostile):
    p = hostile({"app/main.py": TRAINER, "app/other.py": TRAINER})
    (p.root / "app" / "other.py").chmod(0)
    ended = p.build()
    assert [(one.path, one.code) for one in ended.findings] == [("app/other.py", "AC002")]


class Going(DiskTree):
    """A disk on which a file disappears when it is read: it existed when its folder was listed."""

    def __init__(self, error: type[OSError]) -> None:
        self._error = error

    def read(self, path: str) -> bytes:
        if path.endswith("other.py"):
            raise self._error(1, "gone")
        return super().read(path)


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError, IsADirectoryError, OSError])
def test_a_file_that_goes_while_it_is_read_is_told(hostile, error):
    p = hostile({"app/main.py": TRAINER, "app/other.py": TRAINER})
    settings = load(p.root).settings
    built = build(settings, tree=Going(error))
    assert [(one.code, os.path.basename(one.place.path)) for one in built.findings] == [
        ("AC002", "other.py")
    ]
    assert not (p.root / "generated").exists()
