// Programs that between them use every construct of the language and every operation of the IR.

const INTEGERS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "index"];
const FLOATS = ["f16", "f32", "f64"];
const SCALARS = [...INTEGERS, ...FLOATS];

function kernelOver(name: string, parameters: string, body: string): string {
    return `kernel ${name}(${parameters}) over i in n {\n${body}\n}\n`;
}

/** Every binary operator and comparison of a type, with compound assignment. */
function operators(type: string): string {
    const integer = INTEGERS.includes(type);
    const all = integer ? ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"] : ["+", "-", "*", "/"];
    const lines = all.map((op) => `    out[i] = a[i] ${op} b[i]\n    out[i] ${op}= b[i]`);
    const comparisons = ["==", "!=", "<", "<=", ">", ">="].map((op) => `    if a[i] ${op} b[i] { out[i] = b[i] }`);
    const unary = [...(type.startsWith("u") ? [] : ["-"]), ...(integer ? ["~"] : [])].map(
        (op) => `    out[i] += ${op}a[i]`,
    );
    return kernelOver(
        `operators_${type}`,
        `a: ${type}[n], b: ${type}[n], out: mut ${type}[n]`,
        [...lines, ...comparisons, ...unary].join("\n"),
    );
}

function conversions(from: string): string {
    const targets = SCALARS.filter((to) => to !== from);
    const outputs = targets.map((to) => `to_${to}: mut ${to}[n]`).join(", ");
    const body = targets.map((to) => `    to_${to}[i] = x[i] as ${to}`).join("\n");
    return kernelOver(`convert_${from}`, `x: ${from}[n], ${outputs}`, body);
}

function floatFunctions(type: string): string {
    const bits = { f16: "u16", f32: "u32", f64: "u64" }[type] ?? "u32";
    const unary = ["abs", "floor", "ceil", "trunc", "round", "sqrt", ...(type === "f64" ? [] : ["exp2", "log2"])];
    const lines = [
        ...unary.map((name) => `    y[i] += ${name}(x[i])`),
        ...["min", "max", "copysign"].map((name) => `    y[i] += ${name}(x[i], y[i])`),
        "    y[i] = fma(x[i], y[i], x[i]) + ldexp(x[i], 3)",
        "    if is_nan(x[i]) || is_inf(x[i]) { y[i] = x[i] }",
        `    y[i] = ${type}_from_bits(to_bits(x[i]) ^ 1)`,
        `    y[i] = x[i] * x[i] + y[i] * y[i] - x[i]`,
        `    y[i] -= x[i] * x[i]`,
    ];
    return kernelOver(`functions_${type}`, `x: ${type}[n], y: mut ${type}[n], b: ${bits}[n]`, lines.join("\n"));
}

function integerFunctions(type: string): string {
    const words = ["i32", "u32", "i64", "u64"].includes(type);
    const lines = [
        ...["min", "max"].map((name) => `    y[i] += ${name}(x[i], y[i])`),
        ...(type.startsWith("u") ? [] : ["    y[i] += abs(x[i])"]),
        ...(words ? ["count_ones", "leading_zeros", "trailing_zeros", "reverse_bits"] : []).map(
            (name) => `    y[i] += ${name}(x[i])`,
        ),
        ...(words ? ["    y[i] += mul_high(x[i], y[i])"] : []),
    ];
    return kernelOver(`functions_${type}`, `x: ${type}[n], y: mut ${type}[n]`, lines.join("\n"));
}

function atomics(type: string, space: "global" | "shared"): string {
    const float = FLOATS.includes(type);
    const names = float
        ? ["add", "min", "max", "exchange"]
        : ["add", "sub", "min", "max", "and", "or", "xor", "exchange"];
    const place = space === "shared" ? "s[local_id()]" : "y[local_id()]";
    const one = float ? "1.0" : "1";
    const lines = [
        ...names.map((name) => `    y[0] += atomic_${name}(${place}, ${one})`),
        ...(float ? [] : [`    y[0] += atomic_compare_exchange(${place}, 1, 2)`]),
        `    y[0] += atomic_sub(${place}, ${one}, order: acq_rel, scope: system)`,
        `    y[0] += atomic_load(${place}, order: acquire) + atomic_load(${place}, scope: workgroup)`,
        `    atomic_store(${place}, ${one}, order: release, scope: device)`,
        ...(float ? [] : [`    y[0] += atomic_compare_exchange(${place}, 1, 2, order: release)`]),
        "    fence()",
        "    fence(scope: workgroup, order: release)",
        "    fence(scope: system, order: acquire)",
    ];
    const array =
        space === "shared" ? `    shared s: ${type}[64]\n    s[local_id()] = y[local_id()]\n    barrier()\n` : "";
    const head = `kernel atomics_${space}_${type}(y: mut ${type}[n]) groups n workgroup(64)`;
    return `${head} {\n${array}${lines.join("\n")}\n}\n`;
}

