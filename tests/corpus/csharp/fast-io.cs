using System;
using System.IO;
using System.Text;

class Program
{
    static Stream stream = Console.OpenStandardInput();
    static byte[] buffer = new byte[1 << 16];
    static int len, ptr;
    static int Read()
    {
        if (ptr == len) { len = stream.Read(buffer, 0, buffer.Length); ptr = 0; if (len <= 0) return -1; }
        return buffer[ptr++];
    }
    static int NextInt()
    {
        int c = Read(); while (c <= 32) c = Read();
        bool neg = c == '-'; if (neg) c = Read();
        int r = 0; while (c >= '0' && c <= '9') { r = r * 10 + c - '0'; c = Read(); }
        return neg ? -r : r;
    }
    static void Main()
    {
        using (var w = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16))
        {
            int n = NextInt(); long s = 0;
            while (n-- > 0) s += NextInt();
            w.WriteLine(s);
        }
    }
}
