"""libcst statements to the records of :mod:`arctic_codegen.model.decls`.

Bodies are walked statement by statement. Statements that bind no name and change no list of
callbacks are left out, and their expressions are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

import libcst as cst

from arctic_codegen.model import decls
from arctic_codegen.model.decls import Statement
from arctic_codegen.model.expr import Attr, Expr, Name, names_of_target
from arctic_codegen.model.spelling import LIST_CHANGERS
from arctic_codegen.scan.comments import Comments
from arctic_codegen.scan.control_flow import end_of, is_stub
from arctic_codegen.scan.expressions import Expressions
from arctic_codegen.scan.functions import body_facts, forwarding_calls
from arctic_codegen.scan.names import dotted, identifier
from arctic_codegen.scan.operators import AUGMENTED
from arctic_codegen.scan.patterns import bound_names
from arctic_codegen.scan.positions import Positions
from arctic_codegen.scan.walrus import walruses

_ATTRIBUTE_CHANGERS = ("setattr", "delattr")
_LONGEST_CHAIN = 60
_KINDS = {cst.TypeVar: "TypeVar", cst.TypeVarTuple: "TypeVarTuple", cst.ParamSpec: "ParamSpec"}


class Statements:
    """Reads the statements of one tree."""

    def __init__(self, positions: Positions, comments: Comments) -> None:
        self._positions = positions
        self._comments = comments
        self._read = Expressions(positions)
        self._prefix = ""
        self._in_function = False
        self._globals: frozenset[str] = frozenset()
        text = positions.text
        # In functions, changes of local lists matter only if the file mentions callbacks.
        self._callbacks = "callbacks" in text
        self._local: frozenset[str] = frozenset()
        """Parameters, and names bound so far, of the current function and the enclosing ones."""
        self._gives_value = False
        """The current function has a ``return`` with a value."""
        self._has_walrus = any(type(node) is cst.NamedExpr for node in positions.all_noted())

    def block(self, nodes: Iterable[cst.CSTNode]) -> tuple[Statement, ...]:
        """The records of a body, in source order."""
        found: list[Statement] = []
        self._into(nodes, found)
        return tuple(found)

    def _into(self, nodes: Iterable[cst.CSTNode], found: list[Statement]) -> None:
        for node in nodes:
            kind = type(node)
            if kind is cst.SimpleStatementLine:
                self._into(cast(cst.SimpleStatementLine, node).body, found)
                continue
            if self._has_walrus:
                found += walruses(node, self._positions, self._read)
            reader = _READERS.get(kind)
            if reader is not None:
                statement = reader(self, node)
                if statement is not None:
                    found.append(statement)

    def _suite(self, node: cst.BaseSuite) -> tuple[Statement, ...]:
        return self.block(node.body)

    # Simple statements.

    def _import(self, node: cst.Import | cst.LazyImport) -> Statement:
        return decls.Import(self._positions.span(node), self._aliases(node.names))

    def _from_import(self, node: cst.ImportFrom | cst.LazyImportFrom) -> Statement:
        module = "" if node.module is None else dotted(node.module)
        star = isinstance(node.names, cst.ImportStar)
        names = () if isinstance(node.names, cst.ImportStar) else self._aliases(node.names)
        return decls.FromImport(self._positions.span(node), len(node.relative), module, names, star)

    def _aliases(self, nodes: Sequence[cst.ImportAlias]) -> tuple[decls.ImportAlias, ...]:
        found = []
        for node in nodes:
            asname = None
            if node.asname is not None:
                assert isinstance(node.asname.name, cst.Name)
                asname = identifier(node.asname.name.value)
            found.append(decls.ImportAlias(dotted(node.name), asname, self._positions.span(node)))
        return tuple(found)

    def _is_shared(self, node: cst.BaseExpression) -> bool:
        """Whether a function may change an object that others can see: ``NAMED.append(...)``."""
        inside: cst.CSTNode = node
        while isinstance(inside, (cst.Attribute, cst.Subscript, cst.Call)):
            inside = inside.func if isinstance(inside, cst.Call) else inside.value
        if not isinstance(inside, cst.Name):
            return False
        name = identifier(inside.value)
        return name == "cls" or name in self._globals or name not in self._local

    def _binds(self, targets: Iterable[Expr]) -> None:
        if self._in_function:
            names = (name for target in targets for name in names_of_target(target))
            self._local = self._local.union(names)

    def _assign(self, node: cst.Assign) -> Statement:
        targets = tuple(self._read.read(target.target) for target in node.targets)
        self._binds(targets)
        return decls.Assign(self._positions.span(node), targets, self._read.read(node.value))

    def _ann_assign(self, node: cst.AnnAssign) -> Statement:
        annotation = self._read.annotation(node.annotation.annotation)
        value: Expr | None = None
        if node.value is not None:
            alias = isinstance(annotation, (Name, Attr)) and _last_name(annotation) == "TypeAlias"
            value = self._read.annotation(node.value) if alias else self._read.read(node.value)
        target = self._read.read(node.target)
        self._binds((target,))
        return decls.Assign(self._positions.span(node), (target,), value, annotation)

    def _aug_assign(self, node: cst.AugAssign) -> Statement:
        return decls.AugAssign(
            self._positions.span(node),
            self._read.read(node.target),
            AUGMENTED[type(node.operator)],
            self._read.read(node.value),
        )

    def _expr(self, node: cst.Expr) -> Statement | None:
        if not isinstance(node.value, cst.Call):
            return None
        func = node.value.func
        if self._in_function and dotted(func).rpartition(".")[2] == "update_wrapper":
            kept = True
        elif isinstance(func, cst.Attribute):
            kept = func.attr.value in LIST_CHANGERS and (
                self._callbacks or not self._in_function or self._is_shared(func.value)
            )
        else:
            kept = isinstance(func, cst.Name) and func.value in _ATTRIBUTE_CHANGERS
        if not kept:
            return None
        return decls.CallStmt(self._positions.span(node), self._read.call(node.value))

    def _delete(self, node: cst.Del) -> Statement:
        target = node.target
        if isinstance(target, (cst.Tuple, cst.List)):
            targets = tuple(self._read.read(element.value) for element in target.elements)
        else:
            targets = (self._read.read(target),)
        return decls.Delete(self._positions.span(node), targets)

    def _global(self, node: cst.Global | cst.Nonlocal) -> Statement:
        names = tuple(identifier(item.name.value) for item in node.names)
        if isinstance(node, cst.Global):  # Python requires it before any use of the name
            self._globals |= frozenset(names)
        return decls.Global(self._positions.span(node), names, isinstance(node, cst.Nonlocal))

    def _return(self, node: cst.Return) -> Statement | None:
        if not self._in_function:
            return None
        self._gives_value = self._gives_value or node.value is not None
        return decls.Return(self._positions.span(node), self._read.optional(node.value))

    def _type_alias(self, node: cst.TypeAlias) -> Statement:
        return decls.TypeAlias(
            self._positions.span(node),
            identifier(node.name.value),
            self._type_params(node.type_parameters),
            self._read.annotation(node.value),
        )

    def _type_params(self, node: cst.TypeParameters | None) -> tuple[decls.TypeParam, ...]:
        if node is None:
            return ()
        found = []
        for item in node.params:
            bound = item.param.bound if isinstance(item.param, cst.TypeVar) else None
            default = item.default
            found.append(
                decls.TypeParam(
                    identifier(item.param.name.value),
                    _KINDS[type(item.param)],
                    None if bound is None else self._read.annotation(bound),
                    None if default is None else self._read.annotation(default),
                )
            )
        return tuple(found)

    # Compound statements.

    def _if(self, node: cst.If) -> Statement | None:
        # A long chain of `elif` nests to the right; a loop avoids deep recursion.
        chain = [node]
        while isinstance(chain[-1].orelse, cst.If):
            chain.append(chain[-1].orelse)
        last = chain[-1].orelse
        orelse = self._suite(last.body) if isinstance(last, cst.Else) else ()
        if len(chain) > _LONGEST_CHAIN:
            # At most one branch runs, which is also what a `match` means.
            cases = (*(self._suite(link.body) for link in chain), orelse)
            span = self._positions.header(node, node.body)
            return decls.Match(span, (), cases) if any(cases) else None
        for link in reversed(chain):
            body = self._suite(link.body)
            if body or orelse:
                span = self._positions.header(link, link.body)
                orelse = (decls.If(span, self._read.read(link.test), body, orelse),)
            if self._has_walrus and link is not node:
                orelse = (*walruses(link, self._positions, self._read), *orelse)
        return orelse[0] if len(orelse) == 1 else None

    def _else(self, node: cst.Else | cst.Finally | None) -> tuple[Statement, ...]:
        return () if node is None else self._suite(node.body)

    def _try(self, node: cst.Try | cst.TryStar) -> Statement | None:
        body = self._suite(node.body)
        handlers = tuple(self._handler(handler) for handler in node.handlers)
        orelse, final = self._else(node.orelse), self._else(node.finalbody)
        if not (body or orelse or final or any(each.body or each.name for each in handlers)):
            return None
        return decls.Try(self._positions.header(node, node.body), body, handlers, orelse, final)

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> decls.Handler:
        name = None
        if node.name is not None:
            assert isinstance(node.name.name, cst.Name)
            name = identifier(node.name.name.value)
        type_, leaves = self._read.optional(node.type), end_of(node.body.body) == frozenset()
        return decls.Handler(type_, name, self._suite(node.body), leaves)

    def _with(self, node: cst.With) -> Statement | None:
        targets = tuple(
            self._read.read(item.asname.name) for item in node.items if item.asname is not None
        )
        self._binds(targets)
        body = self._suite(node.body)
        if not (targets or body):
            return None
        return decls.With(self._positions.header(node, node.body), targets, body)

    def _for(self, node: cst.For) -> Statement:
        target = self._read.read(node.target)
        self._binds((target,))
        return decls.Loop(
            self._positions.header(node, node.body),
            (target,),
            self._suite(node.body),
            self._else(node.orelse),
            self._read.read(node.iter),
        )

    def _while(self, node: cst.While) -> Statement | None:
        body, orelse = self._suite(node.body), self._else(node.orelse)
        if not (body or orelse):
            return None
        return decls.Loop(self._positions.header(node, node.body), (), body, orelse)

    def _match(self, node: cst.Match) -> Statement | None:
        names = tuple(sorted({n for case in node.cases for n in bound_names(case.pattern)}))
        cases = tuple(self._suite(case.body) for case in node.cases)
        if not (names or any(cases)):
            return None
        start, end = self._positions.start(node), self._positions.outer(node.subject)[1]
        return decls.Match(self._positions.between(start, end), names, cases)

    # Declarations.

    def _function(self, node: cst.FunctionDef) -> Statement:
        read, positions = self._read, self._positions
        name = identifier(node.name.value)
        qualname = name if name in self._globals else self._prefix + name
        decorators = tuple(read.read(each.decorator) for each in node.decorators)
        params = read.params(node.params)
        returns = None if node.returns is None else read.annotation(node.returns.annotation)
        type_params = self._type_params(node.type_parameters)
        facts = body_facts(node, positions, read)
        start, end = positions.header_offsets(node, node.body)
        first, last = positions.line(start), positions.line(end)
        outer = self._prefix, self._in_function, self._globals, self._local, self._gives_value
        self._prefix, self._in_function, self._gives_value = f"{qualname}.<locals>.", True, False
        self._local = self._local.union(param.name for param in params)
        self._globals = frozenset()
        body, gives_value = self._suite(node.body), self._gives_value
        self._prefix, self._in_function, self._globals, self._local, self._gives_value = outer
        ending = end_of(node.body.body)
        return decls.FunctionDecl(
            positions.span(node.name),
            name=name,
            qualname=qualname,
            params=params,
            returns=returns,
            decorators=decorators,
            is_async=node.asynchronous is not None,
            is_generator=facts.is_generator,
            falls_through=ending != frozenset(),
            is_stub=is_stub(node.body),
            type_params=type_params,
            type_ignore=self._comments.type_ignore(first, last),
            body=body,
            super_calls=facts.super_calls,
            self_calls=facts.self_calls,
            class_tests=facts.class_tests,
            forwards=forwarding_calls(node, positions, read) if self._in_function else (),
            calls_at_the_end=tuple(sorted(ending)) if ending and gives_value else (),
        )

    def _class(self, node: cst.ClassDef) -> Statement:
        read = self._read
        name = identifier(node.name.value)
        qualname = name if name in self._globals else self._prefix + name
        decorators = tuple(read.read(each.decorator) for each in node.decorators)
        keywords = tuple(
            (identifier(arg.keyword.value) if arg.keyword else None, read.read(arg.value))
            for arg in node.keywords
        )
        type_params = self._type_params(node.type_parameters)
        outer = self._prefix, self._in_function, self._globals
        self._prefix, self._in_function, self._globals = f"{qualname}.", False, frozenset()
        body = self._suite(node.body)
        self._prefix, self._in_function, self._globals = outer
        return decls.ClassDecl(
            self._positions.span(node.name),
            name=name,
            qualname=qualname,
            bases=tuple(map(read.base, node.bases)),
            keywords=keywords,
            decorators=decorators,
            type_params=type_params,
            body=body,
        )


def _last_name(node: Name | Attr) -> str:
    return node.id if isinstance(node, Name) else node.attr


_READERS: dict[type[cst.CSTNode], Callable[..., Statement | None]] = {
    cst.Import: Statements._import,
    cst.ImportFrom: Statements._from_import,
    cst.Assign: Statements._assign,
    cst.AnnAssign: Statements._ann_assign,
    cst.AugAssign: Statements._aug_assign,
    cst.Expr: Statements._expr,
    cst.Del: Statements._delete,
    cst.Global: Statements._global,
    cst.Nonlocal: Statements._global,
    cst.Return: Statements._return,
    cst.TypeAlias: Statements._type_alias,
    cst.If: Statements._if,
    cst.Try: Statements._try,
    cst.TryStar: Statements._try,
    cst.With: Statements._with,
    cst.For: Statements._for,
    cst.While: Statements._while,
    cst.Match: Statements._match,
    cst.FunctionDef: Statements._function,
    cst.ClassDef: Statements._class,
}

# PEP 810; older releases of libcst do not know it.
for _name, _reader in (
    ("LazyImport", Statements._import),
    ("LazyImportFrom", Statements._from_import),
):
    if hasattr(cst, _name):
        _READERS[getattr(cst, _name)] = _reader
