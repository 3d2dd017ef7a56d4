global _start
section .text
_start:
    call nothing
