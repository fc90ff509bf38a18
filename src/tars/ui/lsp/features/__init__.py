"""One file for each thing that an editor can ask for: `METHOD`, perhaps `OPTIONS`, and `answer(server, params)`."""
