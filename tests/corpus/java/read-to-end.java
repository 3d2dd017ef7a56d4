import java.io.*;
public class Main {
    public static void main(String[] a) throws IOException {
        BufferedReader r = new BufferedReader(new InputStreamReader(System.in));
        long sum = 0;
        for (String line; (line = r.readLine()) != null; )
            for (String w : line.trim().split("\\s+"))
                if (!w.isEmpty()) sum += Long.parseLong(w);
        System.out.println(sum);
    }
}
