"""Parts of the study that explore: rates, rows, sites, sharing, schedules, depth, controls and doses."""
