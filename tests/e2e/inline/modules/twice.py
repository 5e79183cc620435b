"""AC218 and AC219: callbacks declared twice, and entries without effect (R51)."""

from functools import partial

from arctic_codegen import CallbackMixin, every


def note(self, text: str = "note") -> None:
    print(text)


def log(self) -> None:
    print("log")


class Counter:
    def __call__(self, trainer) -> None: ...


count = Counter()
PHASE = "post"
COMMON = [("post-step", log)]


class Trainer(CallbackMixin):
    def step(self) -> None: ...

    def epoch(self) -> None: ...


class Twice(Trainer):
    callbacks = [
        ("post-step", log),
        ("pre-step", log),
        (f"{PHASE}-step", log),  # warning: [AC218]
        ("post-epoch", count),
        ("post-epoch", count),  # warning: [AC218]
        # Different callables, or different places.
        ("post-epoch", lambda self: print(1)),
        ("post-epoch", lambda self: print(1)),
        ("pre-epoch", every(2, log)),
        ("pre-epoch", every(3, log)),
        ("pre-epoch", Counter()),
        ("pre-epoch", Counter()),
    ]


class Listed(Trainer):
    def post_step_callback(self) -> None:  # warning: [AC218]
        print("method")

    callbacks = [("post-step", post_step_callback)]


class Bound(Trainer):
    post_step_callback = log  # warning: [AC218]
    pre_step_callback = log
    callbacks = [("post-step", log)]


class Added(Trainer):
    callbacks = [("post-step", log)]


Added.callbacks.append(("post-step", log))  # warning: [AC218]


class Parent(Trainer):
    callbacks = [("post-step", log)]


class Again(Parent):
    callbacks = [
        ("post-step", log),  # warning: [AC219]
        ("post-epoch", log),
        (f"{PHASE}-step", count),
    ]


class Spread(Parent):
    callbacks = [*Parent.callbacks, ("post-epoch", log)]


class FromCommon(Trainer):
    callbacks = COMMON


class AlsoFromCommon(FromCommon):
    callbacks = [*COMMON, ("pre-epoch", log)]


class Plain:
    """In one of its two classes its entry is not repeated, in the other one it runs."""

    callbacks = [("pre-step", log)]


class HasIt(Trainer):
    callbacks = [("pre-step", log)]


class Runs(Plain, Trainer): ...


class Drops(Plain, HasIt): ...


class Useless:
    callbacks = [("pre-step", log)]  # warning: [AC219]


class AlsoDrops(Useless, HasIt): ...


class Methods(Parent):
    """A method beside an inherited entry runs as well."""

    post_step_callback = log


class Partials(Trainer):
    first = partial(log)
    callbacks = [("post-step", partial(log)), ("post-step", partial(log))]
