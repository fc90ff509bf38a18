"""The engines, one a file: `PLUGIN` makes a `tars.infer.engine.Engine` for an endpoint."""
