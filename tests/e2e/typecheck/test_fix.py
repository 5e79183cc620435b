"""``check --fix`` and ``--add-ignores``: the right edits, and no others."""

from __future__ import annotations

import codecs
import difflib
import os
import re
import sys

import pytest

from arctic_codegen.build.driver import build
from arctic_codegen.commands.check import check
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.discover.trees import DiskTree, MemoryTree
from arctic_codegen.editing.fixes import fixed
from arctic_codegen.model.settings import Settings
from tests.e2e.typecheck.conftest import CONFIG

HEAD = """from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self, batch: int, scale: float = 1.0) -> None: ...

    def loss(self) -> float:
        return 1.0

"""

FIXED: dict[str, tuple[str, str]] = {
    # Broken code, and its fix.
    "event": (
        "    callbacks = [(\"post-stpe\", lambda self: None), ('post-lss', lambda self, v: v)]\n",
        "    callbacks = [(\"post-step\", lambda self: None), ('post-loss', lambda self, v: v)]\n",
    ),
    "event_of_a_method": (
        "    def post_lost_callback(self, value: float) -> float:  # post_lost_callback\n"
        "        return value\n",
        "    def post_loss_callback(self, value: float) -> float:  # post_lost_callback\n"
        "        return value\n",
    ),
    "event_of_a_method_and_of_the_one_below": (
        "    def post_liss_callback(self, value: float) -> float:\n"
        "        return value\n\n\n"
        "class Child(Trainer):\n"
        "    def post_liss_callback(self, value: float) -> float:\n"
        "        return value + 1\n",
        "    def post_loss_callback(self, value: float) -> float:\n"
        "        return value\n\n\n"
        "class Child(Trainer):\n"
        "    def post_loss_callback(self, value: float) -> float:\n"
        "        return value + 1\n",
    ),
    "parameter": (
        "    def pre_step_callback(self, bacth: int) -> int:\n"
        "        print('bacth', bacth)\n"
        "        return bacth + 1  # bacth\n",
        "    def pre_step_callback(self, batch: int) -> int:\n"
        "        print('bacth', batch)\n"
        "        return batch + 1  # bacth\n",
    ),
    "parameter_of_a_lambda": (
        '    callbacks = [("pre-step", lambda self, bach: bach + sum(bach for _ in "x"))]\n',
        '    callbacks = [("pre-step", lambda self, batch: batch + sum(batch for _ in "x"))]\n',
    ),
    "return_at_the_end": (
        "    def pre_step_callback(self, batch: int) -> int:\n"
        '        """Doc."""\n'
        "        if batch:\n"
        "            return 3\n"
        "        print(batch)  # é\n",
        "    def pre_step_callback(self, batch: int) -> int:\n"
        '        """Doc."""\n'
        "        if batch:\n"
        "            return 3\n"
        "        print(batch)  # é\n"
        "        return batch\n",
    ),
    "return_without_a_value": (
        "    def pre_step_callback(self, batch: int, scale: float) -> tuple[int, float]:\n"
        "        if batch:\n"
        "            return  # early\n"
        "        def inner() -> None:\n"
        "            return\n"
        "        inner()\n"
        "        return batch, scale\n",
        "    def pre_step_callback(self, batch: int, scale: float) -> tuple[int, float]:\n"
        "        if batch:\n"
        "            return batch, scale  # early\n"
        "        def inner() -> None:\n"
        "            return\n"
        "        inner()\n"
        "        return batch, scale\n",
    ),
    "return_in_one_line": (
        "    def post_loss_callback(self, value: float) -> float: print(value)\n",
        "    def post_loss_callback(self, value: float) -> float: print(value); return value\n",
    ),
    "return_after_a_block": (
        "    async def unused(self) -> None: ...\n\n"
        "    def post_loss_callback(self, value: float) -> float:\n"
        "    \tfor _ in range(3):\n"
        "    \t\tprint(value)\n",
        "    async def unused(self) -> None: ...\n\n"
        "    def post_loss_callback(self, value: float) -> float:\n"
        "    \tfor _ in range(3):\n"
        "    \t\tprint(value)\n"
        "    \treturn value\n",
    ),
    "order": (
        "    def pre_step_callback(self, batch: int, scale: float) -> tuple[int, float]:\n"
        "        return ( scale ,  # é\n"
        "            batch )\n",
        "    def pre_step_callback(self, batch: int, scale: float) -> tuple[int, float]:\n"
        "        return ( batch ,  # é\n"
        "            scale )\n",
    ),
    "unused_ignores": (
        "    # arctic-codegen: ignore\n"
        "    x = 1  # noqa  # arctic-codegen: ignore[AC201]  # more\n"
        "    y = 2  # arctic-codegen: ignore[AC501]\n"
        "    def post_init_callback(self, value: int) -> None: ...  "
        "# arctic-codegen: ignore[AC405, AC401]\n",
        "    x = 1  # noqa  # more\n"
        "    y = 2\n"
        "    def post_init_callback(self, value: int) -> None: ...  "
        "# arctic-codegen: ignore[AC405]\n",
    ),
    "several_rounds": (
        "    def pre_stpe_callback(self, bach: int, scale: float) -> tuple[int, float]:\n"
        "        return scale, bach\n",
        "    def pre_step_callback(self, batch: int, scale: float) -> tuple[int, float]:\n"
        "        return batch, scale\n",
    ),
}

