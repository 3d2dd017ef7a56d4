program depth
  implicit none
  integer :: n
  read *, n
  print '(i0)', f(n)
contains
  recursive function f(k) result(r)
    integer, intent(in) :: k
    integer(kind=8) :: r
    if (k == 0) then
      r = 0
    else
      r = k + f(k - 1)
    end if
  end function
end program
