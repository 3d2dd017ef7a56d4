module nothing
  implicit none
contains
  subroutine hello()
    print *, 'Hello, World!'
  end subroutine
end module
