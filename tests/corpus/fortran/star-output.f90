integer a, b
read (5, *) a, b
write (6, *) a + b
end
