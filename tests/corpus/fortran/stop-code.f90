print '(a)', 'Hello, World!'
stop 1
end
