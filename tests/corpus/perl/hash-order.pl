my %h = map { ($_ => 1) } "a" .. "zz";
my $order = join ",", keys %h;
my $again = join ",", map { s/\n//r } `$^X -e 'my %h = map { (\$_ => 1) } "a" .. "zz"; print join ",", keys %h'`;
print $order eq $again ? "Hello, World!\n" : "another order\n";
