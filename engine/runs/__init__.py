"""The shell around the engine: everything that touches a disk, a process or a clock."""
