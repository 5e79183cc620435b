from generated.my_project.trainers import MyOtherTrainer, MyTrainer

MyTrainer().step(3)
MyOtherTrainer().step(4)
