import inspect

from generated.my_project.trainers import Loud, Runner
from my_project.trainers import Runner as Source

print(Loud().run(1, named=True))
print(Loud().run(1, 2, 3, 4, 5, named=False, key="value"))
print(Loud().print(1, 2, 3, super=4))
print(inspect.signature(Loud.run) == inspect.signature(Source.run))
print(inspect.signature(Loud.run).parameters["box"].default is inspect.signature(Source.run).parameters["box"].default)
print("run" in vars(Runner))
