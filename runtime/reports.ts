// What kernels tell while they run: prints go to a handler, failed assertions and accesses out of bounds become errors of
// their launch. Each launch that can report has a buffer of its own from the pool, so that launches in flight together
// don't mix; codeobject/report-buffer.ts has its layout.

import type { KernelManifest, ReportManifest } from "../codeobject/manifest.js";
import { REPORT_BUFFER, reportValues, wordsOfReport, wordsOfValue } from "../codeobject/report-buffer.js";
import { arrayOfBytes, describeValue, type ElementValue, elementSize, type ScalarType } from "./elements.js";
import {
    ArgumentError,
    AssertionFault,
    BoundsFault,
    type ReportedFault,
    type SourcePlace,
    type WorkItem,
} from "./errors.js";
import type { NativeBuffer } from "./hip/binding.js";
import type { Lane } from "./lanes.js";
import type { Scheduler } from "./scheduler.js";
import { formatElement } from "./text.js";

/** One `print` of a work-item. */
export interface Printed extends WorkItem {
    /** With its values filled in. */
    readonly text: string;
    readonly values: readonly ElementValue[];
    readonly kernel: string;
    readonly place: SourcePlace;
}

export interface ReportOptions {
    /**
     * Called for each `print` when its launch has finished; those of a work-item in order. Default: a line of
     * `console.log`.
     */
    readonly print?: (printed: Printed) => void;
    /** Called when prints of a launch had no room. Default: a line of `console.error`. */
    readonly lost?: (lost: { readonly kernel: string; readonly count: number; readonly message: string }) => void;
    /** Room for the records of a launch in bytes: 20 for each print, and 4 or 8 for each value. Default 1 MiB. */
    readonly bytes?: number;
}

const DEFAULT_BYTES = 1 << 20;
const { records: HEADER_BYTES } = REPORT_BUFFER;

/** The report buffers and handlers of a GPU. */
export class Reports {
    private options: Required<ReportOptions> = {
        print: ({ text }) => console.log(text),
        lost: ({ message }) => console.error(message),
        bytes: DEFAULT_BYTES,
    };
    private idle: NativeBuffer[] = [];
    private resets = 0;

    constructor(
        private readonly allocate: (bytes: number) => NativeBuffer,
        private readonly scheduler: Scheduler,
    ) {}

    configure(options: ReportOptions): void {
        const { bytes = this.options.bytes } = options;
        if (!Number.isSafeInteger(bytes) || bytes < 64 || bytes > 2 ** 31) {
            throw new ArgumentError(`bytes is an integer from 64 to 2147483648, not ${describeValue(options.bytes)}`);
        }
        this.options = { ...this.options, ...options, bytes };
        for (const buffer of this.idle.splice(0)) {
            buffer.dispose();
        }
    }

    /** The device was reset: its buffers are gone. */
    forget(): void {
        this.resets++;
        for (const buffer of this.idle.splice(0)) buffer.dispose();
    }

    /** A buffer for one launch on a lane; `done` gives it back. */
    acquire(lane: Lane): LaunchReports {
        const { bytes } = this.options;
        const { resets } = this;
        const buffer = this.idle.pop() ?? this.allocate(HEADER_BYTES + Math.floor(bytes / 8) * 8);
        return new LaunchReports(buffer, this.scheduler, lane, this.options, () => {
            if (this.options.bytes === bytes && this.resets === resets) {
                this.idle.push(buffer);
            } else {
                buffer.dispose();
            }
        });
    }
}

/** The buffer of one launch. */
export class LaunchReports {
    constructor(
        readonly buffer: NativeBuffer,
        private readonly scheduler: Scheduler,
        private readonly lane: Lane,
        private readonly options: Required<ReportOptions>,
        readonly done: () => void,
    ) {}

    /** Queues the buffer's initialisation. The launch comes behind it, and does not run where it fails. */
    async prepare(): Promise<void> {
        const head = new DataView(new ArrayBuffer(REPORT_BUFFER.capacity + 8));
        head.setBigUint64(REPORT_BUFFER.capacity, BigInt((this.buffer.bytes - HEADER_BYTES) / 4), true);
        await this.scheduler.give(this.lane, ({ native }) =>
            native.initialise(this.buffer, new Uint8Array(head.buffer)),
        );
    }

    /** Queues reading the head of the buffer behind the launch. */
    async readHead(): Promise<ArrayBuffer> {
        return this.read(0, HEADER_BYTES);
    }

    private read(offset: number, bytes: number): Promise<ArrayBuffer> {
        return this.scheduler.give(this.lane, ({ native }) => native.read(this.buffer, offset, bytes));
    }

