"""Trains through the compiled classes: ``python -m char_lm.train``."""

from __future__ import annotations

from char_lm.config import Config
from generated import get_trainer
from generated.char_lm.trainers import CharTrainer

curve: list[float] = []


def remember(self: CharTrainer, validation_loss: float) -> float:
    """A callback of this script: it is found in the script that runs, and sees its variables."""
    curve.append(validation_loss)
    return validation_loss


# A change from another module reaches every user of the class, so the build warns about it.
CharTrainer.callbacks.append(("post-evaluate", remember))  # arctic-codegen: ignore[AC211]


def main() -> None:
    """Trains, reloads the best checkpoint, and lets it write a few lines."""
    trainer = get_trainer("char_lm")(Config())
    trainer.train()

    trainer.restore("best")
    trainer.evaluate()
    *by_epoch, reloaded = curve
    print(f"\nValidation loss by epoch: {' > '.join(f'{loss:.3f}' for loss in by_epoch)}")
    print(f"The best checkpoint, read back: {reloaded:.3f}. It writes:\n")
    for start in ("The ", "If the ", "A class "):
        text = trainer.model.sample(start, length=110, temperature=0.5, seed=1)
        print("  | " + " ".join(text.split()))


if __name__ == "__main__":
    main()
