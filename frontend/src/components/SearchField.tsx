interface Props {
  label: string;
  placeholder: string;
  value: string;
  search: (text: string) => void;
  /** Search at Enter, not at each key: every search is a request. */
  atEnter?: boolean;
}

/** A field that narrows the list below it. */
export function SearchField({ label, placeholder, value, search, atEnter = false }: Props) {
  const field = {
    type: "search",
    name: "search",
    className: "input small",
    "aria-label": label,
    placeholder,
  } as const;
  if (!atEnter) return <input {...field} value={value} onChange={(event) => search(event.target.value)} />;
  return (
    <form
      className="select-field"
      onSubmit={(event) => {
        event.preventDefault();
        search(String(new FormData(event.currentTarget).get("search")).trim());
      }}
    >
      <input {...field} defaultValue={value} />
    </form>
  );
}
