integer :: i
do
  i = ieor(i, 1)
  if (i == 17) print *, i
end do
end
