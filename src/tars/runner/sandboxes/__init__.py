"""The sandboxes that come with TARS, one file each."""
