"""What a built page has beside its text: formulas, definitions that show on a link, tables that can be read, a foot."""