    /**
     * Hands on the prints.
     * @param head what `readHead` gave
     * @throws ReportedFault for a failure that the kernel reported
     */
    async deliver(kernel: KernelManifest, reports: readonly ReportManifest[], head: ArrayBuffer): Promise<void> {
        const view = new DataView(head);
        const words = Number(view.getBigUint64(REPORT_BUFFER.used, true));
        const lost = Number(view.getBigUint64(REPORT_BUFFER.lost, true));
        if (words > 0) {
            const bytes = Math.min(words * 4, this.buffer.bytes - HEADER_BYTES);
            const records = await this.read(HEADER_BYTES, bytes);
            for (const { report, item, values } of readRecords(new DataView(records), kernel, reports)) {
                if (report.kind === "print") {
                    const text = fill(report.pieces, report.values, values);
                    this.options.print({ text, values, kernel: kernel.name, place: placeOf(report), ...item });
                }
            }
        }
        if (lost > 0) {
            const message = `${kernel.name}: ${lost} prints did not fit into ${this.options.bytes} bytes and are lost: make room with gpu.reports({ bytes })`;
            this.options.lost({ kernel: kernel.name, count: lost, message });
        }
        const failed = Number(view.getBigUint64(REPORT_BUFFER.failed, true));
        const failure = failed === 0 ? null : readRecord(view, REPORT_BUFFER.failure, kernel, reports);
        if (failure !== null) {
            throw faultOf(kernel.name, failure, failed);
        }
    }
}

/** What a kernel printed before the device stopped it, where the device can be used again. */
export async function deliverRest(
    reporting: LaunchReports | undefined,
    manifest: KernelManifest,
    reports: readonly ReportManifest[],
): Promise<void> {
    try {
        await reporting?.deliver(manifest, reports, await reporting.readHead());
    } catch {
        // The launch's own failure is what is reported.
    }
}

interface Record {
    readonly report: ReportManifest;
    readonly item: WorkItem;
    readonly values: readonly ElementValue[];
}

/** The records up to the first that had no room: its place is zero. */
function* readRecords(
    view: DataView,
    kernel: KernelManifest,
    reports: readonly ReportManifest[],
): Generator<Record, void> {
    let offset = 0;
    for (;;) {
        const record = readRecord(view, offset, kernel, reports);
        if (record === null) {
            return;
        }
        yield record;
        offset += 4 * wordsOfReport(record.report);
    }
}

function readRecord(
    view: DataView,
    offset: number,
    kernel: KernelManifest,
    reports: readonly ReportManifest[],
): Record | null {
    const report = offset + 4 > view.byteLength ? undefined : reports[view.getUint32(offset, true) - 1];
    if (report === undefined || offset + 4 * wordsOfReport(report) > view.byteLength) {
        return null;
    }
    const word = (at: number) => view.getUint32(offset + 4 * at, true);
    const packed = word(4);
    const local = [packed & 1023, (packed >>> 10) & 1023, (packed >>> 20) & 1023];
    const item = { group: asWritten(kernel, [word(1), word(2), word(3)]), local: asWritten(kernel, local) };
    let at = offset + 4 * REPORT_BUFFER.headWords;
    const values = reportValues(report).map((type) => {
        const value = readValue(view, at, type);
        at += 4 * wordsOfValue(type);
        return value;
    });
    return { report, item, values };
}

function readValue({ buffer, byteOffset }: DataView, offset: number, type: ScalarType): ElementValue {
    const start = byteOffset + offset;
    const [value = 0] = arrayOfBytes(type, (buffer as ArrayBuffer).slice(start, start + elementSize(type)));
    return type === "bool" ? value !== 0 : value;
}

/** From the grid's order, x first, to the launch clause's. */
function asWritten({ launch }: KernelManifest, [x = 0, y = 0, z = 0]: readonly number[]): number[] {
    const rank = (launch.kind === "over" ? launch.extents : launch.groups).length;
    return [x, y, z].slice(0, rank).reverse();
}

function fill(pieces: readonly string[], types: readonly ScalarType[], values: readonly ElementValue[]): string {
    const [first = "", ...rest] = pieces;
    return rest.reduce((text, piece, at) => {
        const value = values[at] ?? 0;
        return `${text}${formatElement(value, types[at] ?? "index")}${piece}`;
    }, first);
}

function placeOf({ file, line }: ReportManifest): SourcePlace {
    return { file, line };
}

function faultOf(kernel: string, { report, item, values }: Record, count: number): ReportedFault {
    const { file, line } = report;
    const others = count > 1 ? `; ${count - 1} other ${count === 2 ? "work-item" : "work-items"} failed as well` : "";
    const where = `${file}:${line}, work-item ${formatId(item.local)} of workgroup ${formatId(item.group)}${others}`;
    const place = placeOf(report);
    if (report.kind !== "bounds") {
        const text = fill(report.pieces, report.values, values);
        return new AssertionFault(
            `${kernel}: assertion failed: ${text} (${where})`,
            kernel,
            place,
            item,
            count,
            text,
            values,
        );
    }
    const { access, name, dimension } = report;
    const index = BigInt(values[0] ?? 0);
    const limit = BigInt(values[1] ?? 0);
    // Of a slice's bound, one more than the extent was compared with.
    const extent = access === "element" ? limit : limit - 1n;
    const what = {
        element: `index ${index} in dimension ${dimension} of ${name}, whose extent is ${extent}`,
        end: `a slice to ${index} in dimension ${dimension} of ${name}, whose extent is ${extent}`,
        start: `a slice from ${index} to ${extent} in dimension ${dimension} of ${name}`,
    }[access];
    const view = { name, dimension };
    return new BoundsFault(
        `${kernel}: out of bounds: ${what} (${where})`,
        kernel,
        place,
        item,
        count,
        view,
        index,
        extent,
    );
}

function formatId(id: readonly number[]): string {
    return id.length === 1 ? String(id[0]) : `(${id.join(", ")})`;
}
