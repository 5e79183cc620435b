"""R36: output of an older version that imports removed names is reported as stale."""

from __future__ import annotations

import pytest

OLDER = {
    "from arctic_codegen.runtime import": "from arctic_codegen.takeover import enter, leave\n"
    "from arctic_codegen.runtime import",
    "verify": "check_digests",
}
"""The output of this version, and that of another one there."""


@pytest.mark.parametrize("now", OLDER)
def test_R36_output_that_imports_what_is_gone_asks_for_a_build(project, now):
    files = {
        "app/__init__.py": "",
        "app/main.py": """
from arctic_codegen import CallbackMixin

class T(CallbackMixin):
    callbacks = [("post-step", lambda self: print("logged"))]
    def step(self) -> None: ...
""",
    }
    p = project(files).built()
    text = p.generated("app/main.py")
    assert now in text
    p.write({"generated/app/main.py": text.replace(now, OLDER[now])})
    use = "from generated.app.main import T; T().step()"
    error = p.python(use, ok=False).splitlines()[-1]
    assert error.startswith("arctic_codegen.runtime.errors.StaleOutputError: arctic-codegen ")
    assert error.endswith(
        "the importing module was built by another version; run 'arctic-codegen build'"
    )
    assert p.built().python(use) == "logged\n"


def test_what_only_asks_for_a_name_gets_an_answer():
    from arctic_codegen import runtime
    from arctic_codegen.runtime import rank

    assert rank.__name__ == "arctic_codegen.runtime.rank"
    assert not hasattr(runtime, "__wrapped__")
    assert not hasattr(runtime, "torch")  # PyTorch's compiler asks each module


def test_R28_torch_compiles_beside_compiled_classes(project):
    pytest.importorskip("torch")
    p = project(
        """
from arctic_codegen import CallbackMixin

class T(CallbackMixin):
    callbacks = [("post-step", lambda self, value: value * 2)]
    def step(self, value):
        return value + 1
"""
    ).built()
    told = p.python(
        """
        import torch
        from generated.app.main import T
        import torch._inductor.config
        step = torch.compile(T().step, backend="eager")
        print(step(torch.ones(2)).tolist())
        import torch._inductor.compile_fx
        """
    )
    assert told == "[4.0, 4.0]\n"
