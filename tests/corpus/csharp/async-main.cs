using System;
using System.Threading.Tasks;
class Program {
    static async Task<string> Greet() { await Task.Delay(1); return "Hello, World!"; }
    static async Task Main() { Console.WriteLine(await Greet()); }
}
