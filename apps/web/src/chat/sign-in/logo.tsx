import icon from '../../shared/icon.svg';

/** The mark and the name. */
export function Logo() {
  return (
    <div class="logo">
      <img src={icon} alt="" width="36" height="36" />
      <span>Hubbub</span>
    </div>
  );
}
