"""Files and JSON; nothing of medicine."""
