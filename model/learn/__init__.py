"""Teaching: how evidence weighs, on live numbers; each module answers one question as small immutable records."""