LEFT: dict[str, str] = {
    # Code without a single right fix.
    "two_events": (
        '    def losss(self) -> None: ...\n\n    callbacks = [("post-lossx", lambda self: None)]\n'
    ),
    "far_event": '    callbacks = [("post-training", lambda self: None)]\n',
    "event_by_name": '    EVENT = "post-stpe"\n    callbacks = [(EVENT, lambda self: None)]\n',
    "name_in_use": (
        "    def pre_step_callback(self, bach: int) -> int:\n"
        "        batch = bach\n"
        "        return batch\n"
    ),
    "name_bound_inside": (
        "    def pre_step_callback(self, bach: int) -> int:\n"
        "        return (lambda bach: bach)(bach)\n"
    ),
    "right_elsewhere": (
        "\ndef log(self: object, bach: int) -> int:\n"
        "    return bach\n\n\n"
        "class Other(CallbackMixin):\n"
        "    def work(self, bach: int) -> None: ...\n\n\n"
        'Trainer.callbacks.append(("pre-step", log))\n'
        'Other.callbacks.append(("pre-work", log))\n'
    ),
    "used_by_its_name": (
        "    def pre_setp_callback(self, batch: int) -> int:\n"
        "        return batch\n\n"
        "    def again(self) -> int:\n"
        "        return self.pre_setp_callback(1)\n"
    ),
    "used_by_the_one_below": (
        "    def post_steps_callback(self) -> None: ...\n\n\n"
        "class Child(Trainer):\n"
        "    def post_steps_callback(self) -> None:\n"
        "        super().post_steps_callback()\n"
    ),
    "used_elsewhere": (
        "    def pre_stepp_callback(self, batch: int) -> int:\n        return batch\n"
    ),
    "uses": "\n\nassert hasattr(Trainer, 'pre_stepp_callback')\nTrainer.post_stepp(batchh=3)\n",
    "taken": (
        "    def pre_ztep_callback(self, batch: int) -> int:\n"
        "        return batch\n\n"
        "    def pre_step_callback(self, batch: int) -> int:\n"
        "        return batch\n"
    ),
    "keyword_elsewhere": (
        "    def pre_step_callback(self, batchh: int) -> int:\n        return batchh\n"
    ),
    "deleted": (
        "    def pre_step_callback(self, batch: int) -> int:\n"
        "        print(batch)\n"
        "        del batch\n"
    ),
    "result_that_nothing_reads": (
        "    def pre_step_callback(self, batch: int) -> int:\n"
        "        larger = batch + 1  # it may have been meant\n"
    ),
    "bound_by_a_loop": (
        "    def pre_step_callback(self, batch: int) -> int:\n"
        "        for batch in range(batch):\n"
        "            print(batch)\n"
    ),
    "explicit_none": (
        "    def pre_step_callback(self, batch: int) -> int | None:\n"
        "        if batch:\n"
        "            return None\n"
        "        return batch\n"
    ),
}


