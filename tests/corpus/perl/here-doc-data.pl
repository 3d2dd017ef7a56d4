local $/;
print <<"END" . (<DATA> =~ /!/ ? "World!\n" : "");
Hello, 
END
__DATA__
!
