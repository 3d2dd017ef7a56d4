// @compile-fails
#include "/root/.bashrc"
