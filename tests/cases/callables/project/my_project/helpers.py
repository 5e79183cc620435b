"""Callables of every kind."""

from functools import wraps


def loud(function):
    @wraps(function)
    def inner(*args, **kwargs):
        print("loud:", end=" ")
        return function(*args, **kwargs)

    return inner


@loud
def note(self) -> None:
    print("note")


def scale(self, batch: int, by: int) -> int:
    return batch * by


def every(n: int, function):
    def run(self) -> None:
        if self.count % n == 0:
            function(self)

    return run


class Recorder:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __call__(self, trainer) -> None:
        print(f"{self.prefix}: {type(trainer).__name__}")

    def write(self, trainer) -> None:
        print(f"{self.prefix} writes")

    @staticmethod
    def shout(trainer) -> None:
        print("shout")


recorder = Recorder("recorder")
entry = ("pre-step", note)
entries = [("pre-step", recorder.write), entry]
