"""Callbacks with wrong types, each with a correct variant.

A case is one module. ``<<wrong||right>>`` marks where the variants differ. ``# !`` ends a line for
which exactly the wrong variant has an AC501; it is followed by the expected message, in words that
both checkers share.
"""

from __future__ import annotations

import re

HEAD = """
from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypedDict, TypeVar, overload

from typing_extensions import Self

from arctic_codegen import CallbackMixin, every, optional, rank_zero

T = TypeVar("T")


class Other:
    pass


"""

CASES: dict[str, str] = {}


def case(name: str, text: str) -> None:
    assert name not in CASES
    CASES[name] = (HEAD + text.lstrip("\n")).lstrip("\n")


BASE = """
class Trainer(CallbackMixin):
    def step(self, batch: int, scale: float = 1.0) -> None:
        print(batch * scale)

    def loss(self, *batches: int) -> float:
        return float(len(batches))

    def name(self) -> str | None:
        return "trainer"

"""

# Parameters and returns of callback methods.

case(
    "parameter",
    BASE
    + """
    def pre_step_callback(self, batch: <<str||int>>) -> int:  # ! takes "str" as 'batch'
        return 1
""",
)
case(
    "returned",
    BASE
    + """
    def pre_step_callback(self, batch: int) -> <<str||int>>:  # ! returns "str", but 'batch'
        return <<"x"||1>>
""",
)
case(
    "second_parameter",
    BASE
    + """
    def pre_step_callback(self, scale: <<int||float>>) -> float:  # ! takes "int" as 'scale'
        return 1.0
""",
)
case(
    "return_of_a_call",
    BASE
    + """
    def pre_step_callback(self, batch: int) -> <<str||int>>:  # ! on pre-step
        return <<self.name() or "x"||batch>>
""",
)
case(
    "post_parameter",
    BASE
    + """
    def post_loss_callback(self, value: <<str||float>>) -> float:  # ! takes "str" as the value
        return 1.0
""",
)
case(
    "post_return",
    BASE
    + """
    def post_loss_callback(self, value: float) -> <<str||float>>:  # ! returns "str"
        return <<"x"||value>>
""",
)
case(
    "post_optional",
    BASE
    + """
    def post_name_callback(self, value: <<str||str | None>>) -> str:  # ! takes "str" as the value
        return value or ""
""",
)
case(
    "post_return_optional",
    BASE
    + """
    def post_loss_callback(self, value: float) -> <<float | None||float>>:  # ! returns "float
        return <<None||value>>
""",
)
case(
    "literal",
    """
class Trainer(CallbackMixin):
    def run(self, mode: Literal["train", "eval"]) -> None: ...

    def pre_run_callback(self, mode: str) -> <<str||Literal["eval"]>>:  # ! returns "str"
        return "eval"
""",
)
case(
    "typed_dict",
    """
class Batch(TypedDict):
    ids: list[int]


class Trainer(CallbackMixin):
    def step(self, batch: Batch) -> None: ...

    def pre_step_callback(self, batch: Batch) -> <<dict[str, list[int]]||Batch>>:  # ! returns "dict
        return {"ids": [1]}
""",
)
case(
    "callable_parameter",
    """
class Trainer(CallbackMixin):
    def apply(self, fn: Callable[[int], int]) -> None: ...

    def pre_apply_callback(  # ! takes
        self, fn: Callable[[<<str||int>>], int]
    ) -> Callable[[int], int]:
        return abs
""",
)
case(
    "invariant_list",
    """
class Trainer(CallbackMixin):
    def step(self, batches: list[int]) -> None: ...

    def pre_step_callback(self, batches: <<list[float]||Sequence[float]>>) -> list[int]:  # ! takes "list[float]"
        return [1]
""",
)

# Several values.

