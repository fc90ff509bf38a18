"""The embedders: each file is one, holding `PLUGIN`."""
