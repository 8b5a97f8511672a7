import './spinner.css';

/** Something is under way. @param label what: read out, and not shown */
export function Spinner({ label }: { readonly label: string }) {
  return (
    <span class="spinner" role="status">
      <span class="spinner-ring" aria-hidden="true" />
      <span class="unseen">{label}</span>
    </span>
  );
}
