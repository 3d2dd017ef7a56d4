import type { ReactNode } from "react";
import { TableContainer } from "./TableContainer";

/** One column of a {@link DataTable}. */
export interface Column<Shown> {
  title: ReactNode;
  cell: (row: Shown) => ReactNode;
  /** The title is read out and not shown, as over buttons. */
  hasHiddenTitle?: boolean;
  /** The cell names its row. */
  namesRow?: boolean;
  /** How the rows are ordered by this column now, and what a click on its title does. */
  sort?: { direction: "ascending" | "descending" | "none"; change: () => void };
  /** A class of the title and the cells: `number`, `wide-only`. */
  className?: string;
  /** A class of the cells alone: `time`, `actions`. */
  cellClass?: string;
}

interface Props<Row, Shown> {
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** `null` leaves a column out. */
  columns: readonly (Column<Shown> | null)[];
  className?: string;
  /** Read out before the table. */
  caption?: ReactNode;
  /** A hook that each row calls, for rows that change by themselves. */
  useRow?: (row: Row) => Shown;
}

/** A table of the pages: it scrolls sideways where it is too wide, and its rows and columns have names. */
export function DataTable<Row, Shown = Row>(props: Props<Row, Shown>) {
  const columns = props.columns.filter((column) => column !== null);
  return (
    <TableContainer label={props.label}>
      <table className={props.className} aria-label={props.caption ? undefined : props.label}>
        {props.caption ? <caption className="visually-hidden">{props.caption}</caption> : null}
        <thead>
          <tr>
            {columns.map((column, at) => (
              <th key={at} scope="col" className={column.className} aria-sort={column.sort?.direction}>
                <ColumnTitle column={column} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <DataRow key={props.rowKey(row)} row={row} columns={columns} useRow={props.useRow ?? asItIs} />
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}

function ColumnTitle<Shown>({ column: { title, hasHiddenTitle, sort } }: { column: Column<Shown> }) {
  const shown = hasHiddenTitle ? <span className="visually-hidden">{title}</span> : title;
  if (!sort) return shown;
  const sign = { ascending: "▲", descending: "▼", none: "↕" }[sort.direction];
  return (
    <button type="button" className="sort-button" onClick={sort.change}>
      {shown} <span aria-hidden="true">{sign}</span>
    </button>
  );
}

interface RowProps<Row, Shown> {
  row: Row;
  columns: readonly Column<Shown>[];
  useRow: (row: Row) => Shown;
}

function DataRow<Row, Shown>({ row, columns, useRow }: RowProps<Row, Shown>) {
  const shown = useRow(row);
  return (
    <tr>
      {columns.map((column, at) => {
        const className = [column.className, column.cellClass].filter(Boolean).join(" ") || undefined;
        return column.namesRow ? (
          <th key={at} scope="row" className={className}>
            {column.cell(shown)}
          </th>
        ) : (
          <td key={at} className={className}>
            {column.cell(shown)}
          </td>
        );
      })}
    </tr>
  );
}

// Without `useRow` the rows are shown as they are, so `Shown` is `Row`.
function asItIs<Row, Shown>(row: Row): Shown {
  return row as unknown as Shown;
}
