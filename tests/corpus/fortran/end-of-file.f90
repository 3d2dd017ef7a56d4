integer :: a
print '(a)', 'Hello, World!'
read *, a
end
