END { puts DATA.read }
BEGIN { x = 1 }
__END__
Hello, World!
