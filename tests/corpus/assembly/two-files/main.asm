%include "macros.inc"
global main
extern greet
section .text
main:
    sub rsp, 8
    call greet
    RETURN 0
