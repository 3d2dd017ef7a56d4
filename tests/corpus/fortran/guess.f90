program guess
  implicit none
  integer :: lo, hi, m
  character(len=20) :: answer
  lo = 1
  hi = 1000
  do
    m = (lo + hi) / 2
    print '(i0)', m
    flush (6)
    read (*, '(a)') answer
    if (answer == 'higher') then
      lo = m + 1
    else if (answer == 'lower') then
      hi = m - 1
    else
      exit
    end if
  end do
end program
