"""Parts of pages that are made from published runs: functions from rows to Markdown."""
