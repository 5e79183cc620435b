"""Handwritten host classes, and their output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.emit import emit, file_plans
from arctic_codegen.model.hosts import (
    Callback,
    ClassId,
    Event,
    HostClass,
    ListedReach,
    Method,
    MethodReach,
)
from arctic_codegen.model.parameters import CallbackSignature, Default, MethodParam, Taken
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.model.wrappers import FunctionReach, LiftedLambda
from arctic_codegen.plan import plan
from tests.harness import write_files

SETTINGS = Settings(
    root="/p", output="/p/generated", src=("/p",), python_version=(3, 11), platform="linux"
)


def place(line=1, path="/p/app/main.py"):
    return Place(path, Span(line, 1, line, 2))


def builtin(name):
    return Ref("builtins", name, builtin=True)


def text(*parts):
    """Text; names such as ``int`` become references, and a dotted ``m:X`` refers to a module."""
    if len(parts) == 1 and parts[0] is None:
        return None
    made = []
    for part in parts:
        if isinstance(part, str):
            for piece in re.split(
                r"(\b[\w.]+:[\w.]+\b|\b(?:int|str|float|list|tuple|print)\b)", part
            ):
                if re.fullmatch(r"[\w.]+:[\w.]+", piece):
                    made.append(Ref(*piece.split(":")))
                elif piece in ("int", "str", "float", "list", "tuple", "print"):
                    made.append(builtin(piece))
                elif piece:
                    made.append(piece)
        else:
            made.append(part)
    return Text(tuple(made))


def params(spec):
    """``"self, a: int, b: str = ?, /, *args: int, k: int = 1, **kw"``; ``?`` is the source's
    object."""
    made = []
    kind = "normal"
    for piece in filter(None, map(str.strip, spec.split(","))):
        if piece == "/":
            made = [MethodParam(p.name, "positional_only", p.annotation, p.default) for p in made]
            continue
        if piece == "*":
            kind = "keyword_only"
            continue
        piece, _, default = piece.partition(" = ")
        name, _, annotation = piece.partition(": ")
        own = kind
        if name.startswith("**"):
            own = "var_keyword"
        elif name.startswith("*"):
            own, kind = "var_positional", "keyword_only"
        made.append(
            MethodParam(
                name.lstrip("*"),
                own,
                text(annotation) if annotation else None,
                Default(None if default == "?" else default) if default else None,
            )
        )
    return tuple(made)


def method(name, spec="self", returns=None, owner="app.main:T", **more):
    returns_none = None if returns is None else returns == "None"
    module, cls = owner.split(":")
    return Method(
        name,
        ClassId(module, cls),
        place(),
        params(spec),
        text(returns),
        more.pop("returns_none", returns_none),
        **more,
    )


def callback(phase, reach, takes=(), name=None, owner="app.main:T", **more):
    module, cls = owner.split(":")
    signature = CallbackSignature(
        tuple(take if isinstance(take, Taken) else Taken(take) for take in takes),
        is_async=more.pop("is_async", False),
        object_annotation=text(more.pop("object", None)),
        returns=text(more.pop("returns", None)),
    )
    kind = "method" if isinstance(reach, MethodReach) else "entry"
    name = name or f"{module}.{getattr(reach, 'path', None) or cls + '.x'}"
    return Callback(
        phase,
        kind,
        ClassId(module, cls),
        name,
        place(),
        place(),
        reach,
        signature,
        identity=(name, repr(reach)),
        **more,
    )


def function(phase, path, takes=(), module="app.main", items=(), **more):
    return callback(phase, FunctionReach(module, path, items), takes, f"{module}.{path}", **more)


def own_method(phase, name, takes=(), owner="app.main:T", **more):
    module, cls = owner.split(":")
    reach = MethodReach(ClassId(module, cls), name)
    return callback(phase, reach, takes, f"{module}.{cls}.{name}", owner, **more)


def lambda_(phase, label, names, body, takes=(), nth=0, of=1, owner="app.main:T", **more):
    """The ``nth`` of the ``of`` lambdas that the owner's list has for the event."""
    module, cls = owner.split(":")
    name = f"{module}.{cls}.<lambda>"
    return callback(
        phase,
        ListedReach(ClassId(module, cls), f"{phase}-{label}", name, nth, of),
        takes,
        name,
        owner,
        lifted=LiftedLambda(tuple(names), text(*body)),
        **more,
    )


def event(label, method, *callbacks):
    pre = tuple(c for c in callbacks if c.phase == "pre")
    post = tuple(c for c in callbacks if c.phase == "post")
    return Event(label, method, pre, post)


def host(name="T", events=(), module="app.main", line=1, path=None, **more):
    entries = more.pop("entries", None)
    if entries is None:
        entries = tuple(
            (f"{c.phase}-{e.label}", c)
            for e in events
            for c in (*e.pre, *e.post)
            if c.kind == "entry"
        )
    path = path or f"/p/{module.replace('.', '/')}.py"
    return HostClass(
        ClassId(module, name),
        place(line, path),
        more.pop("framework", "own"),
        more.pop("kind", None),
        more.pop("root", ClassId(module, name)),
        mro=(ClassId(module, name),),
        compiled=more.pop("compiled", True),
        requested=more.pop("requested", True),
        events=tuple(events),
        entries=entries,
        **more,
    )


def planned(*hosts, settings=SETTINGS):
    ordered = tuple(sorted(hosts, key=lambda host: host.id))
    return plan(ordered, settings)


def outputs(*hosts, settings=SETTINGS):
    return {file.path: file for file in emit(file_plans(planned(*hosts, settings=settings)))}


def output(*hosts, path="app/main.py"):
    return outputs(*hosts)[path].text


class Folder:
    """Sources and their output, on disk."""

    def __init__(self, root, sources, *hosts):
        self.root = root
        for name, content in sources.items():
            self.write(name, textwrap.dedent(content).lstrip("\n"))
        self.files = outputs(*hosts)
        for path, file in self.files.items():
            self.write(f"generated/{path}", file.text)

    def write(self, name, content):
        write_files(self.root, {name: content})

    def run(self, code):
        done = self.command(sys.executable, "-c", textwrap.dedent(code))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def command(self, *command):
        return subprocess.run(
            command,
            cwd=self.root,
            capture_output=True,
            text=True,
            env={**os.environ, "ARCTIC_CODEGEN_ON_STALE": "ignore"},
            check=False,
        )
