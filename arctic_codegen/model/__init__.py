"""The records that the stages pass to each other. They are frozen, and import no stage."""
