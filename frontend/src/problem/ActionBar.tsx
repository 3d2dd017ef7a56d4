import { Link, usePathname } from "../lib/routing";
import { Icon } from "../components/Icon";
import { useCurrentAccount } from "../auth/queries";

interface Props {
  run: () => void;
  submit: () => void;
  isRunning: boolean;
  isSubmitting: boolean;
}

const MOD = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** Run and Submit, or a link to sign in. */
export function ActionBar({ run, submit, isRunning, isSubmitting }: Props) {
  const { data: me, isPending } = useCurrentAccount();
  const pathname = usePathname();
  if (!isPending && !me) {
    const next = `?next=${encodeURIComponent(pathname)}`;
    return (
      <div className="action-bar">
        <span className="muted">Your draft is kept in this browser.</span>
        <Link className="button primary" to={`/sign-in${next}`}>
          Sign in to submit
        </Link>
      </div>
    );
  }
  return (
    <div className="action-bar">
      <button type="button" className="button" onClick={run} disabled={isRunning || !me} title={`${MOD} + '`}>
        <Icon name="play" />
        Run
      </button>
      <button
        type="button"
        className="button primary"
        onClick={submit}
        disabled={isSubmitting || !me}
        title={`${MOD} + Enter`}
      >
        <Icon name="up" />
        Submit
      </button>
    </div>
  );
}
