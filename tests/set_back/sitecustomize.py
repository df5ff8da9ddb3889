"""Set back the time of day by an hour in every Python process that has this folder on its path.

The hour begins as soon as the file CLOCK_SET_BACK_BY_FILE exists.
"""

import os
import time

HOUR = 3600.0

if path := os.environ.get("CLOCK_SET_BACK_BY_FILE"):
    time_of_day = time.time
    time.time = lambda: time_of_day() - HOUR * os.path.exists(path)
