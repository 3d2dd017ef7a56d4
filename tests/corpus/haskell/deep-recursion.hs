f :: Int -> Integer
f 0 = 0
f n = fromIntegral n + f (n - 1)

main :: IO ()
main = print . f =<< readLn
