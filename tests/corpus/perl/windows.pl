use strict;
my @x = split / /, <STDIN>;
print $x[0] + $x[1], "\n";
