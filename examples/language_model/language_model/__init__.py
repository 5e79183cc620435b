"""A small Llama-like language model whose training is shaped by callbacks."""
