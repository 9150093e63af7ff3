"""What the project says of itself: its version, what it is for."""

VERSION = "0.1.0"
INTENDED_USE = "For education, research and decision support by professionals; not a medical device."
