from generated.my_project.trainers import Both, Silent

for trainer in (Both(), Silent()):
    print("--", type(trainer).__name__)
    trainer.epoch()
