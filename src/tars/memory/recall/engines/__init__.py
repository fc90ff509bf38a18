"""The engines beyond this machine: each file is one, holding `PLUGIN`."""
