// Run tests are written once for every device: SOMA_DEVICE names it, as open() takes it; by default the virtual gfx1100.
// A test file opens it once, on first use, and closes it at its end.

import { afterAll, expect } from "vitest";
import {
    type ElementArrays,
    type ElementType,
    type Gpu,
    type Kernel,
    type KernelArgument,
    type LaunchResult,
    open,
    type TensorData,
} from "../../runtime/index.js";

export const DEVICE = process.env.SOMA_DEVICE ?? "vgpu:gfx1100";

/** The device under test, and one whose waves have 64 work-items: for tests of what depends on that. */
export const WAVE_DEVICES: readonly string[] = [DEVICE, "vgpu:gfx90a"];

const opened = new Map<string, Promise<Gpu>>();
const compiled = new Map<string, Promise<Readonly<Record<string, Kernel>>>>();

afterAll(async () => {
    for (const gpu of opened.values()) (await gpu).close();
});

/** The device under test, or another. */
export function testGpu(device = DEVICE): Promise<Gpu> {
    const gpu = opened.get(device) ?? open(device);
    opened.set(device, gpu);
    return gpu;
}

/** The kernels of a source text, compiled once a file, at -O3 or as said. */
export function kernelsOf(
    source: string,
    optimisation: 0 | 1 | 2 | 3 = 3,
    device = DEVICE,
): Promise<Readonly<Record<string, Kernel>>> {
    const key = `${device} ${optimisation}\n${source}`;
    const known = compiled.get(key);
    const kernels =
        known ??
        testGpu(device).then(async (gpu) => (await gpu.load({ source, path: "test.soma" }, { optimisation })).kernels);
    compiled.set(key, kernels);
    return kernels;
}

/** A view's type, shape and contents; `run` makes a tensor of it, and reads it back. */
export class View<T extends ElementType> {
    constructor(
        readonly type: T,
        readonly shape: readonly number[],
        readonly data?: TensorData<T>,
    ) {}
}

/** A view argument; zeros without data. */
export function view<T extends ElementType>(type: T, shape: readonly number[], data?: TensorData<T>): View<T> {
    return new View(type, shape, data);
}

type Arguments = Readonly<Record<string, KernelArgument | View<ElementType>>>;

/** What each view argument holds after the launch, by the argument's name. */
type Contents<A extends Arguments> = {
    [name in keyof A as A[name] extends View<ElementType> ? name : never]: A[name] extends View<infer T>
        ? ElementArrays[T]
        : never;
};

export interface RunOptions {
    /** Which kernel of the source; needed where there are several. */
    readonly kernel?: string;
    readonly optimisation?: 0 | 1 | 2 | 3;
    /** Default: the device under test. */
    readonly device?: string;
}

/** Compiles, launches once, waits and reads the views back. */
export async function run<A extends Arguments>(
    source: string,
    args: A,
    { kernel: name, optimisation = 3, device = DEVICE }: RunOptions = {},
): Promise<Contents<A> & { readonly launch: LaunchResult }> {
    const gpu = await testGpu(device);
    const kernels = await kernelsOf(source, optimisation, device);
    const kernel = kernels[name ?? (Object.keys(kernels)[0] as string)];
    if (kernel === undefined) {
        throw new Error(`no kernel ${name} among ${Object.keys(kernels).join(", ")}`);
    }
    const tensors = Object.entries(args).flatMap(([key, value]) =>
        value instanceof View ? [[key, gpu.tensor(value.type, value.shape, value.data)] as const] : [],
    );
    try {
        const launch = await kernel({ ...args, ...Object.fromEntries(tensors) } as Record<string, KernelArgument>);
        const contents = await Promise.all(tensors.map(async ([key, tensor]) => [key, await tensor.read()] as const));
        return { ...(Object.fromEntries(contents) as Contents<A>), launch };
    } finally {
        for (const [, tensor] of tensors) {
            tensor.dispose();
        }
    }
}

/** Fails at the first element that differs (as Object.is says), with its index; fast enough for millions. */
export function expectElements<T extends number | bigint>(actual: ArrayLike<T>, expected: ArrayLike<T>): void {
    expect(actual.length).toBe(expected.length);
    for (let i = 0; i < expected.length; i++) {
        if (!Object.is(actual[i], expected[i])) {
            expect.fail(`element ${i} of ${expected.length} is ${actual[i]}, expected ${expected[i]}`);
        }
    }
}
