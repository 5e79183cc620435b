"""Loads an exported model with other libraries: ``python load.py FOLDER``."""

import sys

import torch
from app import digest, write
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained(sys.argv[1], local_files_only=True)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1], local_files_only=True)
weights = torch.cat([one.detach().flatten() for one in model.parameters()])
write("weights " + digest(weights))
write(f"dtype {model.dtype}")
write(f"use_cache {model.config.use_cache}")
prompt = tokenizer("The import statement", return_tensors="pt")
write("text " + tokenizer.decode(prompt["input_ids"][0]))
model.generate(**prompt, max_new_tokens=3, min_new_tokens=3)
