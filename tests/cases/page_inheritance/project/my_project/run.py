from generated import get_trainer
from generated.my_project.trainers import TrainerB

assert get_trainer("trainer_b") is TrainerB
TrainerB().epoch()
