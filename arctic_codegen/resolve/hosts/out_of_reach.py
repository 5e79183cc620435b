"""Classes that cannot be host classes, told without reading the libraries that they derive from.

A model that derives from transformers would have half of transformers parsed, only to find that
no mixin is among its ancestors.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection

from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.decls import Assign, ClassDecl, FromImport, Import
from arctic_codegen.model.expr import Attr, Call, Expr, Name, Subscript
from arctic_codegen.resolve.binder.bindings import UNBOUND, Binding, absolute, normal
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
"""Installed packages whose classes derive from no callback mixin: none of them imports one."""


def is_library(module: str) -> bool:
    """Whether a module belongs to a package in which no class can be a host class."""
    top = module.partition(".")[0]
    return top in LIBRARIES or top in sys.stdlib_module_names


def is_installed_library(module: str) -> bool:
    """Whether it does and is no part of Python: it has no ``Union`` of its own."""
    return module.partition(".")[0] in LIBRARIES - {"typing_extensions"}


class OutOfReach:
    """Follows the bases of classes through the imports of the project, and no further."""

    def __init__(self, names: Names, library: Callable[[str], bool] = is_library) -> None:
        self._names = names
        self._is_library = library

    def is_plain(self, cls: ClassEntity) -> bool:
        """Whether every base comes from a library; false wherever that is not plain to see."""
        return self._names.queries.get(
            ("plain", self._is_library, cls.id, cls.place),
            lambda: (
                not is_mixin(cls.id)
                and all(self._is_base(base, cls.scope) for base in cls.decl.bases)
            ),
            lambda: True,
        )

    def is_annotation(self, expr: Expr, scope: Scope) -> bool:
        """Whether an annotation in a class body names a plain class, or something of a library."""
        if isinstance(expr, Subscript):  # a union is one whatever stands in it
            return False
        name: Expr = expr
        while isinstance(name, Attr):
            name = name.value
        if not isinstance(name, Name):
            return False
        for frame in scope.frames:
            if not isinstance(frame, ClassDecl) or any(
                normal(one.name) == normal(name.id) for one in frame.type_params
            ):
                return False
        if scope.frames and self._names.state(scope, normal(name.id)) != UNBOUND:
            return False
        return self._is_base(expr, Scope(scope.module), typing=True)

    def is_bound(self, name: str, body: Scope) -> bool:
        """Whether a class body binds a name to something of a library, or what it makes."""
        state = self._names.state(body, name)
        for found in state:
            stmt = None if found is None else found.stmt
            if found is None or found.path or not isinstance(stmt, Assign) or stmt.value is None:
                return False
            value = stmt.value.func if isinstance(stmt.value, Call) else stmt.value
            if not self.is_annotation(value, body.at(stmt.span)):
                return False
        return bool(state)

    def _is_base(self, expr: Expr, scope: Scope, *, typing: bool = False) -> bool:
        """Whether an expression is certain to mean something of a library, or a plain class."""
        if isinstance(expr, Subscript):
            expr = expr.value
        dotted = isinstance(expr, Attr)
        while isinstance(expr, Attr):
            expr = expr.value
        if not isinstance(expr, Name):
            return False
        state = self._names.state(scope, normal(expr.id), typing=typing)
        return self._are(state, scope.module, dotted)

    def _are(self, state: Collection[Binding | None], module: str, dotted: bool) -> bool:
        return bool(state) and all(self._is(found, module, dotted) for found in state)

    def _is(self, found: Binding | None, module: str, dotted: bool) -> bool:
        if found is None:
            return False
        stmt = found.stmt
        if isinstance(stmt, Import):
            imported = stmt.names[found.index].name
            return self._is_library(imported) and not self._is_own(imported)
        if isinstance(stmt, FromImport):
            source = absolute(stmt, module, self._names.source(module).is_package)
            if source is None:
                return False
            if self._is_library(source):
                return not self._is_own(source)
            if dotted or found.kind != "from":
                return False
            return self._is_imported(source, stmt.names[found.index].name)
        if dotted:
            return False
        if isinstance(stmt, Assign) and found.kind == "assign" and not found.path:
            # An alias, which means what its text meant where it stands.
            where = Scope(module, (), stmt.span.start)
            return stmt.value is not None and self._is_base(stmt.value, where)
        if found.kind == "class":
            entity = self._names.module_attribute(module, found.name)
            return isinstance(entity, ClassEntity) and self.is_plain(entity)
        return False

    def _is_imported(self, module: str, name: str) -> bool:
        return self._names.queries.get(
            ("plain name", self._is_library, module, name),
            lambda: (
                self._names.source(module).decls is not None
                and self._are(self._names.state(Scope(module), normal(name)), module, False)
            ),
            lambda: True,
        )

    def _is_own(self, module: str) -> bool:
        """A folder of the project may have a library's name."""
        if self._names.sources.skim(module.partition(".")[0]) is not None:
            return False  # it is installed, and need not be read for that
        source = self._names.source(module.partition(".")[0])
        return source.kind == "source" and not source.installed
