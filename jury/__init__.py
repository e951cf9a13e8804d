"""Juror pool, draw, panels, sealed ballots and professional opinions. Judges an opaque `case_ref`; knows no claim."""
