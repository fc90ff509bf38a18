"""Takes another process's right to open files away."""

import os
import resource

resource.prlimit(int(os.environ["VICTIM"]), resource.RLIMIT_NOFILE, (3, 3))
print("BITTEN")
