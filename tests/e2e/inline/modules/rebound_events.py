"""AC309: a later statement binds an event to a function with other parameters."""

from arctic_codegen import CallbackMixin


def wider(self, batch, scale=1):
    return batch * scale


def same(self, batch):
    return batch + 1


def other_default(self, batch, scale=2, log=None):
    return batch * scale


def own_default(self, batch, scale=1, log=print):
    return batch * scale


def timed(function):
    return function


class Trainer(CallbackMixin):
    def step(self, batch):
        return batch

    def post_step_callback(self, value):
        return value

    def loss(self, batch):
        return batch


class Child(Trainer):
    def step(self, batch, more):
        return batch


class Other(CallbackMixin):
    def step(self, batch):
        return batch

    def post_step_callback(self, value):
        return value


class Scaled(CallbackMixin):
    def step(self, batch, scale=1, log=len):
        return batch

    def post_step_callback(self, value):
        return value


Scaled.step = other_default  # error: [AC309]
Scaled.step = own_default
Trainer.step = wider  # error: [AC309]
Trainer.step = same
Trainer.step = timed(Trainer.step)
Trainer.loss = wider
setattr(Other, "step", lambda self, batch, more: batch)  # error: [AC309]
