"""Callables of each kind, for any block."""

import functools

import torch

from tiny.trace import note, show


def noted(function):
    """A custom decorator, which records the arguments of its function."""

    @functools.wraps(function)
    def inner(self, *values):
        note(f"{type(self).__name__}: {function.__name__} of {show(values)}")
        return function(self, *values)

    return inner


class Every:
    """A callable object that counts its calls."""

    def __init__(self, word):
        self.word = word
        self.calls = 0
        # The uncompiled runtime needs the name of each callable.
        self.__name__ = f"every_{word}"

    def __call__(self, it):
        self.calls += 1
        note(f"{type(it).__name__}: {self.word} number {self.calls}")


class Recorder:
    """An object whose bound methods are callbacks."""

    def __init__(self):
        self.seen = []

    def record(self, it):
        self.seen.append(type(it).__name__)
        note(f"{type(it).__name__}: recorded as number {len(self.seen)}")

    def weigh(self, it, value):
        note(f"{type(it).__name__}: weighed {show(value)}")
        return value


class Hooks:
    """Functions inside a class."""

    @staticmethod
    def begin(self):
        note(f"{type(self).__name__}: Hooks.begin")

    def finish(self):
        note(f"{type(self).__name__}: Hooks.finish")


def scale(factor, self, loss):
    note(f"{type(self).__name__}: {show(loss)} times {factor}")
    return loss * factor


@noted
def decorated(self, value):
    return value


@torch.no_grad()
def without_gradients(self):
    note(f"{type(self).__name__}: gradients are {'on' if torch.is_grad_enabled() else 'off'}")


recorder = Recorder()
