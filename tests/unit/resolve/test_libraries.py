"""Libraries are not read just to see that a class has no mixin; no host class is missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from arctic_codegen.build.loader import FileLoader
from arctic_codegen.cli.main import run
from tests.unit.resolve.hosts_support import resolved

HOST = """
from {library} import {name}
from arctic_codegen import CallbackMixin

class Plain({name}): ...
class Host(CallbackMixin, {name}):
    def step(self) -> None: ...
    def post_step_callback(self) -> None: ...
"""


def read(got):
    return {
        module for one in got.resolution.reads for module in {read.module for read in one.reads}
    }


def test_a_class_on_a_library_reads_nothing_of_it():
    text = """
import torch.nn
from torch import nn
from transformers import PreTrainedModel as Base

class A(Base): ...
class B(A, nn.Module): ...
class C(torch.nn.Module): ...
class D(Base[int]): ...
"""
    got = resolved({"m": text})
    assert got.resolution.hosts == ()
    assert got.findings == []
    assert not {module for module in read(got) if module.startswith(("torch", "transformers"))}


def test_R36_an_attribute_of_a_host_class_that_names_such_a_class_reads_nothing_of_it():
    text = """
from typing import TYPE_CHECKING
import torch
from pydantic import BaseModel
from arctic_codegen import CallbackMixin

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Loader = torch.utils.data.DataLoader[int]
class Section(BaseModel): ...
class Config(Section): ...
class T(CallbackMixin):
    config: Config
    device: torch.device
    model: "PreTrainedModel"
    loader: Loader
    other: torch.utils.data.DataLoader[int]
    default = Section
    def step(self) -> None: ...
    def post_step_callback(self) -> None: ...
"""
    got = resolved({"m": text})
    (host,) = [host for host in got.resolution.hosts if host.requested]
    assert host.attributes == ()
    libraries = ("pydantic", "torch", "transformers")
    assert not {module for module in read(got) if module.startswith(libraries)}
    # A base that does not visibly belong to a library is followed.
    other = text.replace("    config:", "    class torch:\n        device = 1\n    config:")
    shadowed = text.replace("class T(", "class device(CallbackMixin): ...\nclass T(")
    shadowed = shadowed.replace(": torch.device", ": device")
    for changed, expected in ((other, ()), (shadowed, ("device",))):
        (host,) = [
            host for host in resolved({"m": changed}).resolution.hosts if host.id.name == "T"
        ]
        assert tuple(one.name for one in host.attributes) == expected


@pytest.mark.parametrize(
    "annotation", ["Union[Factory, torch.Tensor]", "Both", "Alias", "mine.Factory"]
)
def test_R30_an_annotation_that_names_a_host_class_is_found_beside_libraries(annotation):
    text = f"""
from typing import Union
import torch
import mine
from mine import Factory
Tensor = Factory
Alias = Tensor
from torch import Tensor
Both = Union[Factory, Tensor]
from arctic_codegen import CallbackMixin

class T(CallbackMixin):
    factory: {annotation}
    def step(self) -> None: ...
    def post_step_callback(self) -> None: ...
"""
    mine = "from arctic_codegen import CallbackMixin\nclass Factory(CallbackMixin): ...\n"
    got = resolved({"m": text, "mine": mine})
    (host,) = [host for host in got.resolution.hosts if host.id.name == "T"]
    assert [one.name for one in host.attributes] == ["factory"]


@pytest.mark.parametrize(
    "files",
    [
        {"torch": "from arctic_codegen import CallbackMixin as Module"},
        {"torch": "", "torch.nn": "from arctic_codegen import CallbackMixin as Module"},
    ],
    ids=["module", "package"],
)
def test_a_module_of_the_project_may_have_a_library_s_name(files):
    module = "torch.nn" if "torch.nn" in files else "torch"
    for text in (f"from {module} import Module", f"import {module}\nModule = {module}.Module"):
        files["m"] = f"{text}\nclass T(Module):\n    def step(self): ...\n"
        got = resolved(files, packages=("torch",) if "torch.nn" in files else ())
        assert [host.id.name for host in got.resolution.hosts if host.requested] == ["T"]


@pytest.mark.parametrize(
    "base",
    [
        "from mine import Base",
        "from mine import *",
        "import mine\nBase = mine.Base",
        "from mine import Base as Other\nclass Base(Other): ...",
        "try:\n    from torch.gone import Base\nexcept ImportError:\n    from mine import Base",
        "if CONDITION:\n    from torch import Tensor as Base\nelse:\n    from mine import Base",
    ],
)
def test_a_class_that_may_lead_to_a_mixin_is_followed(base):
    got = resolved(
        {
            "mine": "from arctic_codegen import CallbackMixin\nclass Base(CallbackMixin): ...\n",
            "m": f"CONDITION = False\n{base}\nclass T(Base):\n    def step(self): ...\n",
        }
    )
    assert "T" in [host.id.name for host in got.resolution.hosts if host.requested], got.findings


BOUND = """
import click
from click import echo
from transformers import LlamaForCausalLM
from arctic_codegen import CallbackMixin

class T(CallbackMixin):
    model_class = LlamaForCausalLM
    layer = LlamaForCausalLM.from_pretrained("x")
    tell = echo
    other = click.secho
    def step(self) -> None: ...
    def post_step_callback(self) -> None: ...
"""


def test_R36_what_a_class_body_takes_from_a_library_is_not_read():
    got = resolved({"m": BOUND})
    (host,) = [host for host in got.resolution.hosts if host.requested]
    assert [event.label for event in host.events] == ["init", "step"]
    assert not {module for module in read(got) if module.startswith(("click", "transformers"))}


def test_R7_a_method_that_comes_from_a_library_is_an_event_for_a_callback_that_asks():
    text = f"{BOUND}    callbacks = [('pre-tell', lambda self: None)]\n"
    got = resolved({"m": text})
    assert got.findings == []
    (host,) = [host for host in got.resolution.hosts if host.requested]
    assert [event.label for event in host.events] == ["init", "step", "tell"]
    (event,) = [event for event in host.events if event.label == "tell"]
    assert [param.name for param in event.method.params][1:3] == ["file", "nl"]
    assert not {module for module in read(got) if module.startswith("transformers")}
    made = text.replace("pre-tell", "pre-layer").replace(
        'LlamaForCausalLM.from_pretrained("x")', "click.Path()"
    )
    assert [finding.code for finding in resolved({"m": made}).findings] == ["AC202"]


def test_no_file_of_a_library_is_parsed_for_a_class_beside_host_classes(tmp_path, monkeypatch):
    parsed = []
    scan = FileLoader._scan
    monkeypatch.setattr(
        FileLoader, "_scan", lambda self, file: parsed.append(file) or scan(self, file)
    )
    (tmp_path / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app.py"]\n')
    text = HOST.format(library="unittest", name="TestCase").replace(", TestCase)", ")")
    (tmp_path / "app.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert run(["build", "--no-cache"]) == 0
    assert "app.py" in {Path(file.path).name for file in parsed}
    assert not [file.path for file in parsed if "unittest" in file.path]
