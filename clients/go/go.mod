module tarsclient

go 1.18
