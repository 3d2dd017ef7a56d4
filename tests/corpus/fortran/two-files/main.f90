program main
  use helper
  integer :: a, b
  read *, a, b
  print '(i0)', add(a, b)
end program
