inline int wanted(const char *flag) { return flag[6] == '1'; }
