/** Makes keys that reach a control its own, and not commands of the notebook; those with Ctrl and its like stay commands. */
export function keepKeys(): void {
  const keep = ({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
    if (!(target instanceof HTMLElement) || target.closest(".mixlens-output") === null) return;
    target.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || metaKey || altKey));
  };
  // On the window, which hears of them before the document, where JupyterLab listens.
  window.addEventListener("keydown", keep, true);
}
