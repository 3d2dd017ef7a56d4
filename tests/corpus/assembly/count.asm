global main
extern scanf, printf, exit
section .data
f db "%d", 0
g db "%d", 10, 0
section .bss
n resd 1
section .text
main:
    push rbx
    mov edi, f
    mov esi, n
    xor eax, eax
    call scanf
    mov ebx, 1
.l: cmp ebx, [n]
    jg .e
    mov edi, g
    mov esi, ebx
    xor eax, eax
    call printf
    inc ebx
    jmp .l
.e: xor edi, edi
    call exit
