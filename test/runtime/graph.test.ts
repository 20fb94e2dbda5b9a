import { describe, expect, it } from "vitest";
import { ArgumentError, AssertionFault, BoundsFault, DisposedError, open, ShapeError } from "../../runtime/index.js";

const SOURCE = `
kernel axpy(a: f32, x: f32[n], y: mut f32[n]) over i in n { y[i] = a * x[i] + y[i] }
kernel add(a: f32[n], b: f32[n], c: mut f32[n]) over i in n { c[i] = a[i] + b[i] }
`;

async function setUp() {
    const gpu = await open("vgpu:gfx1100");
    const kernels = await gpu.load<"axpy" | "add">({ source: SOURCE });
    const tensor = (...values: number[]) => gpu.tensor("f32", [values.length], values);
    return { gpu, ...kernels, tensor };
}

const SOURCE_ADD = `
kernel add_one(x: mut f32[n]) over i in n { x[i] = x[i] + 1.0 }
kernel add(a: f32, x: mut f32[n]) over i in n { x[i] = x[i] + a }
`;

describe("a graph", () => {
    it("captures without running, and replays a hundred launches in order", async () => {
        const { gpu, axpy, tensor } = await setUp();
        const [x, y] = [tensor(1, 2, 3), tensor(0, 0, 0)];
        const graph = await gpu.capture({ a: 1, x, y }, async ({ a, x, y }) => {
            for (let i = 0; i < 100; i++) await axpy({ a, x, y });
        });
        expect(graph.size).toBe(100);
        expect([...(await y.read())]).toEqual([0, 0, 0]);
        await graph.replay();
        expect([...(await y.read())]).toEqual([100, 200, 300]);
        graph.enqueue();
        expect([...(await y.read())]).toEqual([200, 400, 600]);
        gpu.close();
    });

    it("takes other numbers and tensors, which stay, and other shapes where all agree", async () => {
        const { gpu, axpy, tensor } = await setUp();
        const [x, y, z] = [tensor(1, 2, 3), tensor(0, 0, 0), tensor(10, 10, 10)];
        const graph = await gpu.capture({ a: 1, x, y }, ({ a, x, y }) => {
            axpy.enqueue({ a, x, y });
            axpy.enqueue({ a: 1, x, y });
        });
        await graph.replay({ a: 4 });
        expect([...(await y.read())]).toEqual([5, 10, 15]);
        await graph.replay({ y: z });
        expect([...(await z.read())]).toEqual([15, 20, 25]);
        expect([...(await y.read())]).toEqual([5, 10, 15]);
        const [longX, longY] = [tensor(...Array(300).fill(2)), tensor(...Array(300).fill(1))];
        await graph.replay({ x: longX, y: longY });
        expect(new Set(await longY.read())).toEqual(new Set([11]));
        await expect(graph.replay({ x })).rejects.toThrow(ShapeError);
        await graph.replay();
        expect(new Set(await longY.read())).toEqual(new Set([21]));
        gpu.close();
    });

    it("keeps what it captured, outputs that were left out among it", async () => {
        const { gpu, add, axpy, tensor } = await setUp();
        const out = tensor(0, 0);
        const graph = await (async () => {
            using a = tensor(1, 2);
            using b = tensor(10, 20);
            const made = await gpu.capture({}, async () => {
                const { outputs } = await add({ a, b });
                axpy.enqueue({ a: 2, x: outputs.c as typeof a, y: out });
            });
            await gpu.synchronize();
            return made;
        })();
        // Others may not get the memory of a and b.
        const others = Array.from({ length: 10 }, () => tensor(-1, -1));
        await graph.replay();
        expect([...(await out.read())]).toEqual([22, 44]);
        graph.dispose();
        graph.dispose();
        await expect(graph.replay()).rejects.toThrow(DisposedError);
        expect(others.every((each) => !each.disposed)).toBe(true);
        gpu.close();
    });

    it("is ordered with everything else", async () => {
        const { gpu, axpy, tensor } = await setUp();
        const [x, y] = [tensor(1, 1), tensor(0, 0)];
        const graph = await gpu.capture({ a: 1 }, ({ a }) => axpy.enqueue({ a, x, y }));
        using stream = gpu.stream();
        for (let i = 0; i < 20; i++) {
            graph.enqueue({ a: i }, { stream });
            axpy.enqueue({ a: 100, x, y });
        }
        // 0 + 1 + … + 19, and 20 times 100.
        expect([...(await y.read())]).toEqual([2190, 2190]);
        gpu.close();
    });

    it("refuses what it can't be", async () => {
        const { gpu, axpy, tensor } = await setUp();
        const [x, y] = [tensor(1, 1), tensor(0, 0)];
        await expect(gpu.capture({ x }, ({ x }) => x.read())).rejects.toThrow(
            /takes launches and copies on the device alone/,
        );
        await expect(gpu.capture({ x }, ({ x }) => x.write([1, 2]))).rejects.toThrow(
            /takes launches and copies on the device alone/,
        );
        await expect(gpu.capture({ a: 1 }, ({ a }) => axpy({ a: a + 1, x, y }))).rejects.toThrow(
            /a is a parameter of a graph that is being captured/,
        );
        await expect(gpu.capture(1 as never, () => {})).rejects.toThrow(ArgumentError);
        await expect(gpu.capture({}, () => axpy({ a: 1, x }))).resolves.toBeDefined();
        await expect(gpu.capture({}, () => axpy({ x, y } as never))).rejects.toThrow(/missing the argument a/);
        const graph = await gpu.capture({ a: 1, x }, ({ a, x }) => axpy.enqueue({ a, x: x.slice([0, 2]), y }));
        await expect(graph.replay({ b: 1 } as never)).rejects.toThrow(/no parameter b.*it has a, x/);
        await expect(graph.replay({ x: y })).rejects.toThrow(/views of it/);
        await expect(graph.replay({ a: "two" } as never)).rejects.toThrow(ArgumentError);
        await graph.replay({ a: 2 });
        expect([...(await y.read())]).toEqual([2, 2]);
        gpu.close();
        await expect(graph.replay()).rejects.toThrow(DisposedError);
    });

    it("takes another tensor where its views are parameters as well", async () => {
        const { gpu, axpy, tensor } = await setUp();
        const [x, y, z] = [tensor(1, 2, 3), tensor(0, 0), tensor(10, 20, 30)];
        const part = x.slice([1, 3]);
        const graph = await gpu.capture({ x, part }, ({ part }) => axpy.enqueue({ a: 1, x: part, y }));
        await graph.replay({ x: z, part: z.slice([0, 2]) });
        expect([...(await y.read())]).toEqual([10, 20]);
        gpu.close();
    });

    it("runs what was called before it is disposed of", async () => {
        const { gpu, axpy, tensor } = await setUp();
        const [x, y] = [tensor(1, 2), tensor(0, 0)];
        const graph = await gpu.capture({ a: 1 }, ({ a }) => {
            for (let i = 0; i < 3; i++) axpy.enqueue({ a, x, y });
        });
        graph.enqueue();
        const replayed = graph.replay({ a: 2 });
        graph.dispose();
        await replayed;
        expect([...(await y.read())]).toEqual([9, 18]);
        gpu.close();
    });
});