def test_what_has_one_right_answer_is_mended(project):
    files = {f"app/{name}.py": HEAD + wrong for name, (wrong, _) in FIXED.items()}
    p = project(files)
    shown = p.cli("check", "--fix", "--diff")
    assert shown.code == 1
    assert all(p.root.joinpath(name).read_text() == text for name, text in files.items())
    assert shown.stdout.count("--- a/app/") == len(FIXED)
    assert p.build().code == 1
    ran = p.cli("check", "--fix", "--format", "concise")
    for name, (_, right) in FIXED.items():
        assert p.root.joinpath(f"app/{name}.py").read_text() == HEAD + right, name
    assert f"{len(FIXED)} sources are edited: " in ran.stderr
    assert {found.code for found in ran.findings} == {"AC604"}, ran.stdout
    assert p.build().codes == []
    again = p.cli("check", "--fix", "--diff")
    assert (again.code, again.stdout) == (0, ""), again.stdout


def test_what_has_none_is_left_alone(project):
    files = {
        f"app/{name}.py": (HEAD + text).replace("\n\n\n\n", "\n\n\n") for name, text in LEFT.items()
    }
    p = project(files)
    before = p.build()
    ran = p.cli("check", "--fix", "--format", "concise")
    assert {name: p.root.joinpath(name).read_text() for name in files} == files
    assert ran.findings == before.findings
    assert {path for path, _, _ in ran.codes} == set(files) - {"app/uses.py"}
    shown = p.cli("check", "--fix", "--diff")
    assert (shown.code, shown.stdout) == (0, "")
    assert shown.stderr.startswith("Nothing to edit; found ")


BROKEN = (
    "from arctic_codegen import CallbackMixin\n"
    'NAME = "é"; X = 1\n'
    "class Trainer(CallbackMixin):\n"
    "    def step(self, batch: int) -> None: ...\n"
    '    """é"""; callbacks = [("post-stpe", lambda self: None)]\n'
    "    def pre_step_callback(self, bach: int) -> int:\n"
    "        'é'; print(bach)"
)
MENDED = BROKEN.replace("stpe", "step").replace("bach", "batch") + "\n        return batch"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_bytes_around_an_edit_stay(newline, encoding):
    cookie = "# -*- coding: latin-1 -*-\f\n" if encoding == "latin-1" else "\f\n"

    def data(text: str) -> bytes:
        bom = codecs.BOM_UTF8 if encoding == "utf-8-sig" else b""
        plain = encoding.removesuffix("-sig")
        return bom + (cookie + text).replace("\n", newline).encode(plain)

    path = os.path.join(os.sep, "nowhere", "main.py")
    settings = Settings(
        root=os.path.dirname(path),
        sources=("main",),
        output=os.path.join(os.sep, "nowhere", "generated"),
        src=(os.path.dirname(path),),
        python_version=sys.version_info[:2],
        platform=sys.platform,
    )
    found = data(BROKEN)
    for _ in range(3):
        tree = MemoryTree({path: found}, DiskTree())
        more = fixed(build(settings, tree=tree, write=False).findings, tree.read)
        found = more.files.get(path, found)
    assert found == data(MENDED)


def test_links_and_permissions_stay(project):
    p = project({"app/main.py": HEAD + FIXED["event"][0]})
    path = p.root / "app" / "main.py"
    real = p.root / "real.txt"
    path.rename(real)
    path.symlink_to(real)
    real.chmod(0o750)
    p.cli("check", "--fix")
    assert path.is_symlink()
    assert real.read_text() == HEAD + FIXED["event"][1]
    assert real.stat().st_mode & 0o777 == 0o750


