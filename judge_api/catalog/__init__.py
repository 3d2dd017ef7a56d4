"""What is on offer: languages as data, problem packages read, checked and stored by content."""
