// Traces of the virtual GPU as text: executed instructions with the registers that they changed under their source lines,
// and what a work-item has where it comes to a line. And what the command line says about which.

import type { RegisterChange, StopRequest, TraceRequest, TraceStep, VirtualTrace } from "../../runtime/index.js";
import { UsageError } from "./errors.js";
import { formatVariable } from "./variables.js";

/** `kernel[:group[:wave]]` */
export function parseTrace(text: string): TraceRequest {
    const [, kernel, group, wave] = /^([^:]+)(?::(\d+))?(?::(\d+))?$/.exec(text) ?? [];
    if (kernel === undefined) {
        throw new UsageError(`--trace ${text}: expected KERNEL, KERNEL:GROUP or KERNEL:GROUP:WAVE, such as saxpy:0:1`);
    }
    return {
        kernel,
        ...(group === undefined ? {} : { group: Number(group) }),
        ...(wave === undefined ? {} : { wave: Number(wave) }),
    };
}

/** `[file:]line[:item]`, of the first workgroup */
export function parseStop(text: string): StopRequest {
    const [, file, line, item] = /^(?:(.*\D):)?(\d+)(?::(\d+))?$/.exec(text) ?? [];
    if (line === undefined || Number(line) === 0) {
        throw new UsageError(`--break ${text}: expected FILE:LINE or FILE:LINE:ITEM, such as saxpy.soma:3:17`);
    }
    return {
        ...(file === undefined ? {} : { file: file.replace(/^(\.\/)+/, "") }),
        group: 0,
        line: Number(line),
        ...(item === undefined ? {} : { item: Number(item) }),
    };
}

export function formatSteps({ steps, lost }: VirtualTrace): string {
    const waves = new Map<string, TraceStep[]>();
    for (const step of steps) {
        const wave = `${step.kernel}, workgroup ${step.group}, wave ${step.wave}`;
        const list = waves.get(wave) ?? [];
        waves.set(wave, list);
        list.push(step);
    }
    const text = [...waves]
        .sort(([, [a]], [, [b]]) => (a?.group ?? 0) - (b?.group ?? 0) || (a?.wave ?? 0) - (b?.wave ?? 0))
        .map(([wave, list]) => [`trace of ${wave}`, ...stepsOfWave(list)].join("\n"));
    if (lost > 0) text.push(`… and ${lost} instructions more`);
    return text.length === 0 ? "trace: no such wave has run" : text.join("\n\n");
}

function stepsOfWave(steps: readonly TraceStep[]): string[] {
    let place = "";
    return steps.flatMap((step) => {
        const its = placeOf(step);
        const head = its === place ? [] : [its];
        place = its;
        const changes = step.changes.map((change) => `              ${formatChange(change)}`);
        return [...head, `    ${hex(step.codeOffset)}  ${step.instruction}`, ...changes];
    });
}

export function formatStops({ stops, lost }: VirtualTrace, { line, item = 0 }: StopRequest): string {
    if (stops.length === 0) return `break: work-item ${item} of workgroup 0 does not come to line ${line}`;
    const text = stops.map((stop, at) =>
        [
            `break ${at + 1} at ${placeOf(stop)}: work-item ${item}, workgroup ${stop.group}, wave ${stop.wave}, of ${stop.kernel}`,
            ...stop.variables.map((variable) => `    ${formatVariable(variable)}`),
            `    before ${hex(stop.codeOffset)}  ${stop.instruction}`,
            ...stop.changes.map(({ register, values: [bits = 0] }) => `    ${register} = ${formatValue(bits)}`),
        ].join("\n"),
    );
    if (lost > 0) text.push(`… and ${lost} times more`);
    return text.join("\n\n");
}

function placeOf({ file, line }: TraceStep): string {
    return line === 0 ? "(no line)" : `${file}:${line}`;
}

function formatChange({ register, lanes, values }: RegisterChange): string {
    const [first = 0] = values;
    if (BigInt(lanes) === 0n) return `${register} = ${formatValue(first)}`;
    const on = [...BigInt(lanes).toString(2)].reverse().flatMap((bit, lane) => (bit === "1" ? [lane] : []));
    if (on.length > 1 && values.every((value) => value === first)) {
        return `${register} = ${formatValue(first)} in ${on.length} lanes, from ${on[0]} on`;
    }
    return `${register}: ${values.map((value, at) => `${on[at]}: ${hex(value)}`).join("  ")}`;
}

/** As bits, as a signed integer where it is a small one, and as a float where it is an ordinary one. */
function formatValue(bits: number): string {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, bits);
    const integer = view.getInt32(0);
    const float = view.getFloat32(0);
    const size = Math.abs(float);
    const readings = [
        ...(Math.abs(integer) < 1 << 24 ? [`${integer}`] : []),
        ...(size > 1e-20 && size < 1e20 ? [`${Number(float.toPrecision(7))} as f32`] : []),
    ];
    return readings.length === 0 ? hex(bits) : `${hex(bits)} (${readings.join(", ")})`;
}

function hex(value: number): string {
    return `0x${value.toString(16)}`;
}
