from generated.my_project.trainers import Everything, Fewer

print(Everything().step(1))
print("--")
print(Fewer().step(2))
print([event for event, _ in Fewer.callbacks])
