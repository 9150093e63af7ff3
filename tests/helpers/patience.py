"""How long a test waits for what should come at once: a busy machine may be late, only what hangs is to fail."""

SECONDS = 300
MILLISECONDS = 1000 * SECONDS
