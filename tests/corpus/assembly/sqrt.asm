global main
extern scanf, printf
section .data
fi db "%d", 0
ff db "%lf", 0
fo db "%.6f", 10, 0
section .bss
n resd 1
x resq 1
s resq 1
section .text
main:
    push rbx
    mov edi, fi
    mov esi, n
    xor eax, eax
    call scanf
    mov ebx, [n]
.l: mov edi, ff
    mov esi, x
    xor eax, eax
    call scanf
    movsd xmm0, [s]
    addsd xmm0, [x]
    movsd [s], xmm0
    dec ebx
    jnz .l
    cvtsi2sd xmm1, dword [n]
    divsd xmm0, xmm1
    mov edi, fo
    mov eax, 1
    call printf
    xor eax, eax
    pop rbx
    ret