describe("a graph on the device", () => {
    it("has copies, and runs what depends on each other in order", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { add_one } = await gpu.load<"add_one">({ source: SOURCE_ADD });
        const x = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        const y = gpu.tensor("f32", [4]);
        const z = gpu.tensor("f32", [4]);
        using graph = await gpu.capture({ x, z }, async () => {
            add_one.enqueue({ x });
            await gpu.copy(y, x);
            add_one.enqueue({ x: y });
            await gpu.copy(z, y);
        });
        expect(graph.size).toBe(4);
        await graph.replay();
        graph.enqueue();
        expect([...(await x.read())]).toEqual([3, 4, 5, 6]);
        expect([...(await z.read())]).toEqual([4, 5, 6, 7]);
        const other = gpu.tensor("f32", [4]);
        await graph.replay({ z: other });
        expect([...(await other.read())]).toEqual([5, 6, 7, 8]);
        expect([...(await z.read())]).toEqual([4, 5, 6, 7]);
    });

    it("takes changes in the order of the calls, on whichever stream", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { add } = await gpu.load<"add">({ source: SOURCE_ADD });
        const x = gpu.tensor("f32", [4]);
        using graph = await gpu.capture({ a: 0, x }, ({ a }) => {
            add.enqueue({ a, x });
            add.enqueue({ a, x });
        });
        const streams = [gpu.stream(), gpu.stream(), undefined];
        let sum = 0;
        for (let round = 1; round <= 60; round++) {
            const stream = streams[round % 3];
            graph.enqueue({ a: round % 7 }, stream === undefined ? {} : { stream });
            sum += 2 * (round % 7);
        }
        expect([...(await x.read())]).toEqual(Array(4).fill(sum));
    });

    it("is made anew where a change leaves nothing to run", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { add } = await gpu.load<"add">({ source: SOURCE_ADD });
        const [x, y, none] = [gpu.tensor("f32", [4]), gpu.tensor("f32", [4]), gpu.tensor("f32", [0])];
        using graph = await gpu.capture({ x, y }, () => {
            add.enqueue({ a: 1, x });
            add.enqueue({ a: 1, x: y });
        });
        await graph.replay();
        await graph.replay({ x: none });
        await graph.replay({ x });
        expect([...(await x.read()), ...(await y.read())]).toEqual([2, 2, 2, 2, 3, 3, 3, 3]);
    });

    it("has no copies from elsewhere", async () => {
        using gpu = await open("vgpu:gfx1100");
        using other = await open("vgpu:gfx942");
        const [x, y] = [gpu.tensor("f32", [4]), other.tensor("f32", [4])];
        await expect(gpu.capture({}, () => gpu.copy(x, y))).rejects.toThrow(/copies on its own device alone/);
        await expect(gpu.capture({}, () => gpu.copy(x, gpu.tensor("f32", [5])))).rejects.toThrow(/does not fit into/);
    });
});

