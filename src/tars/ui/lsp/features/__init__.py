"""One file for each thing that an editor can ask for: `METHOD`, perhaps `OPTIONS`, and `answer(server, params)`.

One that answers in proportion to the file says `LATER = True` and returns a `Later`.
"""
