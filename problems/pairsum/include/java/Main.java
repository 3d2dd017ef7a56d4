import java.io.*;
import java.util.*;

public class Main {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        int[] numbers = Arrays.stream(in.readLine().trim().split(" ")).mapToInt(Integer::parseInt).toArray();
        int[] pair = new Solution().pairSum(numbers, Integer.parseInt(in.readLine().trim()));
        StringJoiner words = new StringJoiner(" ");
        for (int index : pair) words.add(Integer.toString(index));
        System.out.println(words);
    }
}
