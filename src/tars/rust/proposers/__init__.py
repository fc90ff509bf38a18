"""The proposers of mends, one a file: `PLUGIN` is a `tars.rust.mending.proposer.Proposer`."""
