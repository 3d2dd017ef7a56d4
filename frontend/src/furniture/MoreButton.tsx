interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** The rest of a list that comes page by page; nothing where there is no more. */
export function MoreButton({ paged, title }: { paged: Paged; title: string }) {
  if (!paged.hasNextPage) return null;
  return (
    <button
      type="button"
      className="button more"
      disabled={paged.isFetchingNextPage}
      onClick={() => void paged.fetchNextPage()}
    >
      {title}
    </button>
  );
}
