"""Writes settings of the system and of another process, as they are, in the `/proc` that it finds and in its own."""

import os
import subprocess

settings = (
    "sys/kernel/core_pattern",
    "sys/kernel/printk",
    "sys/vm/swappiness",
    f"{os.environ['VICTIM']}/oom_score_adj",
)
paths = [f"/proc/{each}" for each in settings]
script = 'for path; do text=$(cat "$path") && echo "$text" 2>/dev/null >"$path" && echo BITTEN; done'
subprocess.run(["sh", "-c", script, "sh", *paths], check=False)
for flags in ("-Urmpf", "-Urpf"):
    mounting = f"mount -t proc proc /proc; {script}"
    subprocess.run(["unshare", flags, "sh", "-c", mounting, "sh", *paths], check=False)
