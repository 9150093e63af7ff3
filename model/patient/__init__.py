"""Questions asked of one patient: each module answers one, as a small immutable record."""