IGNORED = '''from arctic_codegen import CallbackMixin

X: int = "x"  # a comment
Y: str = \\
    3
Z: int = """
text"""


class Trainer(CallbackMixin):
    callbacks = [
        ("post-stpe", lambda self: None),
        ("pre-loss", lambda self: None),  # arctic-codegen: ignore[AC401]@@
    ]

    def step(self, batch: int) -> None: ...

    def pre_step_callback(self, batch: int) -> str:
        return "x"

    def post_step_callback(self):
        print("x")
'''.replace("@@", "  ")


def test_add_ignores_silences_what_there_is(project):
    """Errors hide type errors at first; a second run suppresses those as well."""
    p = project({"app/main.py": IGNORED}, CONFIG.replace("strict = true", ""))
    shown = p.cli("check", "--add-ignores", "--diff")
    assert shown.code == 1
    assert shown.stdout.count("\n+  ") == 2
    assert "2 findings silenced" in shown.stderr
    assert p.root.joinpath("app/main.py").read_text() == IGNORED
    first = p.cli("check", "--add-ignores", "--sources", "--format", "concise")
    assert [found.code for found in first.findings if found.path == "app/main.py"] == [
        "AC502",
        "AC502",
        "AC502",
        "AC013",
        "AC501",
    ]
    second = p.cli("check", "--add-ignores", "--sources", "--strict", "--format", "concise")
    text = p.root.joinpath("app/main.py").read_text()
    assert text == IGNORED.replace(
        "# a comment", "# a comment  # arctic-codegen: ignore[AC502]"
    ).replace("    3\n", "    3  # arctic-codegen: ignore[AC502]\n").replace(
        'text"""', 'text"""  # arctic-codegen: ignore[AC502]'
    ).replace(
        "lambda self: None),\n", "lambda self: None),  # arctic-codegen: ignore[AC201]\n"
    ).replace("[AC401]", "[AC401, AC201]").replace(
        "-> str:", "-> str:  # arctic-codegen: ignore[AC501]"
    ).replace("callback(self):", "callback(self):  # arctic-codegen: ignore[AC413]")
    assert {found.code for found in second.findings} == {"AC604", "AC013"}
    assert p.build().code == 0


def test_a_comment_stays_while_an_error_hides_what_it_silences(project):
    """Ranks are not checked in a class whose event does not exist."""
    source = """
        from torch import distributed
        from arctic_codegen import CallbackMixin, rank_zero
        def wait(trainer: "T") -> None:
            distributed.barrier()  # arctic-codegen: ignore[AC702]
        class T(CallbackMixin):
            callbacks = [("post-step", rank_zero(wait))]
            def step(self) -> None: ...
    """
    p = project({"app/main.py": source.replace("post-step", "post-nothing")}, CONFIG)
    before = p.root.joinpath("app/main.py").read_bytes()
    ran = p.cli("check", "--fix", "--format", "concise")
    assert ran.codes == [("app/main.py", 6, "AC201")]
    assert p.root.joinpath("app/main.py").read_bytes() == before
    p.write({"app/main.py": source})
    assert p.build("--strict").codes == []


def test_add_ignores_leaves_the_configuration_alone(project):
    """A comment there suppresses nothing."""
    config = '[tool.arctic-codegen]\nsources = ["app", "nowhere"]\n'
    p = project({"app/main.py": HEAD}, config)
    ran = p.cli("check", "--add-ignores")
    assert (ran.code, "AC011" in ran.stdout) == (1, True)
    assert p.root.joinpath("pyproject.toml").read_text() == config


def test_nothing_is_edited_where_the_checker_is_missing(project, monkeypatch):
    broken, _ = FIXED["event"]
    p = project({"m.py": HEAD + broken}, CONFIG)
    monkeypatch.setattr("arctic_codegen.typecheck.starting.find_spec", lambda name: None)
    with pytest.raises(WrongUse, match="mypy is not installed"):
        check(working_folder=p.root, fix=True)
    assert (p.root / "m.py").read_text() == HEAD + broken


