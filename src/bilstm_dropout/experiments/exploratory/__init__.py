"""Parts of the study that explore: rates, longer texts, rows, sites, sharing, doses, schedules,
depth, controls, and TREC's own test part."""
