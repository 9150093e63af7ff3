"""One patient or many: records, files, exchange formats, posteriors of a cohort, simulated cohorts."""