const WAVES = [
    "fn lanes(far: bool) -> index { if far { wave_size() } else { lane_id() } }",
    ...["i8", "u16", "i32", "u64", "index", "f16", "f32", "f64"].map((type) => {
        const bits = FLOATS.includes(type) ? [] : ["and", "or", "xor"];
        const combined = ["", "inclusive_", "exclusive_"].flatMap((scan) =>
            ["sum", "min", "max", ...bits].map((kind) => `wave_${scan}${kind}(x[i])`),
        );
        const moved = [
            "(x[i], k)",
            "_xor(x[i], k)",
            "_xor(x[i], 5)",
            "_xor(x[i], 16)",
            "_up(x[i], 1)",
            "_down(x[i], k)",
        ].map((args) => `wave_shuffle${args}`);
        const all = [...combined, ...moved, "wave_broadcast(x[i], k)", "wave_first(x[i])"];
        return kernelOver(
            `waves_${type}`,
            `x: ${type}[n], y: mut ${type}[n], z: mut u64[n], k: index`,
            `${all.map((call) => `    y[i] += ${call}`).join("\n")}
    for j in 0 .. k {
        if wave_any(y[j] > x[i]) { z[i] = wave_ballot(x[j] != x[i]); break }
        if wave_all(y[i] == x[j]) && wave_is_first() { return }
    }
    if lane_id() < lanes(true) / 2 { y[i] = x[i] }`,
        );
    }),
].join("\n");

const CONTROL = `
fn collatz(start: u32) -> u32 {
    var x = start
    var steps: u32 = 0
    while x != 1 {
        if x % 2 == 0 { x /= 2 } else { x = 3 * x + 1 }
        steps += 1
        if steps > 1000 { return steps }
    }
    steps
}

fn parity(x: u32) -> u32 {
    if x % 2 == 0 { return 0 } else { return 1 }
}

fn first_negative(x: f32[n]) -> index {
    for i in 0 .. n {
        if x[i] < 0.0 { return i }
    }
    n
}

fn clear(y: mut f32[n], from: index) {
    if from >= n { return }
    for i in from .. n { y[i] = 0.0 }
}

kernel branches(x: f32[n], y: mut f32[n]) over i in n {
    if i == 0 { return }
    let left = if x[i - 1] > 0.0 { x[i - 1] } else if x[i - 1] < -1.0 { -1.0 } else { 0.0 }
    var value = { let t = left * 2.0; t + 1.0 }
    if value > 3.0 && x[i] > 0.0 || x[0] == 1.0 {
        value += x[i]
        if value > 10.0 { y[i] = value; return }
    } else {
        if x[i] > 5.0 { value = 5.0 }
    }
    y[i] = value
}

kernel loops(x: i32[n], y: mut i32[n]) over i in n {
    var sum: i32 = 0
    var count: i32 = 0
    for j in n - 1 .. -1 by -1 {
        if x[j] < 0 { continue }
        for k in 0 .. j by 3 {
            if x[k] == x[j] { break }
            if x[k] > 100 { count += 1; continue }
            sum += x[k]
        }
        if sum > 1000 { break }
    }
    var a = sum
    while true {
        a -= 1
        if a < 10 { break }
        if a % 7 == 0 { continue }
        count += 1
    }
    while { count += 1; count < 5 } { sum += 1 }
    y[i] = sum + count
}

kernel calls(x: f32[n], y: mut f32[n], z: mut u32[n]) over i in n {
    z[i] = collatz(i as u32 + 1) + parity(i as u32)
    if first_negative(x) == i { clear(y, i) }
}

kernel arrays(x: f32[n], y: mut f32[n]) over i in n {
    var stack: f32[4, 8]
    for j in 0 .. 8 { stack[i % 4, j] = x[(i + j) % n] }
    var flags: bool[4]
    flags[i % 4] = true
    var sum: f32 = 0.0
    for r in 0 .. 4 {
        if flags[r] { for c in 0 .. 8 { sum += stack[r, c] } }
    }
    y[i] = sum
}

kernel never_returns(x: mut i32[n]) over i in n {
    while true { x[i] += 1 }
}
`;

