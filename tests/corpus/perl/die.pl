print "Hello, World!\n";
die "no more";
