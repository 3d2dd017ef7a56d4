use warnings;
my $u;
my ($x, $y) = split ' ', <STDIN>;
print $x + $y + $u, "\n";
