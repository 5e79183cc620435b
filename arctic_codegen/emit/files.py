"""From finished plans to output files."""

from __future__ import annotations

from arctic_codegen.emit.format import formatted
from arctic_codegen.emit.render import (
    header,
    render_module,
    render_package,
    render_plain,
    render_registry,
)
from arctic_codegen.emit.verify import mapped, parse
from arctic_codegen.model.output import Mapped, OutputFile
from arctic_codegen.model.plan import Plans
from arctic_codegen.model.settings import Settings

_PLAIN = {".gitattributes": "gitattributes", "py.typed": "py.typed"}


def emit(plans: Plans, settings: Settings) -> tuple[OutputFile, ...]:
    """All output files but the lock file, sorted by path.

    Nothing in ``settings`` changes a text so far: the formatter is run without any of the
    user's own.
    """
    modules = {plan.path: plan for plan in plans.modules}
    origins = {path: plan.module for path, plan in modules.items()}
    texts = {path: render_module(plan) for path, plan in modules.items()}
    for package in plans.packages:
        texts[package.path] = render_package(package)
        origins[package.path] = package.package
    texts[plans.registry.path] = render_registry(plans.registry)
    origins[plans.registry.path] = "the sources"
    files = [OutputFile(path, render_plain(name)) for path, name in _PLAIN.items()]
    for path, body in formatted(texts).items():
        text = header(origins[path]) + body
        tree = parse(path, text)
        found: tuple[Mapped, ...] = ()
        if tree is not None and path in modules:
            found = mapped(modules[path], text, tree)
        module = modules[path].module if path in modules else None
        files.append(OutputFile(path, text, module, found))
    return tuple(sorted(files, key=lambda file: file.path))
