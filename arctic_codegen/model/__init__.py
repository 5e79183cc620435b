"""The records that the stages hand to each other. They are frozen, and import no stage."""