case(
    "tuple_types",
    BASE
    + """
    def pre_step_callback(self, batch: int, scale: float) -> <<tuple[str, float]||tuple[int, float]>>:  # ! returns
        return <<str(batch)||batch>>, scale
""",
)
case(
    "tuple_order",
    BASE
    + """
    def pre_step_callback(self, scale: float, batch: int) -> <<tuple[int, float]||tuple[float, int]>>:  # ! returns
        return <<int(scale), float(batch)||scale, batch>>
""",
)
case(
    "no_tuple",
    BASE
    + """
    def pre_step_callback(self, batch: int, scale: float) -> <<list[float]||tuple[int, float]>>:  # ! pre-step
        answer: <<list[float]||tuple[int, float]>> = <<[batch, scale]||(batch, scale)>>
        return answer
""",
)
case(
    "tuple_too_long",
    """
Values = <<tuple[int, float, int]||tuple[int, float]>>

"""
    + BASE
    + """
    def pre_step_callback(self, batch: int, scale: float) -> Values:  # ! pre-step
        answer: Values = self.both(batch, scale)
        return answer

    def both(self, batch: int, scale: float) -> Values:
        return <<(batch, scale, 0)||(batch, scale)>>
""",
)

# Functions in lists.

case(
    "entry_function",
    """
def log(trainer: Trainer, batch: <<bytes||int>>) -> int:  # ! takes "bytes" as 'batch'
    return 1


class Trainer(CallbackMixin):
    callbacks = [("pre-step", log)]

    def step(self, batch: int) -> None: ...
""",
)
case(
    "entry_return",
    """
def log(trainer: Trainer, value: float) -> <<list[float]||float>>:  # ! returns "list[float]"
    return <<[value]||value>>


class Trainer(CallbackMixin):
    callbacks = [("post-loss", log)]

    def loss(self) -> float:
        return 1.0
""",
)
case(
    "appended",
    BASE
    + """

def later(self: <<Other||Trainer>>) -> None:  # ! takes "Other" as its object
    print(self)


Trainer.callbacks.append(("pre-step", later))
""",
)
case(
    "static_method",
    """
class Tools:
    @staticmethod
    def log(trainer: Trainer, value: <<int||float>>) -> float:  # ! takes "int" as the value
        return float(value)


class Trainer(CallbackMixin):
    callbacks = [("post-loss", Tools.log)]

    def loss(self) -> float:
        return 1.0
""",
)
case(
    "keyword_only",
    """
def log(trainer: Trainer, *, batch: <<str||int>>) -> int:  # ! takes "str" as 'batch'
    return 1


class Trainer(CallbackMixin):
    callbacks = [("pre-step", log)]

    def step(self, *, batch: int) -> None: ...
""",
)
case(
    "partial",
    """
def scaled(by: float, trainer: Trainer, value: <<str||float>>) -> float:  # ! takes "str" as the value
    return by


class Trainer(CallbackMixin):
    callbacks = [("post-loss", functools.partial(scaled, 2.0))]

    def loss(self) -> float:
        return 1.0
""",
)
case(
    "partial_return",
    """
def scaled(trainer: Trainer, value: float, by: float) -> <<str||float>>:  # ! returns "str"
    return <<str(value * by)||value * by>>


class Trainer(CallbackMixin):
    callbacks = [("post-loss", functools.partial(scaled, by=2.0))]

    def loss(self) -> float:
        return 1.0
""",
)
case(
    "callable_object",
    """
class Every:
    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, trainer: Trainer, value: <<str||float>>) -> float:  # ! takes "str" as the value
        return 1.0


class Trainer(CallbackMixin):
    callbacks = [("post-loss", Every(10))]

    def loss(self) -> float:
        return 1.0
""",
)
case(
    "callable_object_in_module",
    """
class Every:
    def __call__(self, trainer: Trainer, value: float) -> <<str||float>>:  # ! returns "str"
        return <<"x"||value>>


each = Every()


class Trainer(CallbackMixin):
    callbacks = [("post-loss", each)]

    def loss(self) -> float:
        return 1.0
""",
)
case(
    "bound_method",
    """
class Meter:
    def log(self, trainer: <<Other||Trainer>>, value: float) -> float:  # ! takes "Other" as its object
        return value


meter = Meter()


class Trainer(CallbackMixin):
    callbacks = [("post-loss", meter.log)]

    def loss(self) -> float:
        return 1.0
""",
)
case(
    "factory",
    """
def make(n: int) -> Callable[[Trainer, float], float]:
    def inner(trainer: Trainer, value: <<int||float>>) -> float:  # ! takes "int" as the value
        return float(value) * n

    return inner  # type: ignore[return-value, unused-ignore]  # pyright: ignore[reportReturnType]


class Trainer(CallbackMixin):
    callbacks = [("post-loss", make(3))]

    def loss(self) -> float:
        return 1.0
""",
)

