"""AC308: the sources compare with an attribute that refers to a compiled class (R30)."""

from arctic_codegen import CallbackMixin


class Engine(CallbackMixin):
    def save(self) -> None: ...

    def pre_save_callback(self) -> None: ...


class Fast(Engine): ...


class Failure(CallbackMixin, Exception):
    def tell(self) -> str:
        return "failed"


class Plain: ...


class Trainer(CallbackMixin):
    engine_class = Engine
    Err = Failure
    plain = Plain

    def uses(self, engine: object) -> bool:
        if isinstance(engine, (int, self.engine_class)):  # warning: [AC308]
            return True
        if isinstance(engine, self.plain) or isinstance(engine, Engine):
            return False
        return issubclass(type(engine), type(self).engine_class)  # warning: [AC308]

    def run(self) -> None:
        try:
            self.uses(self.engine_class())
        except self.Err:  # warning: [AC308]
            pass
        except Failure:
            pass


class Child(Trainer):
    def more(self, engine: object) -> bool:
        found = [one for one in () if isinstance(one, self.__class__.engine_class)]  # warning: [AC308]
        return bool(found)


class Other(Trainer):
    engine_class = Plain  # type: ignore[assignment]

    def less(self, engine: object) -> bool:
        return isinstance(engine, self.engine_class)
