/** Marks on objects that no program sees or overwrites, at a tenth of the cost of a weak map. */
export interface Marks<T> {
  readonly isOn: (object: object) => boolean;
  readonly of: (object: object) => T | undefined;
  /** Marks an object, or changes its mark. */
  readonly put: (object: object, value: T) => void;
}

/** Gives back what it is given, so that a subclass puts its private field there. */
class Same {
  constructor(value: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the point of this class
    return value;
  }
}

/** Marks of one kind: those of others may be on the same objects. */
export function marks<T>(): Marks<T> {
  class Mark extends Same {
    #value: T;

    constructor(object: object, value: T) {
      super(object);
      this.#value = value;
    }

    static isOn(object: object): object is Mark {
      return #value in object;
    }

    static of(object: object): T | undefined {
      return Mark.isOn(object) ? object.#value : undefined;
    }

    static put(object: object, value: T): void {
      if (Mark.isOn(object)) object.#value = value;
      else new Mark(object, value);
    }
  }
  return Mark;
}
