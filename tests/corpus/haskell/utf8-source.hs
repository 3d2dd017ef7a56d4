-- Größe: Summe zweier Zahlen
main :: IO ()
main = do
  größe <- sum . map read . words <$> getLine
  if größe > (10 ^ 9 :: Int) then putStrLn "zu groß" else print größe
