"""Generics, data classes, overloads, and factories that refer to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar, overload

from arctic_codegen import CallbackMixin

BatchT = TypeVar("BatchT")


class DataFactory(CallbackMixin, Generic[BatchT]):
    def load(self) -> list[BatchT]:
        return []


class Trainer(CallbackMixin, Generic[BatchT]):
    data_factory: type[DataFactory[BatchT]]

    class Settings:
        rate = 0.1

    def step(self, batch: BatchT, settings: Settings | None = None) -> dict[str, BatchT]:
        return {"batch": batch}

    def partner(self, other: Trainer[BatchT]) -> Trainer[BatchT]:
        return other

    @overload
    def pick(self, index: int) -> BatchT: ...
    @overload
    def pick(self, index: slice) -> list[BatchT]: ...
    def pick(self, index: int | slice) -> BatchT | list[BatchT]:
        return self.data_factory().load()[index]


class Words(DataFactory[str]):
    def load(self) -> list[str]:
        return ["one", "two"]

    def post_load_callback(self, words: list[str]) -> list[str]:
        return [*words, "three"]


class WordTrainer(Trainer[str]):
    data_factory = Words

    def pre_step_callback(self, batch: str) -> str:
        return batch.upper()

    def post_partner_callback(self, other: Trainer[str]) -> Trainer[str]:
        return other

    def pre_pick_callback(self) -> None:
        print("picking")


@dataclass
class Options(CallbackMixin):
    rate: float
    names: list[str] = field(default_factory=list)

    def pre_init_callback(self, rate: float) -> float:
        return rate * 2

    def post_init_callback(self) -> None:
        self.names.append("done")
