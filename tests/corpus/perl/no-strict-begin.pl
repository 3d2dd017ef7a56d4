BEGIN { $who = "World" }
print "Hello, $who!\n";
