"""R32: generated modules pass `mypy --strict`, `pyright` and `ruff`, and run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from arctic_codegen.model.hosts import ClassId, HostAttribute, ListedReach
from arctic_codegen.model.parameters import ClassTypeParam, Overload, Taken
from arctic_codegen.model.text import Ref, Text
from tests.unit.plan.build import (
    Folder,
    callback,
    event,
    function,
    host,
    lambda_,
    method,
    own_method,
    params,
    text,
)

SOURCES = {
    "pyproject.toml": "",
    "app/__init__.py": "",
    "app/cb.py": """
        from __future__ import annotations
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from app.main import Batch, Trainer

        def log_batch(self: Trainer, batch: Batch) -> Batch:
            return batch

        async def later(self: object, n: int) -> int:
            return n + 1

        init_cb = ("pre-epoch", lambda self: None)
        """,
    "app/data.py": """
        from __future__ import annotations
        from arctic_codegen import CallbackMixin
        from app.cb import log_batch

        class DataFactory(CallbackMixin):
            name = "data"
            def load(self) -> list[int]:
                return [1]
            def post_load_callback(self, items: list[int]) -> list[int]:
                return [*items, 2]
        """,
    "app/more.py": """
        from app.main import Trainer

        def twice(self: object, loss: float) -> float:
            return 2 * loss

        Trainer.callbacks.append(("post-loss", twice))
        """,
    "app/main.py": """
        from __future__ import annotations
        import functools
        from collections.abc import AsyncIterator, Iterator
        from dataclasses import dataclass, field
        from typing import Any, Generic, TypeVar, Union, overload
        from typing_extensions import Self
        from arctic_codegen import CallbackMixin
        from app.cb import init_cb, later, log_batch
        from app.data import DataFactory

        T = TypeVar("T")

        class Batch:
            size = 1

        def scaled(self: object, loss: float, by: float) -> float:
            return loss * by

        class Trainer(CallbackMixin):
            name = "base"
            data_factory = DataFactory
            factory: Union[DataFactory, None] = None
            callbacks = [("pre-step", log_batch), init_cb,
                         ("post-loss", functools.partial(scaled, by=3.0)),
                         ("post-loss", lambda self, loss: loss + 1)]
            def step(self, batch: Batch, scale: float = 1.0, *, opts: dict[str, int] = {}) -> float:
                return self.loss(batch) * scale
            def loss(self, batch: Batch) -> float:
                return float(batch.size)
            def epoch(self) -> None: ...
            def pre_step_callback(self, scale: float) -> float:
                return scale + 1
            async def fetch(self, n: int) -> int:
                return n
            def items(self, n: int) -> Iterator[int]:
                yield from range(n)
            async def aitems(self, n: int) -> AsyncIterator[int]:
                for i in range(n):
                    yield i
            @overload
            def get(self, key: int) -> int: ...
            @overload
            def get(self, key: str, default: str = ...) -> str: ...
            def get(self, key: int | str, default: str = "") -> int | str:
                return key
            def me(self) -> Self:
                return self
            def __secret(self, x: int) -> int:
                return x
            def use(self) -> int:
                return self.__secret(1)

        class Sub(Trainer):
            name = "sub"
            def step(self, batch: Batch) -> float:  # type: ignore[override]
                return 5.0

        class Box(CallbackMixin, Generic[T]):
            name = "box"
            def put(self, item: T) -> list[T]:
                return [item]
            def pre_put_callback(self, item: T) -> T:
                return item

        class IntBox(Box[int]): ...

        @dataclass
        class Config(CallbackMixin):
            lr: float
            tags: list[str] = field(default_factory=list)
            def pre_init_callback(self, lr: float, tags: list[str]) -> tuple[float, list[str]]:
                return lr * 10, [*tags, "tag"]
        """,
    "use.py": """
        from typing import Any

        import generated
        from app.main import Batch
        from generated.app.main import Box, Config, IntBox, Sub, Trainer

        def main() -> None:
            trainer = Trainer()
            value: float = trainer.step(Batch(), 2.0)
            print(value, trainer.get("a"), trainer.get(3), Sub().step(Batch()))
            same: Trainer = trainer.me()
            print(same is trainer, trainer.use(), list(trainer.items(2)))
            print(Box[str]().put("x"), IntBox().put(1), Config(1.0).lr, Config(1.0).tags)
            print(generated.get_trainer("base") is Trainer, trainer.data_factory().load())
            cls: type[Any] = generated.get_data_factory("data")
            print(cls.__module__)

        main()
        """,
}


def hosts():
    main = "app.main:Trainer"
    trainer = ClassId("app.main", "Trainer")
    data = ClassId("app.data", "DataFactory")
    data_ref = Ref("app.data", "DataFactory")
    step = method(
        "step",
        "self, batch: app.main:Batch, scale: float = 1.0, *, opts = ?",
        "float",
        owner=main,
    )
    log_batch = function("pre", "log_batch", ["batch"], "app.cb", owner=main)
    init_cb = function("pre", "init_cb", (), "app.cb", (1,), owner=main)
    partial = callback(
        "post",
        ListedReach(trainer, "post-loss", "app.main.scaled"),
        [Taken("loss", annotation=text("float"))],
        "app.main.scaled",
        main,
        returns="float",
    )
    plus = lambda_("post", "loss", ["self", "loss"], ["loss + 1"], ["loss"], owner=main)
    twice = callback(
        "post",
        ListedReach(
            trainer,
            "post-loss",
            "app.more.twice",
            added_by="app.more",
            modules=("app.more",),
        ),
        [Taken("loss", annotation=text("float"))],
        "app.more.twice",
        main,
        object="object",
        returns="float",
    )
    overloads = (
        Overload(params("self, key: int"), text("int")),
        Overload(params("self, key: str, default: str = ?"), text("str")),
    )
    events = [
        event("step", step, log_batch, own_method("pre", "pre_step_callback", ["scale"], main)),
        event("epoch", method("epoch", "self", "None", owner=main), init_cb),
        event(
            "loss",
            method("loss", "self, batch: app.main:Batch", "float", owner=main),
            partial,
            plus,
            twice,
        ),
        event(
            "fetch",
            method("fetch", "self, n: int", "int", owner=main, is_async=True),
            function("pre", "later", ["n"], "app.cb", is_async=True),
        ),
        event(
            "items",
            method(
                "items",
                "self, n: int",
                "collections.abc:Iterator[int]",
                owner=main,
                generator="sync",
            ),
            lambda_("post", "items", ["self", "it"], ["it"], ["it"], owner=main),
        ),
        event(
            "aitems",
            method(
                "aitems",
                "self, n: int",
                "collections.abc:AsyncIterator[int]",
                owner=main,
                is_async=True,
                generator="async",
            ),
            lambda_("pre", "aitems", ["self", "n"], ["n + 1"], ["n"], owner=main),
        ),
        event(
            "get",
            method(
                "get",
                'self, key: int | str, default: str = ""',
                "int | str",
                owner=main,
                overloads=overloads,
            ),
            lambda_("pre", "get", ["self"], ["None"], owner=main),
        ),
        event(
            "me",
            method("me", "self", "typing_extensions:Self", owner=main),
            lambda_("post", "me", ["self", "me"], ["me"], ["me"], owner=main),
        ),
        event(
            "_Trainer__secret",
            method("__secret", "self, x: int", "int", owner=main),
            lambda_("post", "_Trainer__secret", ["self", "x"], ["x + 1"], ["x"], owner=main),
        ),
    ]
    attributes = (
        HostAttribute("data_factory", "value", (data,)),
        HostAttribute(
            "factory",
            "annotation",
            (data,),
            Text((Ref("typing", "Union"), "[", data_ref, ", None]")),
        ),
    )
    box = [ClassTypeParam("T", Ref("app.main", "T"), None, "T")]
    put = method("put", "self, item: app.main:T", "list[app.main:T]", owner="app.main:Box")
    put_int = method("put", "self, item: int", "list[int]", owner="app.main:Box")
    pre_put = own_method("pre", "pre_put_callback", ["item"], "app.main:Box")
    post_put = lambda_("post", "put", ["self", "v"], ["v"], ["v"], owner="app.main:Box")
    sub_step = method(
        "step",
        "self, batch: app.main:Batch",
        "float",
        owner="app.main:Sub",
        type_ignore="type: ignore[override]",
    )
    init = method(
        "__init__",
        "self, lr: float, tags: list[str] = ?",
        owner="app.main:Config",
        written_by_decorator=True,
    )
    take_lr = own_method("pre", "pre_init_callback", ["lr", "tags"], "app.main:Config")
    load = method("load", "self", "list[int]", owner="app.data:DataFactory")
    entries = (
        ("pre-step", log_batch),
        ("pre-epoch", init_cb),
        ("post-loss", partial),
        ("post-loss", plus),
        ("post-loss", twice),
    )
    return [
        host(
            "DataFactory",
            [
                event(
                    "load",
                    load,
                    own_method("post", "post_load_callback", ["items"], "app.data:DataFactory"),
                )
            ],
            module="app.data",
            kind="DataFactory",
            registered_name="data",
        ),
        host(
            "Trainer",
            events,
            line=1,
            kind="Trainer",
            registered_name="base",
            attributes=attributes,
            entries=entries,
        ),
        host(
            "Sub",
            [event("step", sub_step, log_batch)],
            line=2,
            kind="Trainer",
            registered_name="sub",
            root=trainer,
            attributes=attributes,
            entries=entries,
        ),
        host(
            "Box",
            [event("put", put, pre_put, post_put)],
            line=3,
            kind="ModelFactory",
            registered_name="box",
            type_params=box,
            entries=(),
        ),
        host("IntBox", [event("put", put_int, pre_put, post_put)], line=4, entries=()),
        host("Config", [event("init", init, take_lr)], line=5, dataclass=True),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return Folder(tmp_path_factory.mktemp("types"), SOURCES, *hosts())


def test_it_runs(folder):
    out = folder.command(sys.executable, "use.py")
    assert out.stdout.splitlines() == [
        "24.0 a 3 5.0",
        "True 2 [0, 1]",
        "['x'] [1] 10.0 ['tag']",
        "True [1, 2]",
        "generated.app.data",
    ], out.stderr


def test_R32_mypy_strict(folder):
    done = folder.command(sys.executable, "-m", "mypy", "--strict", "use.py", "generated", "app")
    assert done.returncode == 0, done.stdout + folder.files["app/main.py"].text


def test_R32_pyright(folder):
    pyright = shutil.which("pyright", path=Path(sys.executable).parent)
    if pyright is None:
        pytest.skip("pyright is not installed")
    python = ["--pythonpath", sys.executable]
    done = folder.command(pyright, *python, "use.py", "generated", "app")
    assert done.returncode == 0, done.stdout + folder.files["app/main.py"].text


def test_R32_ruff_finds_nothing_and_would_not_format_otherwise(folder):
    ruff = [sys.executable, "-m", "ruff"]
    select = ["--isolated", "--select", "E4,E7,E9,F", "--ignore", "E741"]
    done = folder.command(*ruff, "check", *select, "generated")
    assert done.returncode == 0, done.stdout
    for path, file in folder.files.items():
        if path.endswith(".py"):
            folder.write(f"plain/{path}", file.text.replace("# fmt: off\n", ""))
    done = folder.command(*ruff, "format", "--isolated", "--check", "plain")
    assert done.returncode == 0, done.stdout + done.stderr
