program memory
  implicit none
  type :: node
    integer, allocatable :: a(:)
  end type
  type(node) :: nodes(100000)
  integer :: i
  do i = 1, 100000
    allocate (nodes(i)%a(1000000))
    nodes(i)%a = i
  end do
  print *, nodes(7)%a(3)
end program
