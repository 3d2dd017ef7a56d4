"""Programs in the style of many different people, each with its right verdict. See README.md."""
