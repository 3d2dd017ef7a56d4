module vectors
  implicit none
  type :: vec
    integer :: x = 0
  contains
    procedure :: show
  end type
  interface operator(+)
    module procedure add
  end interface
contains
  pure function add(a, b) result(c)
    type(vec), intent(in) :: a, b
    type(vec) :: c
    c%x = a%x + b%x
  end function
  subroutine show(self)
    class(vec), intent(in) :: self
    print '(i0)', self%x
  end subroutine
end module

program main
  use vectors
  type(vec) :: a, b, c
  read *, a%x, b%x
  c = a + b
  call c%show()
end program
