// @compile-fails  @never-says-root
#include "/etc/shadow"
