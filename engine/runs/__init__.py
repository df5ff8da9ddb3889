"""Everything around the engine that uses the disk, processes or the clock."""
