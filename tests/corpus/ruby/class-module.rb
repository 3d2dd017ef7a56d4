# frozen_string_literal: true
module Addable
  refine Integer do
    def plus(o) = self + o
  end
end
using Addable
Pair = Struct.new(:a, :b) do
  def total = a.plus(b)
end
puts Pair.new(*$stdin.gets.split.map { Integer(_1) }).total
