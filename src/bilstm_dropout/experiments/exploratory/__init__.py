"""Parts of the study that explore: rates, longer texts, rows, sites, sharing, doses, schedules,
depth, controls, TREC's own test part, early and late masks, and what of a recipe is the place."""
