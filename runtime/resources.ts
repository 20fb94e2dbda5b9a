// What a device owns besides memory: modules, events, report buffers.

import type { NativeDisposable } from "./hip/binding.js";

/** What a device frees when it is closed; it keeps nothing from being collected. */
export class Resources {
    private readonly references = new Set<WeakRef<NativeDisposable>>();
    private readonly collected = new FinalizationRegistry<WeakRef<NativeDisposable>>((reference) => {
        this.references.delete(reference);
    });

    add(resource: NativeDisposable): void {
        const reference = new WeakRef(resource);
        this.references.add(reference);
        this.collected.register(resource, reference);
    }

    get alive(): readonly NativeDisposable[] {
        return [...this.references].flatMap((reference) => reference.deref() ?? []);
    }

    dispose(): void {
        for (const reference of this.references) {
            reference.deref()?.dispose();
        }
        this.references.clear();
    }
}
