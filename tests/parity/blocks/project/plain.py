"""Trains a recipe in a plain PyTorch loop: ``python plain.py RECIPE``, on each rank."""

import copy
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from app import write
from generated.app import OnTopics
from transformers import get_scheduler, set_seed

from arctic_codegen.blocks import read_recipe

config = read_recipe(Path(sys.argv[1]), OnTopics)
trainer = OnTopics(config)
set_seed(0)
model = copy.deepcopy(trainer.model_unwrapped).train()
matrices = [one for one in model.parameters() if one.dim() > 1]
others = [one for one in model.parameters() if one.dim() <= 1]
optimizer = torch.optim.AdamW(
    [{"params": matrices}, {"params": others}], lr=config.optimizer.learning_rate, weight_decay=0.0
)
steps, parts = config.train_iters, config.gradient_accumulation_steps
scheduler = get_scheduler("cosine", optimizer, int(0.1 * steps), steps)
batches = iter(trainer.train_dataloader)
for _ in range(steps):
    for _ in range(parts):
        loss = model(**next(batches)).loss
        write("loss " + loss.item().hex())
        (loss / parts).backward()
    for weight in model.parameters():
        assert weight.grad is not None
        dist.all_reduce(weight.grad)
        weight.grad /= dist.get_world_size()
    torch.nn.utils.clip_grad_norm_(model.parameters(), config.gradient_clipping)
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()
