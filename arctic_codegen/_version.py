"""The version of this package, where both training code and the compiler may read it."""

VERSION = "0.1.0"
