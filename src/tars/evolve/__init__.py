"""Makes a metascript or a module better against a metric, and proves it: begin with `patch.py`, `search.py` and
`accept.py`. Nothing is applied that did not pass every gate, and the gates are read from the version before."""
