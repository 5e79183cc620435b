"""R7: a wrapper that reads its arguments hides the method's parameters from callbacks."""

import functools

from arctic_codegen import CallbackMixin


def session(function):
    @functools.wraps(function)
    def wrapper(self, *args, **kwargs):
        if "session" in kwargs:
            print("a session")
        return function(self, *args, **kwargs)

    return wrapper


def batched(function):
    @functools.wraps(function)
    def wrapper(self, batch, *args, **kwargs):
        print(args)
        return function(self, batch, *args, **kwargs)

    return wrapper


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print("start")
        result = function(*args, **kwargs)
        print("end")
        return result

    return wrapper


def scale(self, scale):  # error: [AC414]
    return scale


def only_the_object(self):
    print("step")


class Trainer(CallbackMixin):
    callbacks = [("pre-step", scale), ("pre-step", only_the_object)]

    @session
    def step(self, batch, scale=1, session=None):
        return batch

    def post_step_callback(self, value):
        return value

    def pre_step_callback(self, bach):  # error: [AC401]
        return bach

    @batched
    def loss(self, batch, factor=1):
        return batch

    def pre_loss_callback(self, batch):
        return batch

    @timed
    def epoch(self, number, shuffle=True):
        return number

    def pre_epoch_callback(self, shuffle):
        return shuffle


class Other(Trainer):
    def pre_loss_callback(self, factor):  # error: [AC414]
        return factor


def renamed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        kwargs.pop("old", None)
        return function(*args, **kwargs)

    return wrapper


class WithArguments(Trainer):
    @renamed
    def start(self, args, *kwargs):
        return args

    @renamed
    def stop(self, *args):
        return args

    def pre_start_callback(self, args):  # error: [AC414]
        return args

    def pre_stop_callback(self, args):  # error: [AC412]
        return args
