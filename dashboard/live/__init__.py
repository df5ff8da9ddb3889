"""The live board: from the telemetry of a run to the charts in the browser of each viewer."""
