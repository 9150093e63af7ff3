"""One patient, many patients: records, files, exchange formats, scores, imagined cohorts."""
