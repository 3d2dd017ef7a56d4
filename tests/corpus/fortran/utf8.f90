program gruss
  ! Begrüßung für alle: 日本
  character(len=*), parameter :: s = 'ü'
  if (len(s) == 2) print '(a)', 'Hello, World!'
end program
