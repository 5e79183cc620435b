from generated.my_project.trainers import Options, WordTrainer, Words

trainer = WordTrainer()
print(trainer.step("batch"), trainer.pick(2), trainer.pick(slice(2)))
print(trainer.data_factory is Words, trainer.partner(trainer) is trainer)
print(Options(0.5), Options(1.0, ["first"]) == Options(1.0, names=["first"]))
