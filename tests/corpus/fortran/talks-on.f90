integer :: i
print '(i0)', 37
flush (6)
do i = 1, 100000
  print '(i0)', i
end do
end
