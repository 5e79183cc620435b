from generated.my_project.trainers import LossTrainer

print(LossTrainer().loss(2))
LossTrainer().train()
