program many
  use iso_fortran_env, only: int64
  implicit none
  integer(int64) :: s, x
  integer :: n, i
  read *, n
  s = 0
  do i = 1, n
    read *, x
    s = s + x
  end do
  print '(i0)', s
end program
