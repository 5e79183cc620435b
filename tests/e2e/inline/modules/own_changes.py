"""AC220: methods that change the list of their own class, or set one on their object."""

from arctic_codegen import CallbackMixin


def note(self) -> None:
    print("note")


class Settings:
    def set_up(self) -> None:
        self.callbacks = []  # error: [AC220]

    def other(self) -> None:
        self.hooks = []


class Trainer(Settings, CallbackMixin):
    callbacks = [("pre-step", note)]
    extra: list[object] = []

    def __init__(self, callbacks=None, other=None) -> None:
        self.callbacks = callbacks or []  # error: [AC220]
        self.callbacks += [("post-step", note)]  # error: [AC220]
        self.callbacks: list[object] = []  # error: [AC220]
        self.extra, self.callbacks = [], []  # error: [AC220]
        setattr(self, "callbacks", [])  # error: [AC220]
        self.names = [event for event, _ in self.callbacks]
        for event, _ in self.callbacks:
            print(event)
        # Other objects have a `callbacks` of their own.
        other.callbacks = []
        other.callbacks.append(3)
        self.other = other
        self.other.callbacks.append(3)
        callbacks = list(self.callbacks)
        callbacks.append(("pre-step", note))
        own = self.callbacks  # what has another name is not looked for
        own.append(("pre-step", note))

    @classmethod
    def add(cls, entry) -> None:
        cls.callbacks.append(entry)  # error: [AC220]
        cls.callbacks = [*cls.callbacks, entry]  # error: [AC220]

    @staticmethod
    def join(self, entry) -> None:
        self.callbacks.append(entry)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.callbacks = [("post-step", note)]  # error: [AC220]

    def step(self) -> None:
        type(self).callbacks.append(("pre-step", note))  # error: [AC220]
        self.__class__.callbacks.clear()  # error: [AC220]
        super().callbacks.append(("pre-step", note))  # error: [AC220]
        if self.names:
            del self.callbacks[0]  # error: [AC220]

        def later() -> None:
            self.callbacks.insert(0, ("pre-step", note))  # error: [AC220]

        def another(self) -> None:
            self.callbacks.append(3)

        class Local:
            def f(self) -> None:
                self.callbacks = []

        another(Local())
        later()


class Child(Trainer):
    @property
    def ready(self) -> bool:
        self.callbacks = []  # error: [AC220]
        return True


class Alien:
    """No host class, and the base of none."""

    def __init__(self) -> None:
        self.callbacks = []
        self.callbacks.append(3)
