"""What does a call return: of ``functools``, ``inspect`` and builtins, a class, or a function?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.model.expr import Attr, Call
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.names.constant_folding import METHODS, method
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values import (
    factories,
    known_functions,
    replacements,
    wrappers,
)
from arctic_codegen.resolve.values.arguments import arguments, left_over
from arctic_codegen.resolve.values.attributes import attribute, callable_of
from arctic_codegen.resolve.values.creating_calls import with_call
from arctic_codegen.resolve.values.expressions import python_value, unsupported
from arctic_codegen.resolve.values.list_changes import added_elements
from arctic_codegen.resolve.values.records import (
    Arguments,
    Class,
    Const,
    External,
    Function,
    Given,
    Instance,
    Mapping,
    Other,
    Sequence,
    Value,
    Waiting,
    describe,
)
from arctic_codegen.resolve.values.signature_preserving import PRESERVING, RETURN_THEIR_ARGUMENT
from arctic_codegen.resolve.values.thunks import Thunk

if TYPE_CHECKING:
    from arctic_codegen.resolve.values.evaluator import Evaluator

_OWN = frozenset({"builtins.callable", "builtins.isinstance", "builtins.len"})
_TYPES: dict[str, type] = {
    f"builtins.{kind.__name__}": kind
    for kind in (str, bytes, int, float, complex, bool, list, tuple, dict, set, type)
}
_DESCRIPTORS = ("builtins.staticmethod", "builtins.classmethod", "builtins.property")
_OF_COROUTINES: dict[str, Given] = {
    **dict.fromkeys(("run_until_complete", "run", "run_sync", "result"), "value"),
    **dict.fromkeys(("create_task", "ensure_future"), "awaitable"),
}
"""Methods that take a coroutine or belong to a future, whatever their object is."""


def call_expression(evaluator: Evaluator, thunk: Thunk) -> Value:
    """The value of a call expression."""
    expr = cast(Call, thunk.expr)
    func = thunk.child(expr.func)
    args = arguments(evaluator, thunk, expr.args)
    if not isinstance(expr.func, Attr):
        return call(evaluator, _by_name(evaluator, thunk) or evaluator.evaluate(func), args, thunk)
    name, holder = expr.func.attr, thunk.child(expr.func.value)
    base = evaluator.evaluate(holder)
    is_text = isinstance(base, External) and name in METHODS
    if is_text or isinstance(base, (Sequence, Mapping, Const)):
        return _method(evaluator, thunk, holder.holding(base), name, args)
    function = _by_name(evaluator, thunk) or attribute(evaluator, func, base)
    if isinstance(function, Unknown) and not function.missing and name in _OF_COROUTINES:
        given = (evaluator.evaluate(arg) for arg in args.positional)
        if name == "result" or any(isinstance(one, Other) for one in given):
            return Other(f"the result of '{show(expr)}'", _OF_COROUTINES[name])
    return call(evaluator, function, args, thunk)


def _by_name(evaluator: Evaluator, thunk: Thunk) -> External | None:
    """The callee, if it is known by name."""
    func = cast(Call, thunk.expr).func
    name = evaluator.known(thunk, func)
    if name is None or (isinstance(func, Call) and name not in PRESERVING):
        return None  # `torch.no_grad()(f)` is handled as `torch.no_grad`
    return External(name)


def _method(evaluator: Evaluator, thunk: Thunk, holder: Thunk, name: str, args: Arguments) -> Value:
    """A method of a list or string, such as ``.copy()`` or ``.format(...)``."""
    if args.problem is not None:
        return args.problem
    value = holder.value
    if isinstance(value, Sequence) and value.kind == "list" and name == "copy" and not args.items:
        return Sequence("list", value.items)
    if isinstance(value, (Sequence, Mapping)) or name not in METHODS:
        return unsupported(thunk)
    positional = [evaluator.constant(arg) for arg in args.positional]
    named = {key: evaluator.constant(arg) for key, arg in args.named.items()}
    return python_value(thunk, method(evaluator.constant(holder), name, positional, named))


def call(evaluator: Evaluator, function: Value, args: Arguments, thunk: Thunk) -> Value:
    """The result of calling a value; objects that it creates are created at ``thunk``."""
    evaluator.tick()
    match function:
        case External():
            return _external(evaluator, function, args, thunk)
        case Class(entity=entity, type_args=type_args):
            made = Instance(entity, thunk.place, thunk.identity, type_args=type_args, args=args)
            return with_call(evaluator, made, thunk)
        case Function() if function.name in known_functions.OURS:
            given = Arguments((*function.bound, *args.items), args.problem)
            return wrappers.wrap(evaluator, function.name, given, thunk)
        case Function():
            return with_call(
                evaluator, factories.evaluate_call(evaluator, function, args, thunk), thunk
            )
        case Instance():
            return call(evaluator, callable_of(evaluator, function, thunk), args, thunk)
        case Unknown():
            return function
    return Unknown(message("AC215", "not-a-callable", what=describe(function)), thunk.place)


def _external(evaluator: Evaluator, function: External, args: Arguments, thunk: Thunk) -> Value:
    """A call of something known by its dotted name."""
    name, first = function.name, args.get(0)
    if function.waiting is not None:
        if first is not None:
            return function.waiting.apply(first, thunk)
        why = message("AC215", "without-callback", wrapper=function.waiting.name)
        return Unknown(why, thunk.place)
    if name in known_functions.UPDATE_WRAPPER:
        first, second = args.get(0, "wrapper"), args.get(1, "wrapped")
        if first is None or second is None:
            return _wraps_nothing(thunk)
        return _wrap(evaluator, evaluator.evaluate(second), first, thunk)
    if name in known_functions.PARTIAL:
        return with_call(evaluator, _partial(evaluator, args, thunk), thunk)
    if name in known_functions.OURS:
        return wrappers.wrap(evaluator, name, args, thunk)
    if name in known_functions.WRAPS:
        inner = args.get(0, "wrapped")
        if inner is None:
            return _wraps_nothing(thunk)
        return External(name, Waiting(name, partial(_wrap, evaluator, evaluator.evaluate(inner))))
    if name in known_functions.CAST:
        value = args.get(1, "val")
        if value is None:
            return Unknown(message("reasons", "missing-argument", function="cast", parameter="val"))
        return evaluator.evaluate(value)
    if name in known_functions.RUNNERS:
        return Other(f"the result of '{show(thunk.expr)}'")
    if name in known_functions.AWAITABLES:
        return Other("an awaitable", "awaitable")
    if name in PRESERVING:
        return _kept(evaluator, function, first, thunk)
    if name in known_functions.KINDS:
        made = _wraps_nothing(thunk) if first is None else evaluator.evaluate(first)
        if isinstance(made, Function):
            return msgspec.structs.replace(made, kind=known_functions.KINDS[name])
        return made
    if args.problem is not None:
        return args.problem
    if name in ("builtins.list", "builtins.tuple") and len(args.items) == len(args.positional) < 2:
        items = () if first is None else added_elements(evaluator, first)
        return Sequence("list" if name == "builtins.list" else "tuple", items)
    if (name in _OWN or name in known_functions.KIND_TESTS) and not args.named:
        answer = _introspect(evaluator, name, args.positional)
        if answer is not None:
            return answer
        return Unknown(message("reasons", "result", call=show(thunk.expr)), thunk.place)
    if name.startswith("builtins."):
        return unsupported(thunk)
    code = None if isinstance(thunk.expr, Call) and name not in known_functions.OPAQUE else "AC414"
    return Unknown(message("reasons", "result", call=name), thunk.place, code=code)


def _partial(evaluator: Evaluator, args: Arguments, thunk: Thunk) -> Value:
    """The result of ``functools.partial(function, ...)`` at ``thunk``."""
    first = args.get(0)
    if first is None:
        if args.problem is not None:
            return Unknown(args.problem.why, thunk.place)
        return Unknown(message("AC215", "partial-of-nothing"), thunk.place)
    function = callable_of(evaluator, evaluator.evaluate(first), first)
    if isinstance(function, Unknown):
        return function
    if (wrong := wrappers.why_not_inside(function, "the partial", thunk)) is not None:
        return wrong
    params = function.params
    # A keyword that an inner partial has bound may be given again.
    before = tuple(item for item in function.bound if item.keyword not in args.named)
    again = {item.keyword for item in function.bound} - {item.keyword for item in before}
    if params is not None and args.problem is None:
        named = tuple(name for name in args.named if name not in again)
        left = left_over(params, len(args.positional) - 1, named)
        if isinstance(left, Message):
            return Unknown(left, thunk.place)
        params = left
    given = tuple(item for item in args.items if item.thunk is not first)
    made = msgspec.structs.replace(
        function.made_at(thunk.identity),
        params=params,
        bound=(*before, *given),
        is_object=True,
    )
    return made if args.problem is None else made.unknowable(args.problem)


def _wraps_nothing(thunk: Thunk) -> Unknown:
    return Unknown(message("reasons", "wraps-nothing", expression=show(thunk.expr)), thunk.place)


def _kept(evaluator: Evaluator, function: External, first: Thunk | None, thunk: Thunk) -> Value:
    """``lru_cache(f)`` is a function; ``lru_cache(maxsize=3)`` is a decorator."""
    kept = None if first is None else evaluator.evaluate(first)
    if isinstance(kept, Function) and function.name not in RETURN_THEIR_ARGUMENT:
        return factories.new_object(kept, thunk)  # a call first runs code of the decorator
    if isinstance(kept, Instance):
        return msgspec.structs.replace(kept, identity=thunk.identity, reachable=None)
    return kept if isinstance(kept, (Function, External)) else function


def _wrap(evaluator: Evaluator, wrapped: Value, target: Thunk, thunk: Thunk) -> Value:
    """``functools.wraps(wrapped)(target)``: has the signature of ``wrapped``, runs ``target``."""
    wrapper = evaluator.evaluate(target)
    if not isinstance(wrapper, Function):
        return wrapper
    seen = callable_of(evaluator, wrapped, target)
    if isinstance(seen, Unknown):
        why = message("reasons", "wrapped-unknown", reason=seen.why)
        return wrapper.unknowable(seen.because(why))
    return replacements.with_signature_of(evaluator, wrapper, seen)


def _introspect(evaluator: Evaluator, name: str, args: list[Thunk]) -> Value | None:
    """The result for these arguments; ``None`` if the text does not determine it."""
    values = [evaluator.evaluate(arg) for arg in args]
    answer: bool | int | None = None
    match name, values:
        case "builtins.callable", [value]:
            if isinstance(value, (Function, Class, Const, Sequence, Mapping)):
                answer = isinstance(value, (Function, Class))
        case "builtins.isinstance", [value, kind]:
            several = kind.items if isinstance(kind, Sequence) else ()
            kinds = [evaluator.evaluate(one) for one in several] or [kind]
            answers = [_is_instance(value, one) for one in kinds]
            answer = True if True in answers else None if None in answers else False
        case "builtins.len", [Sequence(kind="list" | "tuple") as value] if value.hole is None:
            answer = len(value.items)
        case _, [value] if name in known_functions.KIND_TESTS:
            answer = _is_of_kind(name, value)
    return None if answer is None else Const(answer)


def _is_of_kind(test: str, value: Value) -> bool | None:
    """The result of a test of :mod:`inspect`.

    Only the outermost function counts, as in Python: a plain wrapper around an ``async def`` is not
    a coroutine function, whatever ``functools.wraps`` copies to it.
    """
    if not isinstance(value, Function):
        return False if isinstance(value, Class) else None
    if not value.inspectable or value.code is None:
        return None if value.is_async or value.is_generator else False
    is_async = isinstance(value.code, FunctionDecl) and value.code.is_async
    return (is_async, value.code.is_generator) == known_functions.KIND_TESTS[test]


def _is_instance(value: Value, kind: Value) -> bool | None:
    """``isinstance(value, kind)`` for builtin types and ``functools.partial``."""
    name = kind.name if isinstance(kind, External) else ""
    if isinstance(kind, Class):
        name = str(kind.entity.id)
    if isinstance(value, Function) and name in known_functions.PARTIAL:
        return None if value.is_object or not value.inspectable else False
    if isinstance(value, Function) and name in _DESCRIPTORS:
        return value.kind == known_functions.KINDS[name]
    wanted = _TYPES.get(name)
    if wanted is None:
        return None
    match value:
        case Const(value=constant):
            return isinstance(constant, wanted)
        case Sequence(kind="list" | "tuple" | "set" as own):
            return name == f"builtins.{own}"
        case Mapping():
            return wanted is dict
        case Class():
            return True if wanted is type else None
        case Function():
            return False
    return None
