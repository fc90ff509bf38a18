"""The actions of `tarscli rust`, one a file; what several of them share is in files whose names begin with `_`."""
