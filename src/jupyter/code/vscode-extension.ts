import { strToU8, zipSync } from "fflate";
import { plotlyLibrary } from "../../display/render/plotly-library.ts";
import { packageVersion } from "../../files/package-root.ts";

const [NAME, PUBLISHER, TITLE, OLDEST] = ["mixlens-figures", "mixlens", "Mixlens figures", "1.80.0"];
const TOLD = "Figures of Mixlens in notebooks: live, to zoom and point at.";

/** The first day that a ZIP file can have: the same files give the same bytes. */
const FIRST_DAY = new Date(1980, 0, 1);

/**
 * An extension of VS Code, as its .vsix file: it has plotly.js loaded into the pages of notebooks, where the script that each
 * figure keeps beside its picture then draws it. It runs nothing in the editor itself.
 */
export function vscodeExtension(): Buffer {
  const version = packageVersion();
  const files = {
    "[Content_Types].xml": contentTypes(["json", "application/json"], ["js", "application/javascript"]),
    "extension.vsixmanifest": vsixManifest(version),
    "extension/package.json": JSON.stringify({
      name: NAME,
      publisher: PUBLISHER,
      version,
      displayName: TITLE,
      description: TOLD,
      license: "MIT",
      engines: { vscode: `^${OLDEST}` },
      categories: ["Notebooks"],
      contributes: { notebookPreload: [{ type: "jupyter-notebook", entrypoint: "./plotly.js" }] },
    }),
    // VS Code takes what it loads for a module.
    "extension/plotly.js": `${plotlyLibrary()}\nexport function activate() {}\n`,
  };
  const packed = Object.entries(files).map(([path, text]) => [path, strToU8(text)]);
  return Buffer.from(zipSync(Object.fromEntries(packed), { mtime: FIRST_DAY }));
}

function contentTypes(...types: readonly (readonly [ending: string, type: string])[]): string {
  const lines = types.map(([ending, type]) => `<Default Extension=".${ending}" ContentType="${type}"/>`);
  const manifest = '<Default Extension=".vsixmanifest" ContentType="text/xml"/>';
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${lines.join("")}${manifest}</Types>
`;
}

function vsixManifest(version: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${NAME}" Version="${version}" Publisher="${PUBLISHER}"/>
    <DisplayName>${TITLE}</DisplayName>
    <Description>${TOLD}</Description>
    <Properties><Property Id="Microsoft.VisualStudio.Code.Engine" Value="^${OLDEST}"/></Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>
</PackageManifest>
`;
}
