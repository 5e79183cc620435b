"""The model, and the factory that makes it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from arctic_codegen import CallbackMixin
from char_lm.config import Config
from char_lm.data import VOCABULARY, Batch


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of a model."""

    embedding: int
    hidden: int


class CharModel(nn.Module):
    """Predicts the next character with one recurrent layer."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, config.embedding)
        self.recur = nn.GRU(config.embedding, config.hidden, batch_first=True)
        self.predict = nn.Linear(config.hidden, VOCABULARY)

    def forward(self, codes: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Scores for the character after each of these, and the state after the last."""
        hidden, last = self.recur(self.embed(codes), state)
        return self.predict(hidden), last

    def loss(self, batch: Batch) -> Tensor:
        """The mean cross entropy, in nats for a character."""
        codes, following = batch
        scores, _ = self(codes)
        return functional.cross_entropy(scores.flatten(0, 1), following.flatten())

    @torch.no_grad()
    def sample(self, start: str, length: int, temperature: float, seed: int) -> str:
        """The text that the model writes after ``start``."""
        generator = torch.Generator().manual_seed(seed)
        codes = torch.tensor([list(start.encode("ascii"))])
        written, state = list(start), None
        for _ in range(length):
            scores, state = self(codes, state)
            chances = functional.softmax(scores[0, -1] / temperature, dim=0)
            codes = torch.multinomial(chances, 1, generator=generator).unsqueeze(0)
            written.append(chr(int(codes.item())))
        return "".join(written)


class ModelFactory(CallbackMixin, ABC):
    """Makes a model."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def __call__(self) -> CharModel:
        """A new model."""
        return self.create_model(self.create_config())

    def create_config(self) -> ModelConfig:
        """The sizes of the model."""
        return ModelConfig(self.config.embedding, self.config.hidden)

    @abstractmethod
    def create_model(self, model_config: ModelConfig) -> CharModel:
        """A model of these sizes."""


def tell_parameters(self: ModelFactory, model: CharModel) -> CharModel:
    """Prints how large the model is."""
    count = sum(parameter.numel() for parameter in model.parameters())
    print(f"model   {count:,} parameters, {type(model).__name__}")
    return model


class RecurrentModelFactory(ModelFactory):
    """Makes the recurrent model."""

    name = "recurrent"
    callbacks = [("post-create-model", tell_parameters)]

    def create_model(self, model_config: ModelConfig) -> CharModel:
        return CharModel(model_config)

    def post_create_model_callback(self, model: CharModel) -> CharModel:
        """Starts the recurrence from an orthogonal matrix, which trains faster."""
        recurrence = model.recur.get_parameter("weight_hh_l0")
        for gate in recurrence.data.chunk(3):
            nn.init.orthogonal_(gate)
        return model
