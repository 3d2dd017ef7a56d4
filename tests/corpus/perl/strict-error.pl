use strict;
$x = "Hello, World!";
print $x;