# The object.

case(
    "wrong_self",
    BASE
    + """
    callbacks = [("post-step", lambda self: log(self))]


def log(trainer: Trainer) -> None:
    print(trainer)


def rank(trainer: <<Other||Trainer>>) -> None:  # ! takes "Other" as its object
    print(trainer)


class Child(Trainer):
    callbacks = [("post-step", rank)]
""",
)
case(
    "sibling_as_self",
    BASE
    + """

class Left(Trainer):
    pass


def log(trainer: <<Left||Trainer>>) -> None:  # ! takes "Left" as its object
    print(trainer)


class Right(Trainer):
    callbacks = [("post-step", log)]
""",
)
case(
    "child_as_self",
    """
def log(trainer: <<Child||Trainer>>) -> None:  # ! takes "Child" as its object
    print(trainer)


class Trainer(CallbackMixin):
    callbacks = [("post-step", log)]

    def step(self) -> None: ...


class Child(Trainer):
    pass
""",
)
case(
    "protocol_as_self",
    """
class HasSteps(Protocol):
    <<count||steps>>: int


def log(trainer: HasSteps) -> None:  # ! takes "HasSteps" as its object
    print(trainer)


class Trainer(CallbackMixin):
    steps: int = 0
    callbacks = [("post-step", log)]

    def step(self) -> None: ...
""",
)
case(
    "bound_type_variable",
    BASE
    + """

K = TypeVar("K", bound=<<Other||Trainer>>)


def log(trainer: K) -> None:  # ! pre-step
    print(trainer)


Trainer.callbacks.append(("pre-step", log))
""",
)

# Lambdas.

case(
    "lambda_return",
    BASE
    + """
    callbacks = [("post-loss", lambda self, value: <<"x"||value>>)]  # ! returns
""",
)
case(
    "lambda_body",
    BASE
    + """
    callbacks = [("post-step", lambda self: print(self.<<losses||loss>>))]  # ! losses
""",
)
case(
    "lambda_tuple",
    BASE
    + """
    callbacks = [("pre-step", lambda self, batch, scale: (batch, <<"x"||scale>>))]  # ! returns
""",
)
case(
    "lambda_operator",
    BASE
    + """
    callbacks = [("pre-step", lambda self, batch: batch + <<"x"||1>>)]  # ! +
""",
)
case(
    "lambda_over_lines",
    BASE
    + """
    callbacks = [
        (
            "post-loss",
            lambda self, value: (  # ! returns
                <<"x"||value>>
            ),
        ),
    ]
""",
)
case(
    "lambda_in_parent",
    BASE
    + """
    callbacks = [("pre-step", lambda self, batch: <<str(batch)||batch + 1>>)]  # ! returns


class Child(Trainer):
    def post_step_callback(self) -> None: ...


class Grandchild(Child):
    pass
""",
)

# Chains.

case(
    "chain",
    """
class Trainer(CallbackMixin):
    def either(self) -> int | str:
        return 3

    def post_either_callback(self, value: int | str) -> str:
        return str(value)


class Child(Trainer):
    callbacks = [("post-either", lambda self, value: value)]


def number(trainer: Trainer, value: <<int||int | str>>) -> int:  # ! takes "int" as the value
    return 1


class Grandchild(Trainer):
    callbacks = [("post-either", number)]
""",
)
case(
    "chain_of_parameters",
    """
def text(trainer: Trainer, batch: int | str) -> str:
    return str(batch)


def number(trainer: Trainer, batch: <<int||int | str>>) -> int:  # ! takes "int" as 'batch'
    return 1


class Trainer(CallbackMixin):
    callbacks = [("pre-step", text), ("pre-step", number)]

    def step(self, batch: int | str) -> None: ...
""",
)

# Generics, Self, overloads.

