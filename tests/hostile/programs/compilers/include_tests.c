// @compile-fails
#include "/.shares/0/secret/1.ans"
