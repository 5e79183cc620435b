"""0xx: reading files, and the configuration."""

from __future__ import annotations

from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.diagnostics.table.entry import Code

_TRAINER = """
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self) -> None:
        print("step")
"""

READING = (
    Code(
        "AC001",
        "syntax-error",
        "A source file is not valid Python.",
        "Nothing can be said about the classes in a file that Python itself cannot read, and "
        "compiling the rest would leave them without their callbacks.",
        "from arctic_codegen import CallbackMixin\n\n\nclass Trainer(CallbackMixin:\n    pass\n",
        _TRAINER,
    ),
    Code(
        "AC002",
        "unreadable-file",
        "A source file cannot be opened.",
        "The file is among the sources, or a class in them needs it, but the operating system "
        "refuses to give its contents.",
        "$ chmod 000 trainers.py\n",
        "$ chmod 644 trainers.py\n",
        runnable=False,
    ),
    Code(
        "AC003",
        "undecodable-file",
        "The bytes of a source file do not fit its encoding.",
        "Python decodes a file by its byte order mark, by a coding comment in its first two "
        "lines, or else as UTF-8. It would refuse to import this file.",
        "# coding: ascii\n" + _TRAINER.lstrip("\n").replace('step")', 'étape")'),
        "# coding: utf-8\n" + _TRAINER.lstrip("\n").replace('step")', 'étape")'),
    ),
    Code(
        "AC010",
        "bad-configuration",
        "The configuration has an unknown key, a value of the wrong type, or is no valid TOML.",
        "A misspelt key would be ignored in silence, and the build would not do what its "
        "configuration seems to say.",
        f"{_TRAINER}\n# file: pyproject.toml\n[tool.arctic-codegen]\n"
        'sources = ["trainers.py"]\noutputs = "compiled"\n',
        f"{_TRAINER}\n# file: pyproject.toml\n[tool.arctic-codegen]\n"
        'sources = ["trainers.py"]\noutput = "compiled"\n',
    ),
    Code(
        "AC011",
        "source-not-found",
        "An entry of `sources` names nothing that exists.",
        "It is neither a file, a folder, nor a module that can be found, so the classes that "
        "it was meant to name would be left out.",
        f'{_TRAINER}\n# file: pyproject.toml\n[tool.arctic-codegen]\nsources = ["trainer.py"]\n',
        f'{_TRAINER}\n# file: pyproject.toml\n[tool.arctic-codegen]\nsources = ["trainers.py"]\n',
    ),
    Code(
        "AC012",
        "outside-import-roots",
        "A source file stands under no import root, or has a name that cannot be imported.",
        "A compiled module imports its source module. A file that no root leads to has no "
        "module name to import it by.",
        f"# file: code/trainers.py\n{_TRAINER}\n# file: lib/other.py\n\n"
        "# file: pyproject.toml\n[tool.arctic-codegen]\n"
        'sources = ["code/trainers.py"]\nsrc = ["lib"]\n',
        f"# file: code/trainers.py\n{_TRAINER}\n# file: lib/other.py\n\n"
        "# file: pyproject.toml\n[tool.arctic-codegen]\n"
        'sources = ["code/trainers.py"]\nsrc = ["lib", "code"]\n',
    ),
    Code(
        "AC013",
        "unused-ignore",
        "An ignore comment silences nothing.",
        "The mistake that it was written for is gone, or stands on another line. Left in "
        "place, the comment would hide the next one.",
        f"{_TRAINER}\n    def post_step_callback(self) -> None:  "
        "# arctic-codegen: ignore[AC401]\n"
        '        print("after the step")\n',
        f'{_TRAINER}\n    def post_step_callback(self) -> None:\n        print("after the step")\n',
        Severity.WARNING,
    ),
    Code(
        "AC014",
        "module-name-clash",
        "Two source files have the same module name.",
        "Only one of them can be imported under that name: which one depends on the order of "
        "the search path.",
        f"# file: one/trainers.py\n{_TRAINER}\n# file: two/trainers.py\n{_TRAINER}\n"
        "# file: pyproject.toml\n[tool.arctic-codegen]\n"
        'sources = ["one", "two"]\nsrc = ["one", "two"]\n',
        f"# file: one/trainers.py\n{_TRAINER}\n# file: two/evaluators.py\n{_TRAINER}\n"
        "# file: pyproject.toml\n[tool.arctic-codegen]\n"
        'sources = ["one", "two"]\nsrc = ["one", "two"]\n',
    ),
    Code(
        "AC015",
        "untested-version",
        "The installed arctic-training has a version that arctic-codegen is not tested with.",
        "Compiled classes take over what ArcticTraining's own runtime does. What they rely on is "
        "the same in this version, or AC016 would say so, but nobody has tried it.",
        "$ pip install 'arctic-training>=0.9'\n$ arctic-codegen build\n",
        "$ pip install 'arctic-training<0.9'\n$ arctic-codegen build\n",
        Severity.WARNING,
        runnable=False,
    ),
    Code(
        "AC016",
        "other-machinery",
        "The installed arctic-training runs callbacks otherwise than the versions that "
        "arctic-codegen knows.",
        "A compiled class silences ArcticTraining's own callback machinery and takes its source's "
        "place in the registry. If these work in another way, callbacks could run twice, or not "
        "at all. Comments, annotations and lines for the log may differ.",
        "$ pip install 'arctic-training>=1'\n$ arctic-codegen build\n",
        "$ pip install 'arctic-training<0.9'\n$ arctic-codegen build\n",
        runnable=False,
    ),
    Code(
        "AC017",
        "bad-recipe",
        "A recipe cannot be read, or ArcticTraining would refuse it.",
        "It is no valid YAML, no mapping of settings, has a key twice, or its `type` or `code` is "
        "no text. Nothing can be started with it.",
        "# file: recipe.yaml\ntype: sft\ncode: train.py\ncode: other.py\n",
        "# file: recipe.yaml\ntype: sft\ncode: train.py\n",
        runnable=False,
    ),
    Code(
        "AC018",
        "recipe-code-not-found",
        "A recipe's `code` names no file.",
        "ArcticTraining loads that file to learn of a project's classes. It looks for a relative "
        "path in the folder of the recipe, not in the working folder.",
        "# file: configs/recipe.yaml\ntype: my-trainer\ncode: train.py\n# file: train.py\n",
        "# file: configs/recipe.yaml\ntype: my-trainer\ncode: ../train.py\n# file: train.py\n",
        runnable=False,
    ),
    Code(
        "AC019",
        "recipe-not-compiled",
        "The trainer or the code of a recipe is not compiled.",
        "Its file is not among the `sources`, or no trainer has the name that the recipe's `type` "
        "says. A training run with compiled classes beside uncompiled ones is none that anybody "
        "asked for.",
        '# file: pyproject.toml\n[tool.arctic-codegen]\nsources = ["my_data.py"]\n'
        "# file: recipe.yaml\ntype: sft\n",
        '# file: pyproject.toml\n[tool.arctic-codegen]\nsources = ["my_data.py", '
        '"arctic_training"]\n# file: recipe.yaml\ntype: sft\n',
        runnable=False,
    ),
    Code(
        "AC020",
        "too-deep",
        "Classes, names or values build on each other too deeply to be followed.",
        "Ten thousand classes, each derived from the one before, are no program that a person "
        "wrote. Python itself could hardly import it.",
        "class T1(T0): ...\nclass T2(T1): ...\n# and so on, tens of thousands of times\n",
        "class T1(T0): ...\nclass T2(T0): ...\n",
        runnable=False,
    ),
    Code(
        "AC021",
        "framework-not-found",
        "Sources import a package with a callback mixin, and it cannot be found.",
        "Without the mixin none of their classes has callbacks, so a build would remove their "
        "compiled classes. This happens where arctic-codegen runs in an environment of its own "
        "(pipx, uvx, pre-commit): `python` in the configuration names the interpreter whose "
        "packages are to be searched. An import that `except ImportError` replaces is no error.",
        "$ pipx run arctic-codegen build\n",
        '# file: pyproject.toml\n[tool.arctic-codegen]\nsources = ["my_project"]\n'
        'python = ".venv/bin/python"\n',
        runnable=False,
    ),
    Code(
        "AC022",
        "mixin-lost",
        "A class has a compiled class in the output, and no callback mixin among its bases now.",
        "Its compiled class would be removed. That is right if the mixin was taken away on "
        "purpose, and wrong if a base or a package is only missing at the moment. A file of the "
        "output that a person deletes is not missed. Classes that are deleted, renamed or moved "
        "are removed from the output without a question.",
        "class MyTrainer:  # it was MyTrainer(Trainer) when the output was built\n    pass\n",
        "$ rm generated/my_project/trainers.py\n$ arctic-codegen build\n",
        runnable=False,
    ),
)
