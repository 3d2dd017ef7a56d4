program mean
  implicit none
  integer :: n
  real(kind=8), allocatable :: a(:)
  read *, n
  allocate (a(n))
  read *, a
  print '(f0.6)', sum(a) / n
end program
