defmodule Main do
  def main do
    [a, b] = read_ints()
    IO.puts(a + b)
  end

  defp read_ints, do: IO.read(:line) |> String.split() |> Enum.map(&String.to_integer/1)
end

Main.main()