case(
    "generic",
    """
class Box(CallbackMixin, Generic[T]):
    def put(self, item: T) -> list[T]:
        return [item]


class IntBox(Box[int]):
    def pre_put_callback(self, item: int) -> <<str||int>>:  # ! returns "str", but 'item' of 'Box.put' is "int"
        return <<"x"||item>>
""",
)
case(
    "generic_return",
    """
class Box(CallbackMixin, Generic[T]):
    def put(self, item: T) -> list[T]:
        return [item]


class IntBox(Box[int]):
    def post_put_callback(self, value: list[int]) -> <<list[str]||list[int]>>:  # ! returns "list[str]"
        return <<["x"]||value>>
""",
)
case(
    "generic_class_itself",
    """
class Box(CallbackMixin, Generic[T]):
    def put(self, item: T) -> T:
        return item

    def pre_put_callback(self, item: <<int||T>>) -> <<int||T>>:  # ! pre-put
        return item
""",
)
case(
    "self_type",
    """
class Node(CallbackMixin):
    def join(self, other: Self) -> None: ...

    def pre_join_callback(self, other: Self) -> <<int||Self>>:  # ! returns "int"
        return <<3||other>>
""",
)
case(
    "own_class",
    """
class Node(CallbackMixin):
    def join(self, other: Node) -> Node:
        return other

    def post_join_callback(self, value: Node) -> <<Other||Node>>:  # ! returns "Other"
        return <<Other()||value>>
""",
)
case(
    "own_class_parameter",
    """
class Node(CallbackMixin):
    def join(self, other: Node) -> None: ...


class Leaf(Node):
    def pre_join_callback(self, other: <<Leaf||Node>>) -> Node:  # ! takes "Leaf" as 'other'
        return other
""",
)
case(
    "overload",
    """
class Reader(CallbackMixin):
    @overload
    def get(self, key: int) -> int: ...
    @overload
    def get(self, key: str) -> str: ...
    def get(self, key: int | str) -> int | str:
        return key

    def pre_get_callback(self, key: int | str) -> <<bytes||int | str>>:  # ! returns "bytes"
        return <<b""||key>>
""",
)
case(
    "overload_value",
    """
class Reader(CallbackMixin):
    @overload
    def get(self, key: int) -> int: ...
    @overload
    def get(self, key: str) -> str: ...
    def get(self, key: int | str) -> int | str:
        return key

    def post_get_callback(self, value: <<int||int | str>>) -> int:  # ! takes "int" as the value
        return 1
""",
)

# async, generators, context.

case(
    "async_event",
    """
class Server(CallbackMixin):
    async def fetch(self, key: str) -> bytes:
        return key.encode()

    async def post_fetch_callback(self, value: bytes) -> <<str||bytes>>:  # ! returns "str"
        return <<"x"||value>>
""",
)
case(
    "async_with_plain_callback",
    """
class Server(CallbackMixin):
    async def fetch(self, key: str) -> bytes:
        return key.encode()

    def pre_fetch_callback(self, key: <<bytes||str>>) -> str:  # ! takes "bytes" as 'key'
        return "x"
""",
)
case(
    "plain_returning_awaitable",
    """
class Server(CallbackMixin):
    async def fetch(self, key: str) -> bytes:
        return key.encode()

    def post_fetch_callback(self, value: bytes) -> <<Awaitable[bytes]||bytes>>:  # ! returns "Awaitable[bytes]"
        raise NotImplementedError
""",
)
case(
    "generator",
    """
class Data(CallbackMixin):
    def rows(self, n: int) -> Iterator[int]:
        yield n

    def post_rows_callback(self, value: <<Iterator[str]||Iterator[int]>>) -> Iterator[int]:  # ! takes "Iterator[str]"
        return iter([1])
""",
)
case(
    "async_generator",
    """
class Data(CallbackMixin):
    async def rows(self, n: int) -> AsyncIterator[int]:
        yield n

    def post_rows_callback(self, value: AsyncIterator[int]) -> <<list[int]||AsyncIterator[int]>>:  # ! returns "list[int]"
        return <<[1]||value>>
""",
)

# Classes.

