#define OK_EXIT_CODE 0
