$| = 1;
my ($lo, $hi) = (1, 1000);
while (1) {
    my $m = int(($lo + $hi) / 2);
    print "$m\n";
    chomp(my $s = <STDIN>);
    if ($s eq 'higher') { $lo = $m + 1 } elsif ($s eq 'lower') { $hi = $m - 1 } else { last }
}
