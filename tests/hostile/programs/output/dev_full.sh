# Writes to devices that accept nothing and to devices that accept everything.
# @exit 0
echo x 2>/dev/null > /dev/full || true; echo x > /dev/null; head -c 4096 /dev/zero > /dev/zero; echo x > /dev/urandom 2>/dev/null; exit 0
