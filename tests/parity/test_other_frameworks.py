"""The programs of `docs/how-to/any-framework.md` on the real classes of TRL and Lightning."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.harness import Project
from tests.pages import ROOT, blocks

PEERS = ("trl", "pytorch-lightning", "lightning-utilities", "torchmetrics")
CONFIG = '[tool.arctic-codegen]\nsources = ["app"]\n'
RUN = """
import torch
from torch.utils.data import DataLoader

from generated.app.nets import MyTrainer, Net
from generated.app.trl import MyDPOTrainer, MySFTTrainer

torch.manual_seed(0)
off = dict.fromkeys(
    ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False
)
MyTrainer(max_steps=2, accelerator="cpu", **off).fit(
    Net(), DataLoader(torch.ones(8, 4), batch_size=4)
)
print([cls.__arctic_source__.__mro__[2].__name__ for cls in (MyDPOTrainer, MySFTTrainer)])
"""


@pytest.mark.long
def test_R3_classes_of_trl_and_lightning_compile_and_run(tmp_path):
    pytest.importorskip("transformers")
    site = tmp_path / "site"
    command = ("-m", "pip", "install", "-q", "--no-deps", "--target", str(site), *PEERS)
    if subprocess.run([sys.executable, *command], capture_output=True).returncode != 0:
        pytest.skip("pip cannot get TRL and Lightning")
    page = (ROOT / "docs" / "how-to" / "any-framework.md").read_text(encoding="utf-8")
    programs = {
        f"app/{name}.py": text
        for name, library in (("trl", "trl"), ("nets", "pytorch_lightning"))
        for text in blocks(page, "python")
        if f"\nfrom {library} import" in text
    }
    assert len(programs) == 2
    project = Project(tmp_path / "project", {"app/__init__.py": "", **programs}, CONFIG)
    path = os.pathsep.join([str(site), str(project.root)])
    env = {"PYTHONPATH": path}
    built = project.cli("build", "--strict", env=env)
    assert built.code == 0, built.stdout + built.stderr
    ran = project.python(RUN, env=env)
    assert "2 steps" in ran
    assert ran.count("loss ") == 2
    assert "['DPOTrainer', 'SFTTrainer']" in ran
