global _start
section .text
_start:
    mov qword [0], 1
