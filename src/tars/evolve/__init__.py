"""Makes a metascript or a module better against a metric, and proves it: begin with `patch.py`, `searching/search.py`
and `judging/accept.py`. Nothing is applied that did not pass every gate; the gates are read from the version before."""
