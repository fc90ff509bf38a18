"""The projects that `tarscli new` makes, one folder a language; they are real files and run as they stand."""
