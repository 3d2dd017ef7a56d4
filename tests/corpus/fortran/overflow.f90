integer :: a, b
read *, a, b
print *, a + b
end
