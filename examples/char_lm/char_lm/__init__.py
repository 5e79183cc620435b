"""A small character-level language model whose training loop is shaped by callbacks."""
