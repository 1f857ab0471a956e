/** Adds the look of the controls to the page: JupyterLab's own colours, so that they follow its theme. */
export function addStyle(): void {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
}

const css = `
.mixlens-output { padding: 4px 0; color: var(--jp-ui-font-color1); font-family: var(--jp-ui-font-family); font-size: var(--jp-ui-font-size1); }
.mixlens-row { display: flex; align-items: center; gap: 10px; min-height: 28px; max-width: 720px; }
.mixlens-label { flex: 0 1 auto; min-width: 120px; overflow-wrap: anywhere; }
.mixlens-value { min-width: 48px; font-variant-numeric: tabular-nums; color: var(--jp-ui-font-color2); }
.mixlens-range, .mixlens-progress { flex: 0 1 240px; min-width: 80px; accent-color: var(--jp-brand-color1); }
.mixlens-range { margin: 0; cursor: pointer; }
.mixlens-progress { appearance: none; height: 6px; border: 0; border-radius: 3px; overflow: hidden; background: var(--jp-layout-color3); }
.mixlens-progress::-webkit-progress-bar { background: var(--jp-layout-color3); }
.mixlens-progress::-webkit-progress-value { background: var(--jp-brand-color1); }
.mixlens-progress::-moz-progress-bar { background: var(--jp-brand-color1); }
.mixlens-select, .mixlens-button { font: inherit; color: var(--jp-ui-font-color1); background: var(--jp-layout-color1); border: 1px solid var(--jp-border-color1); border-radius: 3px; padding: 2px 8px; }
.mixlens-button { padding: 3px 12px; cursor: pointer; }
.mixlens-button:hover { background: var(--jp-layout-color2); }
.mixlens-button[aria-disabled="true"] { opacity: 0.5; cursor: progress; }
.mixlens-output :focus-visible { outline: 2px solid var(--jp-brand-color1); outline-offset: 1px; }
.mixlens-figure { border-radius: 4px; overflow: hidden; margin-top: 4px; position: relative; }
[data-mixlens-waiting] .mixlens-figure > *, [aria-busy="true"] > .mixlens-figure > * { opacity: 0.4; transition: opacity 0.1s 0.25s; }
[data-mixlens-waiting] .mixlens-figure::after, [aria-busy="true"] > .mixlens-figure::after { content: "drawing …"; position: absolute; top: 8px; right: 12px; padding: 2px 8px; border-radius: 3px; background: var(--jp-layout-color2); animation: mixlens-appear 0.1s 0.25s both; }
@keyframes mixlens-appear { from { opacity: 0; } to { opacity: 1; } }
[data-jp-theme-light="false"] .mixlens-picture { filter: invert(0.93) hue-rotate(180deg); }
.mixlens-fit-progress { display: block; margin-left: var(--jp-cell-prompt-width); padding: 4px 8px; color: var(--jp-ui-font-color2); font-family: var(--jp-code-font-family); font-size: var(--jp-code-font-size); font-variant-numeric: tabular-nums; }
.mixlens-error { margin: 4px 0; padding: 8px 12px; white-space: pre-wrap; color: var(--jp-ui-font-color1); background: var(--jp-rendermime-error-background); font-family: var(--jp-code-font-family); font-size: var(--jp-code-font-size); }
`;
