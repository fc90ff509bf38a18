"""From a module's source to something that can be started: tools, environments, builds, and what is kept of them."""
