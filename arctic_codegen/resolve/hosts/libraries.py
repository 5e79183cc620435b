"""Which classes derive only from libraries, so that they cannot be host classes?

For a model that derives from transformers, half of transformers would be parsed, only to find that
no mixin is among its ancestors.
"""

from __future__ import annotations

import sys

from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.decls import Assign, ClassDecl, FromImport, Import
from arctic_codegen.model.expr import Call, Expr, Subscript, dotted_parts
from arctic_codegen.resolve.binder.bindings import Binding, State, normal
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.names.names import Names

LIBRARIES = frozenset({
    "PIL", "accelerate", "attr", "attrs", "bitsandbytes", "click", "datasets", "deepspeed",
    "diffusers", "einops", "flash_attn", "fsspec", "huggingface_hub", "jax", "jinja2",
    "liger_kernel", "loguru", "matplotlib", "msgspec", "numpy", "omegaconf", "onnx",
    "onnxruntime", "openai", "pandas", "peft", "pyarrow", "pydantic", "pydantic_core",
    "pydantic_settings", "pytest", "pytorch_lightning", "ray", "requests", "rich", "safetensors",
    "scipy", "sentence_transformers", "sentencepiece", "setuptools", "sklearn", "tensorboard",
    "tensorflow", "tiktoken", "timm", "tokenizers", "torch", "torchaudio", "torchdata",
    "torchmetrics", "torchvision", "tqdm", "transformer_engine", "transformers", "triton", "trl",
    "typer", "typing_extensions", "vllm", "wandb", "xformers", "yaml",
})  # fmt: skip
"""Packages whose classes never derive from a callback mixin, since none of them imports one."""


_READ = frozenset({"typing", "typing_extensions"})
"""These names are part of annotations, so they must be resolved."""


def is_library(module: str) -> bool:
    """Whether a module belongs to a package in which no class can be a host class."""
    top = module.partition(".")[0]
    return top in LIBRARIES or (top in sys.stdlib_module_names and top not in _READ)


class Libraries:
    """Follows the bases of classes through the imports of the project only."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def is_library_class(self, cls: ClassEntity) -> bool:
        """Whether every base comes from a library; false if this is not obvious."""
        return self._names.queries.get(
            ("library class", cls.id, cls.place),
            lambda: (
                not is_mixin(cls.id) and all(self.names(one, cls.scope) for one in cls.decl.bases)
            ),
            lambda: True,
        )

    def is_bound(self, name: str, body: Scope) -> bool:
        """Whether a class body binds a name to an object of a library, or to the result of
        calling one."""
        state = self._names.state(body, name)
        for found in state:
            stmt = None if found is None else found.stmt
            if found is None or found.path or not isinstance(stmt, Assign) or stmt.value is None:
                return False
            value = stmt.value.func if isinstance(stmt.value, Call) else stmt.value
            if not self.names(value, body.at(stmt.span), typing=True):
                return False
        return bool(state)

    def names(self, expr: Expr, scope: Scope, *, typing: bool = False) -> bool:
        """Whether an expression certainly refers to a library, or to a plain class."""
        parts = dotted_parts(expr.value if isinstance(expr, Subscript) else expr)
        if parts is None:
            return False
        home, reach = self._names.definitions(normal(parts[0]), scope, typing=typing)
        return self._are(reach.state, home, len(parts) > 1)

    def _are(self, state: State, home: Scope, dotted: bool) -> bool:
        return bool(state) and all(self._is(found, home, dotted) for found in state)

    def _is(self, found: Binding | None, home: Scope, dotted: bool) -> bool:
        if found is None:
            return False
        stmt = found.stmt
        if isinstance(stmt, Import):
            imported = stmt.names[found.index].name
            return is_library(imported) and not self._is_own(imported)
        if isinstance(stmt, FromImport):
            source = self._names.sources.imported(stmt, home.module)
            if source is None:
                return False
            if is_library(source):
                return not self._is_own(source)
            if dotted or found.kind != "from":
                return False
            return self._is_imported(source, normal(stmt.names[found.index].name))
        if dotted:
            return False
        if isinstance(stmt, Assign) and found.kind == "assign" and not found.path:
            # An alias: its value is read at the position of the alias.
            return stmt.value is not None and self.names(stmt.value, home.at(stmt.span))
        if isinstance(stmt, ClassDecl):
            return self.is_library_class(self._names.class_entity(stmt, home.at(stmt.span)))
        return False

    def _is_imported(self, module: str, name: str) -> bool:
        home = Scope(module)
        return self._names.queries.get(
            ("plain name", module, name),
            lambda: (
                self._names.source(module).decls is not None
                and self._are(self._names.state(home, name), home, False)
            ),
            lambda: True,
        )

    def _is_own(self, module: str) -> bool:
        """Whether a folder of the project has a library's name."""
        top = module.partition(".")[0]
        if self._names.sources.skim(top) is not None:
            return False  # the installed package is found without reading it
        source = self._names.source(top)
        return source.kind == "source" and not source.installed
