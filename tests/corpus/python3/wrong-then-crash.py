print("thirty-eight", flush=True)
raise SystemExit(1)
