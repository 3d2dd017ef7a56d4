my $n = <STDIN>;
print join("\n", 1 .. $n), "\n";
exit 0;
