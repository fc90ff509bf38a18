"""What the compiler and cargo say of a copy of a workspace, asked in the process sandbox."""
