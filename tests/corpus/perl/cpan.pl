use Moose::Util::Something;
print "Hello, World!\n";
