"""6xx: the output folder, and 9xx: the tool itself."""

from __future__ import annotations

from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.diagnostics.table.entry import Code

_TRAINER = """from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self) -> None:
        print("step")

    def post_step_callback(self) -> None:
        print("after the step")
"""

OUTPUT = (
    Code(
        "AC601",
        "foreign-file",
        "A file that arctic-codegen did not write stands where output belongs.",
        "Nothing that the tool did not generate is ever overwritten or deleted. Move the file, "
        "or choose another `output` folder.",
        f'{_TRAINER}\n# file: generated/trainers.py\nprint("written by hand")\n',
        _TRAINER,
    ),
    Code(
        "AC602",
        "output-clash",
        "Two source modules would be compiled to the same file.",
        "Their names differ in a way that a file system need not see (upper and lower case), or "
        "one is the package of the other.",
        "# file: Trainers.py and trainers.py in one folder\n",
        "# file: trainers.py and evaluators.py\n",
        runnable=False,
    ),
    Code(
        "AC603",
        "stale-output",
        "A compiled file is not what a build would write.",
        "The sources, a parent, a callback or a constant that it was compiled from has "
        "changed since.",
        "$ arctic-codegen build\n$ edit trainers.py\n$ arctic-codegen build --check\n",
        "$ edit trainers.py\n$ arctic-codegen build\n$ arctic-codegen build --check\n",
        runnable=False,
    ),
    Code(
        "AC604",
        "missing-output",
        "A compiled file is not there.",
        "A source module has classes to compile, and no build has been run since, or the file "
        "was deleted.",
        "$ arctic-codegen build --check\n",
        "$ arctic-codegen build\n$ arctic-codegen build --check\n",
        runnable=False,
    ),
    Code(
        "AC605",
        "edited-output",
        "A compiled file was changed by hand, or torn by a merge.",
        "The next build replaces it, and the change is lost. Change the source class instead.",
        "$ edit generated/trainers.py\n$ arctic-codegen build --check\n",
        "$ arctic-codegen build\n$ arctic-codegen build --check\n",
        runnable=False,
    ),
    Code(
        "AC606",
        "orphaned-output",
        "A compiled file stands in the output folder, and nothing is compiled to it any more.",
        "Its source module was moved, deleted or taken from `sources`. A build removes it.",
        "$ mv trainers.py training.py\n$ arctic-codegen build --check\n",
        "$ mv trainers.py training.py\n$ arctic-codegen build\n",
        runnable=False,
    ),
    Code(
        "AC607",
        "reserved-name",
        "A module has a name that Windows reserves for a device.",
        "There `aux.py` or `con.py` cannot be written, read or checked out, wherever it stands. On "
        "other systems it is a file like others, so this is a warning.",
        "trainers/aux.py\n",
        "trainers/auxiliary.py\n",
        Severity.WARNING,
        runnable=False,
    ),
    Code(
        "AC608",
        "callbacks-differ",
        "Python makes other callbacks of a class than the build read.",
        "A build runs nothing, so it cannot see every way in which a program changes a list or a "
        "class. A compiled module compares when it is imported, and `check --import` imports them "
        "all. The compiled class would run other callbacks than the program declares.",
        "from arctic_codegen import CallbackMixin\n\n\n"
        "def log(self: 'Trainer') -> None: ...\n\n\n"
        "HOOKS = []\nadd = HOOKS.append\nadd(('post-step', log))\n\n\n"
        "class Trainer(CallbackMixin):\n    callbacks = HOOKS\n\n    def step(self) -> None: ...\n",
        "from arctic_codegen import CallbackMixin\n\n\n"
        "def log(self: 'Trainer') -> None: ...\n\n\n"
        "HOOKS = []\nHOOKS.append(('post-step', log))\n\n\n"
        "class Trainer(CallbackMixin):\n    callbacks = HOOKS\n\n    def step(self) -> None: ...\n",
        runnable=False,
    ),
    Code(
        "AC609",
        "import-failed",
        "A compiled module cannot be imported.",
        "`check --import` imports the output as a program does. Its source, or something that the "
        "source imports, raises an error or ends the process.",
        "import a_package_that_is_not_installed\n",
        "import a_package_that_is_installed\n",
        runnable=False,
    ),
    Code(
        "AC901",
        "internal-error",
        "arctic-codegen itself failed.",
        "This is a mistake of the tool, not of the sources. The message names the file that "
        "was being read; please report it with that file. `ARCTIC_CODEGEN_DEBUG=1` shows the "
        "traceback.",
        "",
        "",
        runnable=False,
    ),
)
