class P { static void Main() { for (uint i = 0; ; i++) if (i == 7) i = 0; } }
