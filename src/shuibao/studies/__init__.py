"""Studies: recipes from a county's files to a product, each with a declared spec."""
