"""The actions of `tarscli memory`, one file each."""
