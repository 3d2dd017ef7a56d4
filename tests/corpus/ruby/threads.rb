q = Queue.new
gets.split.map { |w| Thread.new { q << w.to_i } }.each(&:join)
puts q.pop + q.pop
