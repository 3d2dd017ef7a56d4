package Greeter;
sub new { my ($class, %a) = @_; return bless {%a}, $class }
sub say_it { print "Hello, $_[0]{who}!\n" }
package main;
sub main { Greeter->new(who => "World")->say_it; return 0 }
exit main() unless caller;
