my $pid = fork;
if (!$pid) { print "Hello, World!\n"; exit 0 }
waitpid $pid, 0;
