# A library that is left in the folder must not be loaded by a later run, nor outside of the box.
# @twice  @never ESCAPED
[ -n "$LD_PRELOAD" ] && echo ESCAPED; echo junk > /w/evil.so; echo /w/evil.so > /w/ld.so.preload; ls /etc/ld.so.preload 2>/dev/null && echo ESCAPED; true
