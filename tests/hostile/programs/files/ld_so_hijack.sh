# Leaves libraries and loaders with well-known names in the folder. No program in the box may look for them there.
# @never ESCAPED  @twice
ls /w/libc.so.6 /w/ld.so.cache 2>/dev/null && echo ESCAPED
echo junk > libc.so.6; echo junk > ld.so.cache; echo junk > libpthread.so.0; mkdir -p x86_64 tls glibc-hwcaps; echo junk > x86_64/libc.so.6
/bin/ls >/dev/null && /usr/bin/env true
