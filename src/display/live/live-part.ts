import { createHash } from "node:crypto";
import type { MimeBundle } from "../mime.ts";
import { notebookSink } from "../notebook.ts";
import { type Comm, notebookHost } from "../notebook-host.ts";
import type { LiveState, StateMessage, ValueMessage } from "./live-state.ts";
import { paced } from "./pace.ts";

export interface PartOptions {
  /** What the part is, for its id. */
  readonly kind: LiveState["kind"];
  /** What tells it from others, for its id. */
  readonly spec: unknown;
  readonly state: () => LiveState;
  /** Takes a value from the page; ends when what follows from it has. */
  readonly take?: (value: number) => unknown;
  /** The whole output, as it is to be kept. */
  readonly bundle: () => MimeBundle | Promise<MimeBundle>;
  /** Told when the cell of the part runs again. */
  readonly ended?: () => void;
}

/** Something on the page that follows what happens in the kernel. */
export interface LivePart {
  /** The same each time that the same cells run. */
  readonly id: string;
  /** Brings pages, and from the first `show` on the output that is kept, up to the state. */
  readonly changed: () => void;
  readonly show: () => void;
}

/** How often pages are told of a new state, in milliseconds. */
const PAGE_PACE = 30;
/** How often the output that is kept is replaced: by a line of text at once, by a picture when there is time. */
const KEEP_PACE = 250;
const PICTURE_PACE = 1000;

const counts = new Map<string, number>();

/** Makes a part: where the program has pages, they may now ask for it by its id. */
export function livePart({ kind, spec, state, take, bundle, ended }: PartOptions): LivePart {
  const id = nextId(kind, spec);
  const host = notebookHost();
  const pages = new Map<Comm, number>();
  let isShown = false;
  let isOver = false;

  const tell = (news: Pick<StateMessage, "kept"> = {}): void => {
    const present = state();
    for (const [comm, seen] of pages) comm.send({ state: present, seen, ...news } satisfies StateMessage);
  };
  const keep = (): void => {
    const sink = notebookSink();
    if (!isShown || isOver || sink === undefined) return;
    const put = (kept: MimeBundle): void => {
      sink.display(kept, id, true);
      // A page that was loaded anew does not know the output by its place.
      tell({ kept });
    };
    const kept = bundle();
    if (!(kept instanceof Promise)) put(kept);
    else host?.hold(kept.then(put));
  };
  host?.comms?.accept(
    id,
    (comm) => {
      pages.set(comm, 0);
      comm.send({ state: state(), seen: 0 } satisfies StateMessage);
      return {
        message(data) {
          const { value, count } = data as ValueMessage;
          pages.set(comm, count);
          return take?.(value);
        },
        closed: () => pages.delete(comm),
      };
    },
    () => {
      isOver = true;
      pages.clear();
      ended?.();
    },
  );
  const tellPages = paced(() => tell(), PAGE_PACE);
  // Who runs a notebook without a page wants its end, and waits for nothing.
  const isWithoutPage = host !== undefined && host.comms === undefined;
  const isPicture = kind === "figure";
  const keepOutput = paced(keep, isWithoutPage ? 0 : isPicture ? PICTURE_PACE : KEEP_PACE, !isPicture);

  return {
    id,
    changed() {
      if (pages.size > 0) tellPages();
      if (isShown) keepOutput();
    },
    show() {
      isShown = true;
    },
  };
}

/** Counted among parts of the same kind and content: nothing that a later kernel makes is taken for it. */
function nextId(kind: string, spec: unknown): string {
  const digest = createHash("sha256").update(JSON.stringify(spec)).digest("hex").slice(0, 8);
  const name = `mixlens-${kind}-${digest}`;
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return `${name}-${count}`;
}
