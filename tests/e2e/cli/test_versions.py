"""R42: supported versions of arctic-training, and the findings for other versions."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from arctic_codegen.build import framework_versions
from arctic_codegen.build.loader import FileLoader
from arctic_codegen.discover.trees import DiskTree
from arctic_codegen.frameworks.arctic_training.tested_versions import TESTED
from arctic_codegen.model.settings import Settings

pytest.importorskip("arctic_training")

CONFIG = '[tool.arctic-codegen]\nsources = ["engines.py"]\nsemantics = "documented"\n'
ENGINES = """
from arctic_training.callback.mixin import CallbackMixin, callback_wrapper


class Engine(CallbackMixin):
    @callback_wrapper("save")
    def save(self, path: str) -> None:
        print("save")

    def post_save_callback(self) -> None:
        print("saved")
"""
NEEDED = ("__init__.py", "callback", "registry.py", "exceptions.py", "logging.py")


class Installed:
    """A copy of the installed package that a test may change, found before the real one."""

    def __init__(self, site: Path) -> None:
        self.package = site / "arctic_training"
        origin = find_spec("arctic_training").origin
        source = Path(origin).parent
        self.package.mkdir(parents=True)
        for name in NEEDED:
            copy = shutil.copytree if (source / name).is_dir() else shutil.copy
            copy(source / name, self.package / name)
        self.metadata = site / "arctic_training-0.dist-info"

    def call_it(self, number: str) -> None:
        """Set the version in the metadata, as an installer does."""
        for old in self.metadata.parent.glob("*.dist-info"):
            shutil.rmtree(old)
        self.metadata = self.metadata.with_name(f"arctic_training-{number}.dist-info")
        self.metadata.mkdir()
        files = (path.relative_to(self.package.parent) for path in self.package.rglob("*.py"))
        record = "".join(f"{path.as_posix()},,\n" for path in files)
        (self.metadata / "RECORD").write_text(record)

    def change(self, file: str, old: str, new: str) -> None:
        path = self.package / file
        text = path.read_text()
        assert text.count(old) == 1, (file, old)
        path.write_text(text.replace(old, new))


@pytest.fixture
def installed(folder, write, monkeypatch):
    write(engines=ENGINES)
    (folder / "pyproject.toml").write_text(CONFIG)
    found = Installed(folder / "site")
    monkeypatch.syspath_prepend(str(folder / "site"))
    machinery_caches()
    yield found
    machinery_caches()


def machinery_caches():
    """Clears caches about installed distributions, which normally do not change during a
    process."""
    from arctic_codegen.discover import distributions

    distributions._installed.cache_clear()
    distributions._record.cache_clear()


def test_the_machinery_is_that_of_the_installed_version():
    """If a version is checked and accepted, the digests to record are shown here."""
    settings = Settings(root="/", output="/generated", python_version=(3, 11), platform="linux")
    loader = FileLoader(DiskTree(), settings)
    now = {
        (part.module, part.name): framework_versions.digest_of_part(
            loader.file(part.module).data, part.name
        )[0]
        for part in TESTED.parts
    }
    assert now == {(part.module, part.name): part.digest for part in TESTED.parts}
    assert framework_versions.is_tested(version("arctic-training"), TESTED)


def test_a_tested_version_is_not_spoken_of(installed, cli):
    installed.call_it("0.8.0")
    assert (cli("build", "--strict").out, cli("build", "--check", "--strict").out) == ("", "")


@pytest.mark.parametrize("number", ["0.9.0", "1.2", "0.5.9", "0.10.0.dev1", "2025.1.post2+cu12"])
def test_another_version_is_a_warning_with_the_tested_range(installed, cli, number):
    installed.call_it(number)
    done = cli("build", "--format", "concise")
    assert done.code == 0
    assert "warning[AC015]" in done.out
    assert f"is not tested with arctic-training {number.partition('+')[0]}" in done.out
    assert "install a tested version (>=0.6,<0.9)" in cli("build").out
    assert cli("build", "--strict").code == 1
    assert "AC015" in cli("build", "--check", "--format", "concise").out


@pytest.mark.parametrize("number", ["0.6.0", "0.7.2", "0.8.1.dev0", "0.8"])
def test_versions_in_the_range(number):
    assert framework_versions.is_tested(number, TESTED)


def test_a_warning_can_be_silenced(installed, folder, cli):
    installed.call_it("0.9.0")
    (folder / "pyproject.toml").write_text(f'{CONFIG}ignore = ["AC015"]\n')
    assert cli("build", "--strict").out == ""


def test_projects_that_are_not_on_it_hear_nothing(installed, folder, write, cli):
    installed.call_it("0.9.0")
    write(
        engines="""
        from arctic_codegen import CallbackMixin


        class Engine(CallbackMixin):
            def save(self) -> None: ...

            def post_save_callback(self) -> None: ...
        """
    )
    assert "AC015" not in cli("build", "--strict").out


REMARKS = [
    ("callback/mixin.py", '"""A decorator to wrap', '"""Wraps'),
    ("callback/mixin.py", "def callback_wrapper(name: str):", "def callback_wrapper(name):"),
    ("callback/callback.py", 'logger.debug(f"Initializing', 'logger.info(f"Making'),
    ("callback/mixin.py", "        pre_init_log_cb,\n        post", "        post"),
    ("registry.py", "# Register subclass", "# Keep it"),
]
CHANGES = [
    ("callback/mixin.py", '"__at_wrapped_name__"\n', '"__wrapped_name__"\n', "WRAPPER_NAME_ATTR"),
    (
        "callback/mixin.py",
        "return_val, _ = self._run_callbacks(",
        "_, return_val = self._run_callbacks(",
        "callback_wrapper",
    ),
    (
        "callback/mixin.py",
        "        instance = super().__new__(cls)\n",
        "        instance = super().__new__(cls)\n        instance.hook()\n",
        "CallbackMixin",
    ),
    ("callback/mixin.py", "class CallbackMixin:", "class CallbackMixin(Hooks):", "CallbackMixin"),
    ("callback/callback.py", "def __call__(self, obj", "def run(self, obj", "Callback"),
    ("registry.py", '_name = class_dict["name"]', "_name = cls.name", "RegistryMeta"),
    ("registry.py", "def get_registered_class(", "def registered_class(", "get_registered_class"),
]  # fmt: skip


def test_another_machinery_is_an_error_at_what_is_different(installed, folder, cli):
    installed.call_it("0.8.0")
    for file, old, new in REMARKS:
        installed.change(file, old, new)
    assert cli("build", "--strict", "--format", "concise").out == ""
    written = {path: path.read_bytes() for path in (folder / "generated").rglob("*.*")}
    for file, old, new, name in CHANGES:
        installed.change(file, old, new)
        done = cli("build", "--format", "concise")
        assert done.code == 1, name
        place = rf"^site/arctic_training/{file}:\d+:1: error\[AC016\]"
        assert re.search(place, done.out, re.MULTILINE), done.out
        assert f".{name}'" in done.out
        assert "callback code of arctic-training 0.8.0" in done.out
        installed.change(file, new, old)
    assert {path: path.read_bytes() for path in (folder / "generated").rglob("*.*")} == written


def test_a_part_that_is_gone_is_told_with_the_rest(installed, cli):
    installed.call_it("0.9.0")
    (installed.package / "registry.py").unlink()
    done = cli("build", "--format", "concise")
    assert done.code == 1
    assert "warning[AC015]" in done.out
    assert "'arctic_training.registry.RegistryMeta' is missing" in done.out


def test_an_editable_installation_has_its_metadata_elsewhere(installed, folder, cli, monkeypatch):
    installed.call_it("0.9.0")
    (folder / "site-packages").mkdir()
    installed.metadata.rename(folder / "site-packages" / "arctic_training-0.9.0.dist-info")
    (folder / "site-packages" / "arctic_training-0.9.0.dist-info" / "RECORD").write_text("")
    monkeypatch.syspath_prepend(str(folder / "site-packages"))
    machinery_caches()
    assert "warning[AC015]" in cli("build", "--format", "concise").out
