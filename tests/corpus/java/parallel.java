import java.io.*;
import java.util.*;
import java.util.stream.*;
public class Main {
    public static void main(String[] args) throws IOException {
        BufferedReader br = new BufferedReader(new InputStreamReader(System.in));
        int n = Integer.parseInt(br.readLine());
        List<String> lines = br.lines().limit(n).collect(Collectors.toList());
        System.out.println(lines.parallelStream().mapToLong(Long::parseLong).sum());
    }
}
