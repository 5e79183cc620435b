"""What holds for all tests."""

from __future__ import annotations

import signal

# A shell that starts the tests in its background has them ignore interrupts, and so would every
# process that they start and mean to interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