const LAUNCHES = `
kernel three(x: f32[a, b, c], y: mut f32[c, b, a]) over (i in a, j in b, k in c) {
    y[k, j, i] = x[i, j, k]
}

kernel extents(x: f32[rows + 1], y: mut f32[rows * 2, 3], flag: bool, mask: bool[rows]) over r in rows {
    y[r * 2, 0] = if flag && mask[r] { x[r] + x[r + 1] } else { x[rows] }
}

kernel transpose(x: f32[m, n], y: mut f32[n, m]) groups ((m + 15) / 16, (n + 15) / 16) workgroup(16, 16) {
    shared tile: f32[16, 17]
    let (i, j) = 0
    if global_id(0) < m && global_id(1) < n { tile[local_id(0), local_id(1)] = x[global_id(0), global_id(1)] }
    barrier()
    let r = group_id(1) * 16 + local_id(0)
    let c = group_id(0) * 16 + local_id(1)
    if r < n && c < m { y[r, c] = tile[local_id(1), local_id(0)] }
}

kernel sizes(out: mut index[6]) groups (g, h) workgroup(2, 32) {
    if global_id(0) == 0 && global_id(1) == 0 {
        out[0] = global_size(0)
        out[1] = global_size(1)
        out[2] = local_size(0)
        out[3] = local_size(1)
        out[4] = group_count(0)
        out[5] = group_count(1)
    }
}

kernel strided(x: f32[n], out: mut f32[g]) groups g workgroup(256) {
    shared buf: f32[256]
    var sum: f32 = 0.0
    for i in global_id() .. n by global_size() { sum += x[i] }
    buf[local_id()] = sum
    barrier()
    var s: index = 128
    while s > 0 {
        if local_id() < s { buf[local_id()] += buf[local_id() + s] }
        barrier()
        s /= 2
    }
    if local_id() == 0 { out[group_id()] = buf[0] }
}

kernel scalars(a: i8, b: u8, c: bool, d: f16, e: i64, f: f64, g: index, out: mut f64[n]) over i in n {
    if c { out[i] = a as f64 + b as f64 + d as f64 + e as f64 + f + g as f64 }
}
`.replace("    let (i, j) = 0\n", "");

const VIEWS = `
fn total(x: strided f32[n]) -> f32 {
    var sum: f32 = 0.0
    for i in 0 .. n { sum += x[i] }
    sum
}
fn fill(x: mut f32[n]) { for i in 0 .. n { x[i] = 1.0 } }

kernel slices(x: strided f32[m, n], y: mut alias large f32[m]) groups m workgroup(64) {
    shared buf: f32[8, 8]
    shared sized: f32[n]
    var own: f32[8]
    fill(sized)
    let row = x[group_id(), 1 .. n]
    fill(own[2 .. 6])
    fill(buf[local_id() % 8, :])
    barrier()
    y[group_id()] = total(row) + total(own) + total(buf[:, 1]) + total(x[:, 0])
}
`;

const REPORTS = `
fn positive(x: f16) -> f16 { assert(x > 0.0, "{}", x); print("{}", x as f64); x }

kernel reports(x: f16[n], k: i8, y: mut f16[n]) over i in n {
    print("{} {} {}", i, k, x[i] > 1.0)
    y[i] = positive(x[i])
}
`;

/** One source a name; each has kernels only of its own construct. */
export const CONSTRUCTS: Readonly<Record<string, string>> = {
    "integer operators": INTEGERS.map(operators).join("\n"),
    "float operators": FLOATS.map(operators).join("\n"),
    "conversions of integers": INTEGERS.map(conversions).join("\n"),
    "conversions of floats and bool": [...FLOATS, "bool"].map(conversions).join("\n"),
    "float functions": FLOATS.map(floatFunctions).join("\n"),
    "integer functions": INTEGERS.map(integerFunctions).join("\n"),
    "atomics on integers": ["i32", "u32", "i64", "u64"]
        .map((type) => atomics(type, "global") + atomics(type, "shared"))
        .join("\n"),
    "atomics on floats": ["f32", "f64"].map((type) => atomics(type, "global") + atomics(type, "shared")).join("\n"),
    waves: WAVES,
    "control flow": CONTROL,
    "launches and views": LAUNCHES,
    reports: REPORTS,
    "slices and strides": VIEWS,
};
