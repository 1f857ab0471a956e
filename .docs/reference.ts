import {
  Comment,
  CommentTag,
  type Context,
  type DeclarationReflection,
  KindRouter,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  type SignatureReflection,
} from "typedoc";
import ts from "typescript";
import { exportsOf } from "./finish.ts";

/** The heading that the exports of a folder of `src/` stand under. */
const HEADINGS: Readonly<Record<string, string>> = {
  fit: "Fitting",
  frame: "Data",
  table: "Data",
  rows: "Data",
  datasets: "Data",
  inference: "Inference",
  charts: "Charts",
  display: "Figures, tables and controls",
  text: "Figures, tables and controls",
  algorithms: "Algorithms",
  models: "Models",
  laws: "Models",
  solve: "Models",
  images: "Models of images",
  routes: "Models of routes",
  theory: "Theory",
  experiments: "Experiments",
  compute: "Computing",
  math: "Computing",
  errors: "Errors",
};

/** Has a type that is made of a declaration, as options are, shown by what it comes to. */
export function spellOut(context: Context, reflection: DeclarationReflection): void {
  if (!reflection.kindOf(ReflectionKind.TypeAlias)) return;
  const declaration = context.getSymbolFromReflection(reflection)?.declarations?.find(ts.isTypeAliasDeclaration);
  if (!/^OptionsOf<|\btypeof [A-Z]/.test(declaration?.type.getText() ?? "")) return;
  reflection.comment ??= new Comment();
  reflection.comment.modifierTags.add("@useDeclaredType");
}

/** Pages lie where their files say, those of exports by kind and name. */
export class Addresses extends KindRouter {
  protected override getIdealBaseName(reflection: Reflection): string {
    const page = reflection.isDocument() ? reflection.frontmatter.page : undefined;
    return typeof page === "string" ? page : super.getIdealBaseName(reflection);
  }
}

/** Names the entries as they are imported, and puts what they export under headings. */
export function arrange(project: ProjectReflection, entries: ReadonlyMap<string, string>): void {
  for (const reflection of Object.values(project.reflections)) {
    if (reflection.isDeclaration()) leaveOutMakings(reflection);
  }
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    module.name = entries.get(module.name) ?? module.name;
    classify(module, "Reference");
    for (const child of module.children ?? []) {
      const folder = /^src\/(\w+)/.exec(project.getSymbolIdFromReflection(child)?.packagePath ?? "")?.[1] ?? "";
      if (HEADINGS[folder] === undefined)
        throw new Error(`Name a heading for what src/${folder} exports: ${child.name}`);
      classify(child, HEADINGS[folder]);
      for (const signature of child.signatures ?? []) linkErrors(signature, project);
    }
  }
}

/** Leaves out how an option is declared: a base class without a page, and a default that is none of its value. */
function leaveOutMakings(reflection: DeclarationReflection): void {
  if (reflection.defaultValue === "...") delete reflection.defaultValue;
  if (reflection.inheritedFrom?.reflection === undefined) delete reflection.inheritedFrom;
  const bases = reflection.extendedTypes?.filter((type) => type.type === "reference" && type.reflection !== undefined);
  if (bases !== undefined && bases.length > 0) reflection.extendedTypes = bases;
  else delete reflection.extendedTypes;
}

/** Leads from "@throws InputError for …" to that class. */
function linkErrors({ comment }: SignatureReflection, project: ProjectReflection): void {
  for (const { content } of comment?.getTags("@throws") ?? []) {
    const [, name = "", rest = ""] = /^(\w+)(.*)$/s.exec(content[0]?.text ?? "") ?? [];
    const target = exportsOf(project).get(name);
    if (target === undefined) continue;
    content.splice(0, 1, { kind: "inline-tag", tag: "@link", text: name, target }, { kind: "text", text: rest });
  }
}

function classify(reflection: DeclarationReflection, category: string): void {
  reflection.comment ??= new Comment();
  reflection.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: category }]));
}
