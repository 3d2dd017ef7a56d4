defmodule Main do
  def main do
    IO.puts("Hello, World!")
end
