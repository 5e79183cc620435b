"""An entry that is added to an object: the build reads it, and at run time it is there."""

from generated.my_project.trainers import MyTrainer


def pre_init_callback(self):
    print(f"{self.__class__.__name__} initializing")


def post_init_callback(self):
    print(f"{self.__class__.__name__} initialized, run as {__name__}")


trainer = MyTrainer()
init_cb = ("pre-init", pre_init_callback)
trainer.callbacks.append(init_cb)
trainer.callbacks.append(("post-init", post_init_callback))
print(len(trainer.callbacks), "entries")
