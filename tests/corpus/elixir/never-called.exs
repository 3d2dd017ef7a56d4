defmodule Main do
  def main, do: IO.puts(3)
end
