%define SYS_WRITE 1
%macro print 2
    mov eax, SYS_WRITE
    mov edi, 1
    mov rsi, %1
    mov edx, %2
    syscall
%endmacro
global _start
section .data
text: db `Hello, World!\n`
.length: equ $ - text
zeros: times 16 db 0
section .text
_start:
    print text, text.length
    mov eax, 60
    xor edi, edi
    syscall
