print '(a)', 'Hello, World!'
error stop 'bad'
end
