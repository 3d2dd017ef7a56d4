program count
  implicit none
  integer :: n, i
  read *, n
  do i = 1, n
    print '(i0)', i
  end do
  stop
end program
