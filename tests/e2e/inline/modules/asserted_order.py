"""AC310, AC311: assertions by `after` and `before` (R59)."""

from functools import partial

from app import library
from arctic_codegen import CallbackMixin, after, always, before, every, on_error, rank_zero


class Base(CallbackMixin):
    def step(self) -> None: ...

    def loss(self) -> float:
        return 1.0


def load(trainer: Base) -> None:
    print("load")


def save(trainer: Base) -> None:
    print("save")


def tagged(trainer: Base, tag: str) -> None:
    print(tag)


def made(tag: str):
    def inner(trainer: Base) -> None:
        print(tag)

    return inner


@after(load)  # error: [AC310]
def decorated(trainer: Base) -> None:
    print("decorated")


@before(load)
@every(10)
def decorated_outside(trainer: Base) -> None:
    print("decorated")


@every(10)
@before(load)
def decorated_inside(trainer: Base) -> None:
    print("decorated")


class Right(Base):
    callbacks = [
        ("post-step", decorated_outside),
        ("post-step", decorated_inside),
        ("post-step", load),
        ("post-step", decorated),
        ("post-step", after(load, save)),
        ("post-step", after(load, lambda self: None)),
        ("post-step", after(other=load, fn=partial(tagged, tag="x"))),
        ("post-step", rank_zero(after(load, made("y")))),
        ("pre-step", after(load, save)),
        ("post-loss", lambda self, loss: loss),
        ("post-step", after(save, made("z"))),
    ]


class Wrong(Base):
    callbacks = [
        ("post-step", decorated),
        ("post-step", after(load, save)),  # error: [AC310]
        ("post-step", load),
    ]


class WrongBehind(Base):
    callbacks = [
        ("post-step", load),
        ("post-step", before(load, save)),  # error: [AC310]
    ]


class OneOfTwo(Base):
    callbacks = [
        ("post-step", load),
        ("post-step", after(load, save)),  # error: [AC310]
        ("post-step", every(10, load)),
    ]


class Inside(Base):
    callbacks = [
        ("post-step", every(10, after(load, save))),  # error: [AC310]
        ("post-step", partial(load)),
    ]


class Parent(Base):
    callbacks = [("post-step", after(library.prepare, save))]  # error: [AC310]


class Child(Parent):
    callbacks = [("post-step", library.prepare)]


class Methods(Base):
    @after(load)
    def post_step_callback(self) -> None:
        print("a method")

    callbacks = [("post-step", load)]


class WrongMethods(Base):
    @before(load)  # error: [AC310]
    def post_step_callback(self) -> None:
        print("a method")

    callbacks = [("post-step", load)]


class AtTheEnd(Base):
    """Whatever stands under these runs after all others."""

    @staticmethod
    def report(trainer: Base, error: BaseException) -> None:
        print(error)

    callbacks = [
        ("post-step", always(after(load, save))),
        ("post-step", on_error(after(load, report))),
        ("post-step", before(save, load)),
    ]


class Elsewhere(Base):
    callbacks = [("post-step", after(load, save)), ("post-loss", lambda self, loss: loss)]


class Contradicting(Base):
    callbacks = [
        ("post-step", after(load, save)),  # error: [AC311]
        ("post-step", after(save, load)),  # error: [AC311]
    ]


class ContradictingElsewhere(Base):
    callbacks = [
        ("post-step", after(load, save)),  # error: [AC311]
        ("post-loss", lambda self, loss: loss),
        ("pre-loss", after(save, load)),  # error: [AC311]
    ]


class OfItself(Base):
    callbacks = [("post-step", after(load, load))]  # error: [AC311]


class Unclear(Base):
    callbacks = [
        ("post-step", after(load)),  # error: [AC215]
        ("post-step", after()),  # error: [AC215]
        ("post-step", after(load, save, load)),  # error: [AC215]
        ("post-step", after(3, save)),  # error: [AC215]
        ("post-step", after(library.nothing, save)),  # error: [AC103, AC207]
    ]


# file: app/library.py
def prepare(trainer: object) -> None:
    print("prepare")
