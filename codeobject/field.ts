// Taking decoded but untrusted data (MessagePack, JSON) apart: a field knows its path, so that each mismatch is a
// CodeObjectError that says where and what was expected.

import { CodeObjectError } from "./error.js";

export class Field {
    /** `path` is what errors call it, such as `kernels[0].name`. */
    constructor(
        private readonly value: unknown,
        private readonly document: string,
        private readonly path: string,
    ) {}

    /** The field `key` of this object; present with the value undefined where there is none. */
    get(key: string): Field {
        const { value } = this;
        if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array) {
            throw this.error("must be an object");
        }
        const path = this.path === "" ? key : `${this.path}.${key}`;
        const own = Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
        return new Field(own, this.document, path);
    }

    /** This field read by `read`, or undefined where it is absent. */
    optional<T>(read: (field: Field) => T): T | undefined {
        return this.value === undefined ? undefined : read(this);
    }

    isNull(): boolean {
        return this.value === null;
    }

    /** The names of this object's fields. */
    keys(): string[] {
        const { value } = this;
        if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.error("must be an object");
        return Object.keys(value);
    }

    array(): Field[] {
        if (!Array.isArray(this.value)) {
            throw this.error("must be an array");
        }
        return this.value.map((item, index) => new Field(item, this.document, `${this.path}[${index}]`));
    }

    string(): string {
        if (typeof this.value !== "string") {
            throw this.error("must be a string");
        }
        return this.value;
    }

    boolean(): boolean {
        if (typeof this.value !== "boolean") {
            throw this.error("must be true or false");
        }
        return this.value;
    }

    number(): number {
        if (typeof this.value !== "number") {
            throw this.error("must be a number");
        }
        return this.value;
    }

    /** An integer in `minimum` … `maximum`. */
    integer(minimum: number, maximum: number): number {
        const { value } = this;
        if (typeof value !== "number" || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
            throw this.error(`must be an integer in ${minimum} … ${maximum}`);
        }
        return value;
    }

    oneOf<T extends string>(choices: readonly T[]): T {
        const found = choices.find((choice) => choice === this.value);
        if (found === undefined) {
            throw this.error(`must be one of ${choices.join(", ")}`);
        }
        return found;
    }

    /** What it is, for data with alternatives: an array, an integer, text, or something else. */
    shape(): "array" | "number" | "string" | "other" {
        const type = typeof this.value;
        return Array.isArray(this.value) ? "array" : type === "number" || type === "string" ? type : "other";
    }

    error(requirement: string): CodeObjectError {
        const place = this.path === "" ? this.document : `${this.path} in ${this.document}`;
        const found = this.value === undefined ? "is missing" : `is ${describe(this.value)}`;
        return new CodeObjectError(`the code object is damaged: ${place} ${requirement}, but ${found}`);
    }
}

function describe(value: unknown): string {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        const text = JSON.stringify(value) ?? String(value);
        return text.length > 60 ? `${text.slice(0, 57)}…` : text;
    }
    return value === null ? "null" : Array.isArray(value) ? "an array" : `of type ${typeof value}`;
}
