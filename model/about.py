"""The version of the project and its intended use."""

VERSION = "0.1.0"
INTENDED_USE = "For education, research and decision support by professionals; not a medical device."