const SOURCE_REPORTS = `
kernel add_one(x: mut f32[n]) over i in n { x[i] = x[i] + 1.0 }
kernel below(limit: f32, x: f32[n]) over i in n { assert(x[i] < limit, "too large: {}", x[i]) }
kernel show(x: f32[n]) over i in n { if i == 0 { print("x is {}", x[i]) } }
kernel pick(at: index, x: f32[n], y: mut f32[m]) over i in m { y[i] = x[at] }
`;

describe("what kernels of a replayed graph report", () => {
    async function setUpReports() {
        const gpu = await open("vgpu:gfx1100");
        const input = { source: SOURCE_REPORTS, path: "reports.soma" };
        const kernels = await gpu.load<"add_one" | "below" | "show" | "pick">(input, { bounds: "checked" });
        const printed: string[] = [];
        gpu.reports({ print: ({ text, kernel }) => printed.push(`${kernel}: ${text}`) });
        return { gpu, ...kernels, printed, x: gpu.tensor("f32", [4]) };
    }

    it("fails the replay, with all other kernels run, and leaves the graph usable", async () => {
        const { gpu, add_one, below, show, printed, x } = await setUpReports();
        using graph = await gpu.capture({ limit: 2 }, ({ limit }) => {
            add_one.enqueue({ x });
            below.enqueue({ limit, x });
            show.enqueue({ x });
        });
        await graph.replay();
        const fault = await graph.replay().catch((error: unknown) => error);
        expect(fault).toBeInstanceOf(AssertionFault);
        expect(fault).toMatchObject({ kernel: "below", count: 4, text: "too large: 2" });
        expect(fault).toMatchObject({ place: { file: "reports.soma", line: 3 } });
        await graph.replay({ limit: 10 });
        expect(printed).toEqual(["show: x is 1", "show: x is 2", "show: x is 3"]);
        gpu.close();
    });

    it("is told apart of replays that are queued together, on whichever stream", async () => {
        const { gpu, add_one, show, printed, x } = await setUpReports();
        using graph = await gpu.capture({}, () => {
            for (let i = 0; i < 2; i++) {
                add_one.enqueue({ x });
                show.enqueue({ x });
            }
        });
        using alone = await gpu.capture({}, () => show.enqueue({ x }));
        using stream = gpu.stream();
        await Promise.all([graph.replay(), graph.replay({}, { stream }), graph.replay(), alone.replay()]);
        const values = printed.map((text) => Number(text.split(" ").at(-1)));
        expect(values.sort()).toEqual([1, 2, 3, 4, 5, 6, 6]);
        gpu.close();
    });

    it("has accesses out of bounds, and what nobody awaits is told by what is awaited behind it", async () => {
        const { gpu, pick, x } = await setUpReports();
        const y = gpu.tensor("f32", [1]);
        using graph = await gpu.capture({ at: 3 }, ({ at }) => {
            pick.enqueue({ at, x, y });
            pick.enqueue({ at: 0, x, y });
        });
        await graph.replay();
        graph.enqueue({ at: 4 });
        await expect(gpu.synchronize()).rejects.toThrow(BoundsFault);
        await graph.replay({ at: 0 });
        gpu.close();
    });
});
