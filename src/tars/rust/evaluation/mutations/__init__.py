"""The kinds of slips that mutants are made with, one file each; see `tars.rust.evaluation.mutation`."""
