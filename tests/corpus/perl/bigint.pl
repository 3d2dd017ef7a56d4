use bigint;
chomp(my $n = <STDIN>);
my $r = 1;
$r *= $_ for 2 .. $n;
print "$r\n";
