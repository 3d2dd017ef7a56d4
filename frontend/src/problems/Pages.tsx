import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";

interface Props {
  page: number;
  pages: number;
  open: (page: number) => void;
}

/** Steps through the pages of a long list. */
export function Pages({ page, pages, open }: Props) {
  const go = (next: number) => {
    open(next);
    window.scrollTo(0, 0);
  };
  return (
    <nav className="pages" aria-label={t`Pages of the list`}>
      <button type="button" className="button" disabled={page <= 1} onClick={() => go(page - 1)}>
        <Trans>Previous</Trans>
      </button>
      <span>
        <Trans>
          Page {page} of {pages}
        </Trans>
      </span>
      <button type="button" className="button" disabled={page >= pages} onClick={() => go(page + 1)}>
        <Trans>Next</Trans>
      </button>
    </nav>
  );
}
