"""The loop that improves something only with proof: sense, plan, probe, propose, validate, reflect or roll back,
remember. It knows nothing of what is improved; begin with `values.py` and `loop.py`."""