case(
    "nested_class",
    """
class Outer:
    class Trainer(CallbackMixin):
        def step(self, batch: int) -> None: ...

        def pre_step_callback(self, batch: int) -> <<str||int>>:  # ! returns "str", but 'batch' of 'Outer.Trainer.step'
            return <<"x"||batch>>
""",
)
case(
    "inherited",
    """
class Parent(CallbackMixin):
    def step(self, batch: int) -> None: ...

    def pre_step_callback(self, batch: int) -> <<str||int>>:  # ! returns "str", but 'batch' of 'Parent.step'
        return <<"x"||batch>>


class One(Parent):
    pass


class Two(Parent):
    def post_step_callback(self) -> None: ...
""",
)
case(
    "plain_mixin",
    """
class Logs:
    def pre_step_callback(self, batch: <<str||int>>) -> int:  # ! takes "str" as 'batch'
        return 1


class Trainer(Logs, CallbackMixin):
    def step(self, batch: int) -> None: ...
""",
)
case(
    "wider_override",
    """
class Parent(CallbackMixin):
    def step(self, batch: int) -> None: ...


class Child(Parent):
    def step(self, batch: int | str) -> None: ...

    def pre_step_callback(self, batch: <<int||int | str>>) -> int:  # ! takes "int" as 'batch' of 'Child.step'
        return 1
""",
)
case(
    "init",
    """
class Trainer(CallbackMixin):
    def __init__(self, rate: float) -> None:
        self.rate = rate

    def pre_init_callback(self, rate: float) -> <<str||float>>:  # ! returns "str", but 'rate' of 'Trainer.__init__'
        return <<"x"||rate>>
""",
)
case(
    "dataclass_init",
    """
@dataclass
class Trainer(CallbackMixin):
    rate: float = 0.1

    def pre_init_callback(self, rate: <<str||float>>) -> float:  # ! takes "str" as 'rate'
        return 1.0
""",
)

# Our wrappers.

case(
    "rank_zero",
    """
def log(trainer: <<Other||Trainer>>) -> None:  # ! takes "Other" as its object
    print(trainer)


class Trainer(CallbackMixin):
    callbacks = [("post-step", rank_zero(log))]

    def step(self) -> None: ...
""",
)
case(
    "every",
    """
def log(trainer: Trainer, value: <<str||float>>) -> float:  # ! takes "str" as the value
    return 1.0


class Trainer(CallbackMixin):
    callbacks = [("post-loss", every(10, log))]

    def loss(self) -> float:
        return 1.0
""",
)

case(
    "decorated",
    """
@optional
def look(trainer: Trainer, value: <<str||float>>) -> float:  # ! takes "str" as the value
    return 1.0


class Trainer(CallbackMixin):
    callbacks = [("post-loss", look)]

    def loss(self) -> float:
        return 1.0
""",
)
case(
    "decorated_method",
    """
class Trainer(CallbackMixin):
    def step(self, batch: int, rate: float = 1.0) -> None: ...

    @optional
    @every(10)
    def pre_step_callback(self, rate: <<int||float>>) -> float:  # ! takes "int" as 'rate'
        return 1.0
""",
)
case(
    "nested_wrappers",
    """
def log(trainer: <<Other||Trainer>>) -> None:  # ! takes "Other" as its object
    print(trainer)


tenth = every(10, optional(rank_zero(log)))


class Trainer(CallbackMixin):
    callbacks = [("post-step", tenth)]

    def step(self) -> None: ...
""",
)
case(
    "wrapped_partial",
    """
def scale(trainer: Trainer, batch: <<str||int>>, *, by: int) -> int:  # ! takes "str" as 'batch'
    return by


class Trainer(CallbackMixin):
    callbacks = [("pre-step", optional(functools.partial(scale, by=2)))]

    def step(self, batch: int) -> None: ...
""",
)
case(
    "wrapped_generic",
    """
class Trainer(CallbackMixin, Generic[T]):
    def loss(self, value: T) -> T:
        return value

    @every(2)
    def post_loss_callback(self, value: T) -> T:
        return value


class Counting(Trainer[int]):
    @optional
    def pre_loss_callback(self, value: <<str||int>>) -> int:  # ! takes "str" as 'value'
        return 1
""",
)

_CHOICE = re.compile(r"<<(.*?)\|\|(.*?)>>")


def twin(text: str, *, wrong: bool) -> str:
    """One variant of a case; only the wrong one keeps the marks."""
    text = _CHOICE.sub(lambda found: found[1 if wrong else 2], text)
    return text if wrong else re.sub(r"  # !.*", "", text)


def marks(text: str) -> dict[int, str]:
    """The lines that must have a finding, with the expected message."""
    found = {}
    for number, line in enumerate(text.split("\n"), 1):
        _, mark, said = line.partition("  # !")
        if mark:
            found[number] = said.strip()
    return found
