"""Reads and writes files and JSON; knows nothing of medicine."""
