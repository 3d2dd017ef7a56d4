section .text
begin:
    ret