ONE_MISTAKE = """\
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    callbacks = [("post-stpe", lambda self: None)]

    def step(self) -> None: ...
"""


def test_only_files_in_the_given_paths_are_edited(project):
    p = project({"app/one.py": ONE_MISTAKE, "app/two.py": ONE_MISTAKE})
    for option in ("--fix", "--add-ignores"):
        shown = p.cli("check", option, "--diff", "app/one.py")
        assert re.findall(r"^\+\+\+ (.*)", shown.stdout, re.MULTILINE) == ["b/app/one.py"]
    p.cli("check", "--fix", "app.two")
    assert (p.root / "app/one.py").read_text() == ONE_MISTAKE
    assert '"post-step"' in (p.root / "app/two.py").read_text()


def test_diff_needs_something_to_show(project):
    p = project({"app/main.py": HEAD})
    ran = p.cli("check", "--diff")
    assert ran.code == 2
    assert "--diff needs --fix or --add-ignores (one of them)" in ran.stderr


UNNEEDED = {
    "app/types_only.py": HEAD
    + "    x: int = 3  # arctic-codegen: ignore[AC502]\n"
    + '    y: int = "x"  # arctic-codegen: ignore[AC502, AC501]\n'
    + "    z = 3  # arctic-codegen: ignore\n",
    "app/both.py": "# -*- coding: latin-1 -*-\n"
    + HEAD
    + '    é: int = "é"  # arctic-codegen: ignore[AC502]\n'
    + "    def post_lsos_callback(self, value: float) -> float:\n"
    + "        return value  # arctic-codegen: ignore[AC502]\n",
}
NEEDED = {
    name: text.replace("x: int = 3  # arctic-codegen: ignore[AC502]", "x: int = 3")
    .replace("[AC502, AC501]", "[AC502]")
    .replace("z = 3  # arctic-codegen: ignore", "z = 3")
    .replace("lsos", "loss")
    .replace("return value  # arctic-codegen: ignore[AC502]", "return value")
    for name, text in UNNEEDED.items()
}


def changed_lines(diff: str) -> list[str]:
    return [line for line in diff.splitlines() if re.match(r"[+-](?![+-]{2} )", line)]


def write_unneeded(p) -> None:
    for name, text in UNNEEDED.items():
        encoding = "latin-1" if text.startswith("# -*-") else "utf-8"
        (p.root / name).write_bytes(text.encode(encoding))


@pytest.mark.parametrize("checker", ["mypy", pytest.param("pyright", marks=pytest.mark.long)])
def test_what_is_shown_is_what_is_done(project, checker):
    """Comments about type errors are judged by the types after all other edits."""
    p = project({})
    write_unneeded(p)
    shown = p.cli("check", "--fix", "--diff", "--checker", checker)
    assert shown.code == 1
    expected = [
        line
        for name in sorted(UNNEEDED)
        for line in difflib.ndiff(UNNEEDED[name].splitlines(), NEEDED[name].splitlines())
        if line[0] in "+-"
    ]
    # What comments about type errors suppress is known only after all other edits.
    assert set(changed_lines(shown.stdout)) < {line[0] + line[2:] for line in expected}
    assert "; types are checked when these edits are made\n" in shown.stderr
    done = p.cli("check", "--fix", "--checker", checker, "--format", "concise")
    assert {found.code for found in done.findings} == {"AC604"}, done.stdout
    for name, text in NEEDED.items():
        encoding = "latin-1" if text.startswith("# -*-") else "utf-8"
        assert (p.root / name).read_bytes() == text.encode(encoding)
    # If there is nothing else to fix, each checker sees the current code.
    text = NEEDED["app/types_only.py"].replace("x: int = 3", "x: int = 3  # arctic-codegen: ignore")
    (p.root / "app/types_only.py").write_text(text)
    shown = p.cli("check", "--fix", "--diff", "--checker", checker)
    assert changed_lines(shown.stdout) == [
        "-    x: int = 3  # arctic-codegen: ignore",
        "+    x: int = 3",
    ]
    assert (p.root / "app/types_only.py").read_text() == text
