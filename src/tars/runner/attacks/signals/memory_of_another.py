"""Opens another process's memory, as a debugger does."""

import os

os.close(os.open(f"/proc/{os.environ['VICTIM']}/mem", os.O_RDONLY))
print("BITTEN")
