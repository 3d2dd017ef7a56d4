program eof
  implicit none
  character(len=1000) :: line
  integer :: ios, x, s, p, q
  s = 0
  do
    read (*, '(a)', iostat=ios) line
    if (ios /= 0) exit
    p = 1
    do while (len_trim(line(p:)) > 0)
      q = p + verify(line(p:), ' ') - 1
      read (line(q:), *) x
      s = s + x
      if (scan(line(q:), ' ') == 0) exit
      p = q + scan(line(q:), ' ')
    end do
  end do
  print '(i0)', s
end program
