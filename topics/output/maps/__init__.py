"""Maps of a run: `view` decides what is shown, `static` and `interactive` draw it."""
