"""`python -m tars.ui.cli`: the same as `tarscli`."""

import sys

from tars.ui.cli.main import main

sys.exit(main())
