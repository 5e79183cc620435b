"""R59: `order` in the configuration, and assertions in the output of `explain`."""

from __future__ import annotations

from tests.harness import CONFIG, Project

FILES = {
    "app/__init__.py": "",
    "app/library.py": """
        def load(trainer: object) -> None:
            print("load")


        def make(tag: str):
            def made(trainer: object) -> None:
                print(tag)

            return made


        save = make("save")
    """,
    "app/trainers.py": """
        from app.library import load, save
        from arctic_codegen import CallbackMixin, after, every


        class Trainer(CallbackMixin):
            callbacks = [("post-step", every(2, load)), ("post-step", after(load, save))]

            def step(self) -> None: ...

            def post_step_callback(self) -> None:
                print("a method")


        class Other(CallbackMixin):
            callbacks = [("pre-step", save), ("post-step", load)]

            def step(self) -> None: ...
    """,
}
METHOD = "app.trainers.Trainer.post_step_callback"


def built(tmp_path, order: str):
    project = Project(tmp_path, FILES, f"{CONFIG}order = {order}\n")
    ran = project.build()
    return project, {(f.path, f.line, f.code) for f in ran.findings}, ran


def test_R59_an_order_of_the_configuration_that_holds(tmp_path):
    project, found, _ = built(tmp_path, f'[["app.library.load", "app.library.save", "{METHOD}"]]')
    assert found == set()
    shown = project.cli("explain", "app.trainers:Trainer").stdout
    assert "'app.library.load' runs before 'app.library.save', as is asserted" in shown
    assert f"'app.library.save' runs before '{METHOD}', as is asserted" in shown
    assert "'load' runs before 'make.<locals>.made', as is asserted" in shown
    assert "asserted" not in project.cli("explain", "app.trainers:Other").stdout
    project.python("from generated.app.trainers import Trainer; Trainer().step()")


def test_R59_an_order_of_the_configuration_that_does_not_hold(tmp_path):
    _, found, ran = built(tmp_path, f'[["{METHOD}", "app.library.load"]]')
    assert found == {("pyproject.toml", 3, "AC310")}, ran.stdout
    assert f"'{METHOD}' must run before 'app.library.load'" in ran.stdout


def test_R59_the_names_of_an_order_have_to_exist(tmp_path):
    _, found, ran = built(tmp_path, '[["app.library.lod", "app.library.save"]]')
    assert found == {("pyproject.toml", 3, "AC010")}, ran.stdout
    project = Project(tmp_path, FILES, f'{CONFIG}order = [["nowhere.a", "app.library.save"]]\n')
    assert project.build().code == 0  # a package that is not installed


def test_R59_orders_that_contradict_each_other(tmp_path):
    pair = '"app.library.load", "app.library.save"'
    back = '"app.library.save", "app.library.load"'
    _, found, ran = built(tmp_path, f"[[{pair}], [{back}]]")
    # One of them is also in the sources.
    assert found == {("pyproject.toml", 3, "AC311"), ("app/trainers.py", 6, "AC311")}, ran.stdout


def test_R59_an_order_that_no_longer_holds_after_an_edit(tmp_path):
    project, found, _ = built(tmp_path, '[["app.library.load", "app.library.save"]]')
    assert found == set()
    text = (tmp_path / "app/trainers.py").read_text()
    first, second = '("post-step", every(2, load))', '("post-step", after(load, save))'
    (tmp_path / "app/trainers.py").write_text(
        text.replace(f"{first}, {second}", f"{second}, {first}")
    )
    ran = project.build()
    assert {f.code for f in ran.findings} == {"AC310"}
    assert len(ran.findings) == 2
