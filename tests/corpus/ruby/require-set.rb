require 'set'
require 'bigdecimal'
require 'date'
require 'json'
counts = Hash.new(0)
$<.read.split.each { |w| counts[w] += 1 }
seen = Set.new(counts.keys)
seen.sort.each { |w| puts "#{w} #{counts[w]}" }
