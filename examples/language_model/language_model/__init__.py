"""A small Llama-like language model, trained with callbacks."""
