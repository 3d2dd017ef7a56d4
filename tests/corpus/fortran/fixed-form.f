C     FORTRAN 77
      PROGRAM MAIN
      INTEGER A, B
      READ(5,*) A, B
      WRITE(6,100) A
     $  + B
 100  FORMAT(I10)
      STOP
      END
