import inspect

from generated.my_project.trainers import Loud, Runner
from my_project.trainers import Runner as Source

print(Loud().run(1, named=True))
print(Loud().run(1, 2, 3, 4, 5, named=False, key="value"))
print(Loud().print(1, 2, 3, super=4))
ours = inspect.signature(Loud.run).parameters.values()
theirs = inspect.signature(Source.run).parameters.values()
print([(p.name, p.kind) for p in ours] == [(p.name, p.kind) for p in theirs])
print(all(p.default is q.default for p, q in zip(ours, theirs)))
print("run" in vars(Runner))
