"""Programs in the style of strangers, each with the verdict it deserves. See README.md."""
