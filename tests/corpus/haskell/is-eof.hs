import System.IO

loop :: Integer -> IO Integer
loop acc = do
  end <- isEOF
  if end then return acc else getLine >>= \l -> loop (acc + sum (map read (words l)))

main :: IO ()
main = loop 0 >>= print
