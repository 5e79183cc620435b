"""Hostile sources do no harm, and hard ones lead to a finding."""
