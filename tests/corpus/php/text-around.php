Hello, <?= "World" ?>!
