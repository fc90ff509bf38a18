"""The built-in engines of runs besides this process, one file each."""
