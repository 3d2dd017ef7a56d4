import java.io.*;
import java.util.*;

public class Main {
    static class FastReader {
        final private int BUFFER_SIZE = 1 << 16;
        private final DataInputStream din = new DataInputStream(System.in);
        private final byte[] buffer = new byte[BUFFER_SIZE];
        private int bufferPointer = 0, bytesRead = 0;

        public long nextLong() throws IOException {
            long ret = 0;
            byte b = read();
            while (b <= ' ') b = read();
            boolean neg = (b == '-');
            if (neg) b = read();
            do { ret = ret * 10 + b - '0'; } while ((b = read()) >= '0' && b <= '9');
            return neg ? -ret : ret;
        }
        private byte read() throws IOException {
            if (bufferPointer == bytesRead) {
                bytesRead = din.read(buffer, bufferPointer = 0, BUFFER_SIZE);
                if (bytesRead == -1) { bytesRead = 0; return -1; }
            }
            return buffer[bufferPointer++];
        }
    }

    public static void main(String[] args) throws IOException {
        FastReader in = new FastReader();
        long n = in.nextLong(), s = 0;
        while (n-- > 0) s += in.nextLong();
        PrintWriter out = new PrintWriter(new BufferedOutputStream(System.out));
        out.println(s);
        out.close();
    }
}
