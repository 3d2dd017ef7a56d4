import { useNavigate, useSearchParams } from "../furniture/routing";

/** Where to go after signing in: the page that asked for it. Only a path of this site is followed. */
export function useNext(): () => void {
  const navigate = useNavigate();
  const [address] = useSearchParams();
  const next = address.get("next") ?? "";
  return () => navigate(/^\/(?![/\\])/.test(next) ? next : "/problems", { replace: true });
}
