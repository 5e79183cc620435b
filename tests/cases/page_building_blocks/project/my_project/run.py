import generated

generated.get_trainer("mine")().train()
data = generated.get_data_factory("mine")()
data.create_dataloader(data.load("TRAIN"))
generated.get_checkpoint_engine("mine")().save(None)
models = generated.get_model_factory("mine")()
model = models.create_model(models.create_config())
print(generated.get_optimizer_factory("mine")().create_optimizer(model, 0.1))
generated.get_scheduler_factory("mine")().create_scheduler("an optimizer")
generated.get_tokenizer_factory("mine")().create_tokenizer()
