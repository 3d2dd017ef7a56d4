import java.io.*;
import java.util.*;

public class Sort {
    public static void main(String[] args) throws IOException {
        StreamTokenizer in = new StreamTokenizer(new BufferedInputStream(System.in, 1 << 16));
        in.nextToken();
        int[] values = new int[(int) in.nval];
        for (int i = 0; i < values.length; i++) {
            in.nextToken();
            values[i] = (int) in.nval;
        }
        Arrays.sort(values);
        int widest = 0;
        for (int i = 1; i < values.length; i++) widest = Math.max(widest, values[i] - values[i - 1]);
        System.out.println(widest);
    }
}
