"""A base class of a library has an attribute ``callbacks`` of its own (R52)."""

from __future__ import annotations

import pytest

from tests.harness import CONFIG

OWN = """
class Trainer:
    def __init__(self, callbacks=None):
        self.callbacks = list(callbacks or [])
        self.ran = []

    def fit(self):
        for callback in self.callbacks:
            callback(self)

    def step(self):
        self.ran.append("step")
"""
CONNECTOR = """
class Connector:
    def __init__(self, trainer):
        self.trainer = trainer

    def start(self, callbacks):
        self.trainer.callbacks = list(callbacks or [])

class Trainer:
    def __init__(self, callbacks=None):
        self.ran = []
        self.connector = Connector(self)
        self.connector.start(callbacks)

    @property
    def checkpoints(self):
        return [one for one in self.callbacks if one]

    def fit(self):
        for callback in self.checkpoints:
            callback(self)

    def step(self):
        self.ran.append("step")
"""
MAIN = """
    from arctic_codegen import CallbackMixin
    from lightning_like.trainer import Trainer as Library

    def after(self): self.ran.append("after")

    class Mine(CallbackMixin, Library):
        callbacks = [("post-step", after)]

        def __init__(self, callbacks=None, early=False):
            if early:
                self.callbacks = []
            super().__init__(callbacks)
            self.callbacks.append(lambda self: self.ran.append("appended"))

        def pre_step_callback(self): self.ran.append("before")

    class Plain(CallbackMixin, Library):
        pass
"""


@pytest.mark.parametrize("library", [OWN, CONNECTOR])
@pytest.mark.parametrize("order", ["CallbackMixin, Library", "Library, CallbackMixin"])
def test_the_attribute_is_the_librarys_and_the_list_ours(project, library, order):
    files = {
        "app/__init__.py": "",
        "app/main.py": MAIN.replace("CallbackMixin, Library", order),
        "site/lightning_like/__init__.py": "",
        "site/lightning_like/trainer.py": library,
    }
    made = project(files, CONFIG)
    env = {"PYTHONPATH": str(made.root / "site")}
    ran = made.cli("build", "--format", "concise", env=env)
    assert (ran.code, ran.codes) == (0, []), ran.stdout + ran.stderr
    out = made.python(
        """
        import copy, pickle
        import app.main
        from generated.app.main import Mine
        given = lambda self: self.ran.append("given")
        for early in (False, True):
            mine = Mine([given], early)
            assert len(mine.callbacks) == 2
            mine.callbacks.insert(0, given)
            mine.fit()
            mine.step()
            print(mine.ran)
        mine.callbacks = [given]
        assert copy.copy(mine).callbacks == [given]
        assert pickle.loads(pickle.dumps(app.main.Plain())).callbacks == []
        assert [event for event, _ in Mine.callbacks] == ["post-step"]
        """,
        env=env,
    )
    line = str(["given", "given", "appended", "before", "step", "after"])
    assert out.splitlines() == [line, line]


def test_an_object_of_ours_refuses_it_as_ever(project):
    made = project(
        """
        from arctic_codegen import CallbackMixin

        class Config:
            def __init__(self): self.size = 3

        class Trainer(Config, CallbackMixin):
            def step(self): pass
            def post_step_callback(self): pass
        """
    ).built()
    for made_by in ("generated.app.main", "app.main"):
        made.python(
            f"""
            import app.main
            app.main.Trainer.post_step_callback
            from {made_by} import Trainer
            try:
                trainer = Trainer()
                trainer.callbacks = []
            except Exception as error:
                print(type(error).__name__)
            else:
                raise SystemExit("it was let")
            """
        )


def test_R32_a_class_of_a_library_with_a_decorator_of_its_own(project):
    """mypy sees ``Any`` for it, as for transformers' trainer, and strict checks want a type."""
    p = project(
        {
            "site/hub/__init__.py": """
                def requires(*backends):
                    return lambda cls: cls
                @requires("torch")
                class Trainer:
                    def step(self, batch: int) -> int:
                        return batch
                    def log(self, text: str) -> None:
                        print(text)
            """,
            "app/__init__.py": "",
            "app/main.py": """
                from arctic_codegen import CallbackMixin
                from hub import Trainer
                class Mine(CallbackMixin, Trainer):
                    def pre_step_callback(self, batch: int) -> int:
                        return batch + 1
                    def pre_log_callback(self) -> None: ...
            """,
        }
    )
    env = {"PYTHONPATH": str(p.root / "site")}
    assert p.cli("build", env=env).code == 0
    text = p.generated("app/main.py")
    assert "result: int = _Mine.step(self, batch)" in text
    assert "result: None = _Mine_log(self, text)" in text
    p.python("from generated.app.main import Mine; assert Mine().step(1) == 2", env=env)
